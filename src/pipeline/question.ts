// What `explain` is asked about, as the exchange that `chat` would make of it; nobody is asked on the way.
import { compact } from '../canonical/compact.ts'
import { GatewayError } from '../canonical/errors.ts'
import type { Json } from '../canonical/json.ts'
import type { ChatRequest } from '../canonical/request.ts'
import { chatCall } from '../dialects/chat-call.ts'
import { dialectById, dialects } from '../dialects/registry.ts'
import type { ChatExchange, Source, Target } from '../exchange/exchange.ts'
import { type ChatMessage, toChatRequest } from '../providers/chat-message.ts'
import type { ManagerChatOptions, ProviderManager } from '../providers/manager.ts'
import { type KnownProvider, resolveModel } from '../routing/resolve.ts'
import type { WireHeaders } from '../wire/message.ts'

/** A request as clients of a wire protocol send it. */
export interface WireQuestion {
  /** The protocol's id, such as `anthropic-messages`. */
  readonly dialect: string
  readonly body: Json
  /** Where the protocol says something in the path, such as Gemini its model. Default: the usual place. */
  readonly path?: string
  /** Names in lower case. */
  readonly headers?: WireHeaders
}

/** One user message, a conversation, or a request of a wire protocol. */
export type Question = string | readonly ChatMessage[] | WireQuestion

export interface ExplainOptions extends ManagerChatOptions {
  /** Whether the answer would be asked for as a stream; a request of a wire protocol says it itself. Default false. */
  readonly stream?: boolean
}

/** Throws what `chat` throws before it knows its target. */
export async function exchangeOf(
  manager: ProviderManager,
  question: Question,
  options: ExplainOptions,
): Promise<ChatExchange> {
  const { provider, model, policy = 'default', stream = false, ...rest } = options
  const signal = options.signal ?? new AbortController().signal
  const ask = { operation: 'chat', id: 'explanation', policy, signal } as const
  if (typeof question !== 'string' && 'dialect' in question) {
    const { request, source } = decoded(question, model)
    const target = await targetOf(manager, { provider, model, named: request.model })
    return { ...ask, request, source, target }
  }
  const target = await targetOf(manager, { provider, model, named: '' })
  const messages: readonly ChatMessage[] =
    typeof question === 'string' ? [{ role: 'user', content: question }] : question
  const request = toChatRequest(messages, target.model, rest)
  const streamed = stream ? { enabled: true, includeUsage: true } : { enabled: false }
  return { ...ask, request: { ...request, stream: streamed }, target }
}

function decoded(
  question: WireQuestion,
  model: string | undefined,
): { readonly request: ChatRequest; readonly source: Source } {
  const dialect = dialectById(question.dialect)
  if (dialect === undefined) {
    const known = dialects.map(({ id }) => id).join(', ')
    throw new GatewayError(
      'invalid_request',
      `There is no protocol "${question.dialect}". Known: ${known}.`,
      { code: 'unknown_dialect', param: 'dialect' },
    )
  }
  const wire = chatCall(dialect, compact({ ...question, model }))
  const { path, body } = wire
  const source = { dialect: dialect.id, path, body, text: JSON.stringify(body) }
  return { request: dialect.request.decode(wire), source }
}

interface Asked {
  readonly provider: string | undefined
  readonly model: string | undefined
  /** The request's own word for the model; empty where it has none. */
  readonly named: string
}

async function targetOf(manager: ProviderManager, asked: Asked): Promise<Target> {
  const { provider, model, named } = asked
  if (provider === undefined && model === undefined && named !== '') {
    const providers = await Promise.all(manager.listProviders().map(async (one) => known(one)))
    const { defaultName: defaultProvider } = manager
    return resolveModel(named, compact({ providers, aliases: {}, defaultProvider }))
  }
  const chosen = manager.getProvider(provider)
  chosen.assertEnabled()
  if (model !== undefined) return { provider: chosen.name, model }
  const entry = await known(chosen)
  return resolveModel(chosen.name, { providers: [entry], aliases: {} })
}

async function known(provider: ReturnType<ProviderManager['getProvider']>): Promise<KnownProvider> {
  const { name, enabled, config } = provider
  const cards = await provider.knownModels()
  const models = cards?.map(({ id }) => id)
  return compact({ name, enabled, models, defaultModel: config.defaultModel })
}
