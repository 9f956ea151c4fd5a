// A provider that answers in the canonical model: chat and stream are derived from its one answer.
import type { ChatEvent } from '../canonical/event.ts'
import type { ChatRequest } from '../canonical/request.ts'
import { chatReply, embedReply } from '../exchange/expected.ts'
import type { ChatExchange, ChatReply } from '../exchange/exchange.ts'
import { BaseProvider } from './base-provider.ts'
import { type ChatAnswer, toChatAnswer } from './chat-answer.ts'
import { type ChatMessage, type ChatOptions, toChatRequest } from './chat-message.ts'
import {
  type EmbedAnswer,
  type EmbedOptions,
  toEmbedAnswer,
  toEmbedRequest,
} from './embed-answer.ts'
import { eventsOf, wholeResponse } from './reply.ts'

interface Ask {
  readonly messages: readonly ChatMessage[]
  readonly model: string | undefined
  readonly options: ChatOptions
  readonly stream: ChatRequest['stream']
}

export abstract class ExchangeProvider extends BaseProvider {
  protected abstract override answer(exchange: ChatExchange): Promise<ChatReply>

  override async chat(
    messages: readonly ChatMessage[],
    model?: string,
    options: ChatOptions = {},
  ): Promise<ChatAnswer> {
    const startedAt = this.clock()
    const exchange = await this.#exchange({ messages, model, options, stream: { enabled: false } })
    const reply = chatReply(await this.handle(exchange))
    const response = await wholeResponse(reply, exchange)
    const latencyMs = this.clock() - startedAt
    return toChatAnswer(response, { provider: this.name, latencyMs, notes: reply.notes })
  }

  override async *stream(
    messages: readonly ChatMessage[],
    model?: string,
    options: ChatOptions = {},
  ): AsyncIterable<ChatEvent> {
    const stream = { enabled: true, includeUsage: true }
    const exchange = await this.#exchange({ messages, model, options, stream })
    yield* eventsOf(chatReply(await this.handle(exchange)))
  }

  override async embed(
    inputs: readonly string[],
    model?: string,
    options: EmbedOptions = {},
  ): Promise<EmbedAnswer> {
    this.assertEnabled()
    const startedAt = this.clock()
    const signal = options.signal ?? new AbortController().signal
    const named = await this.resolveModel(model, signal)
    const reply = embedReply(
      await this.handle({
        operation: 'embed',
        id: crypto.randomUUID(),
        request: toEmbedRequest(inputs, named, options),
        target: { provider: this.name, model: named },
        policy: options.policy ?? 'default',
        signal,
      }),
    )
    const latencyMs = this.clock() - startedAt
    return toEmbedAnswer(reply.response, { provider: this.name, latencyMs, notes: reply.notes })
  }

  override async listModels(): Promise<string[]> {
    return (await this.describeModels()).map((card) => card.id)
  }

  override async healthCheck(): Promise<boolean> {
    return (await this.checkHealth()).healthy
  }

  async #exchange(ask: Ask): Promise<ChatExchange> {
    this.assertEnabled()
    const signal = ask.options.signal ?? new AbortController().signal
    const model = await this.resolveModel(ask.model, signal)
    return {
      operation: 'chat',
      id: crypto.randomUUID(),
      request: { ...toChatRequest(ask.messages, model, ask.options), stream: ask.stream },
      target: { provider: this.name, model },
      policy: ask.options.policy ?? 'default',
      signal,
    }
  }
}
