// What `explain` is asked about, as the exchange that `chat` would make of it; nobody is asked on the way.
import { compact } from '../canonical/compact.ts'
import { GatewayError } from '../canonical/errors.ts'
import type { Json } from '../canonical/json.ts'
import type { ChatRequest } from '../canonical/request.ts'
import { chatCall } from '../dialects/chat-call.ts'
import { dialectById, dialects } from '../dialects/registry.ts'
import type { ChatExchange, Source } from '../exchange/exchange.ts'
import { type ChatMessage, toChatRequest } from '../providers/chat-message.ts'
import type { ManagerChatOptions, ProviderManager } from '../providers/manager.ts'
import { firstOf } from '../routing/choice.ts'
import { resolveModel } from '../routing/resolve.ts'
import type { RouteTable } from '../routing/route-table.ts'
import type { WireHeaders } from '../wire/message.ts'
import { choiceIn, knownCards, snapshotOf } from './snapshot.ts'

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

/** Where names are looked up. */
export interface Names {
  readonly manager: ProviderManager
  readonly routes: RouteTable
}

/** Throws what `chat` throws before it knows its target. */
export async function exchangeOf(
  names: Names,
  question: Question,
  options: ExplainOptions,
): Promise<ChatExchange> {
  const { provider, model, policy = 'default', stream = false, ...rest } = options
  const signal = options.signal ?? new AbortController().signal
  const ask = { operation: 'chat', id: 'explanation', policy, signal } as const
  if (typeof question !== 'string' && 'dialect' in question) {
    const { request, source } = decoded(question, model)
    const targets = await targetsOf(names, { provider, model, named: request.model })
    return { ...ask, request, source, ...targets }
  }
  const targets = await targetsOf(names, { provider, model, named: '' })
  const messages: readonly ChatMessage[] =
    typeof question === 'string' ? [{ role: 'user', content: question }] : question
  const request = toChatRequest(messages, targets.target.model, rest)
  const streamed = stream ? { enabled: true, includeUsage: true } : { enabled: false }
  return { ...ask, request: { ...request, stream: streamed }, ...targets }
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

async function targetsOf(
  { manager, routes }: Names,
  { provider, model, named }: Asked,
): Promise<Pick<ChatExchange, 'target' | 'choice'>> {
  const route = provider === undefined ? routes.find(model ?? named) : undefined
  if (route !== undefined) {
    const choice = await choiceIn(manager, route, knownCards)
    return { target: firstOf(choice), choice }
  }
  const snapshot = await snapshotOf(manager, knownCards)
  if (provider === undefined && model === undefined && named !== '') {
    return { target: resolveModel(named, snapshot) }
  }
  const chosen = manager.getProvider(provider)
  chosen.assertEnabled()
  if (model !== undefined) return { target: { provider: chosen.name, model } }
  return { target: resolveModel(chosen.name, snapshot) }
}
