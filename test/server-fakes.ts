// Stand-ins for the server's tests: requests, a clock that moves when told, and a provider that says what it is told.
import type { ChatExchange, ChatReply } from '../src/exchange/exchange.ts'
import { BaseProvider } from '../src/providers/base-provider.ts'
import { type ChatAnswer, textAnswer } from '../src/providers/chat-answer.ts'
import type { MinimalEmbedAnswer } from '../src/providers/embed-answer.ts'
import type { After, Inbound } from '../src/server/message.ts'
import { headersIn, valuesIn } from '../src/server/request-headers.ts'

export interface InboundOptions {
  readonly method?: string
  readonly url?: string
  readonly headers?: Readonly<Record<string, string | readonly string[]>>
  readonly body?: string | Uint8Array
  readonly signal?: AbortSignal
}

export function inbound(options: InboundOptions = {}): Inbound {
  const { method = 'GET', url = '/', headers = {}, body = '', signal } = options
  const given = Object.entries({ host: 'localhost:8787', ...headers })
  const raw = given.flatMap(([name, value]) =>
    (typeof value === 'string' ? [value] : value).flatMap((one) => [name, one]),
  )
  return {
    method,
    url,
    headers: headersIn(raw),
    valuesOf: (name) => valuesIn(raw, name),
    readBody: async () => (typeof body === 'string' ? new TextEncoder().encode(body) : body),
    signal: signal ?? new AbortController().signal,
  }
}

interface Timer {
  at: number
  readonly run: () => void
}

/** A clock that moves only when told to. */
export class FakeTime {
  #now = 0
  readonly #timers = new Set<Timer>()

  readonly now = (): number => this.#now

  readonly after: After = (milliseconds, run) => {
    const timer = { at: this.#now + milliseconds, run }
    this.#timers.add(timer)
    return () => this.#timers.delete(timer)
  }

  /** How many timers are set. */
  get waiting(): number {
    return this.#timers.size
  }

  /** Moves on, runs what has come due, and lets promises settle. */
  async pass(milliseconds: number): Promise<void> {
    this.#now += milliseconds
    for (const timer of this.#timers) {
      if (timer.at > this.#now) continue
      this.#timers.delete(timer)
      timer.run()
    }
    await settled()
  }
}

/** Gives every promise that can go on the time to do so. */
export async function settled(): Promise<void> {
  await new Promise((resolve) => {
    setImmediate(resolve)
  })
}

export interface FakeProviderOptions {
  readonly name: string
  readonly local: boolean
  readonly enabled?: boolean
  readonly models?: readonly string[]
  readonly defaultModel?: string
  /** Set where its list cannot be had. */
  readonly listFailure?: Error
  /** What a call is answered with; default: the word "pong". */
  readonly answer?: (exchange: ChatExchange) => Promise<ChatReply>
}

/** Canary: no answer, log or error may ever hold it. */
export const CANARY_KEY = 'sk-canary-3f9a1c'

export class FakeProvider extends BaseProvider {
  readonly asked: ChatExchange[] = []
  readonly #options: FakeProviderOptions

  constructor(options: FakeProviderOptions) {
    const { name, local, enabled = true, models = ['tiny'], defaultModel } = options
    super({
      providerType: 'fake',
      name,
      enabled,
      models,
      apiKey: CANARY_KEY,
      settings: { local },
      ...(defaultModel === undefined ? {} : { defaultModel }),
    })
    this.#options = options
  }

  override async chat(): Promise<ChatAnswer> {
    return textAnswer({
      content: 'pong',
      tokensUsed: 3,
      usage: { input: { total: 2 }, output: { total: 1 } },
    })
  }

  /** The length of each text, and one. */
  override async embed(inputs: readonly string[]): Promise<MinimalEmbedAnswer> {
    const vectors = inputs.map((text) => [text.length, 1])
    return { vectors, usage: { input: { total: inputs.length } } }
  }

  override async listModels(): Promise<string[]> {
    if (this.#options.listFailure !== undefined) throw this.#options.listFailure
    return [...(this.config.models ?? [])]
  }

  override async healthCheck(): Promise<boolean> {
    return this.#options.listFailure === undefined
  }

  protected override async answer(exchange: ChatExchange): Promise<ChatReply> {
    this.asked.push(exchange)
    return this.#options.answer?.(exchange) ?? super.answer(exchange)
  }
}
