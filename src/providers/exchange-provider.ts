// A provider that answers in the canonical model: chat and stream are derived from its one answer.
import type { ChatEvent } from '../canonical/event.ts'
import type { ChatRequest } from '../canonical/request.ts'
import type { Exchange, Reply } from '../exchange/exchange.ts'
import { BaseProvider } from './base-provider.ts'
import { type ChatAnswer, toChatAnswer } from './chat-answer.ts'
import { type ChatMessage, type ChatOptions, toChatRequest } from './chat-message.ts'
import { eventsOf, wholeResponse } from './reply.ts'

interface Ask {
  readonly messages: readonly ChatMessage[]
  readonly model: string | undefined
  readonly options: ChatOptions
  readonly stream: ChatRequest['stream']
}

export abstract class ExchangeProvider extends BaseProvider {
  protected abstract override answer(exchange: Exchange): Promise<Reply>

  override async chat(
    messages: readonly ChatMessage[],
    model?: string,
    options: ChatOptions = {},
  ): Promise<ChatAnswer> {
    const startedAt = this.clock()
    const exchange = await this.#exchange({ messages, model, options, stream: { enabled: false } })
    const reply = await this.handle(exchange)
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
    yield* eventsOf(await this.handle(await this.#exchange({ messages, model, options, stream })))
  }

  override async listModels(): Promise<string[]> {
    return (await this.describeModels()).map((card) => card.id)
  }

  override async healthCheck(): Promise<boolean> {
    return (await this.checkHealth()).healthy
  }

  async #exchange(ask: Ask): Promise<Exchange> {
    this.assertEnabled()
    const signal = ask.options.signal ?? new AbortController().signal
    const model = await this.resolveModel(ask.model, signal)
    return {
      id: crypto.randomUUID(),
      request: { ...toChatRequest(ask.messages, model, ask.options), stream: ask.stream },
      target: { provider: this.name, model },
      policy: ask.options.policy ?? 'default',
      signal,
    }
  }
}
