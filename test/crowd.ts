// A crowd of streams at gateways with limits, and a provider that keeps its own count of what got through.
import type { ChatEvent } from '../src/canonical/event.ts'
import type { LimitRule } from '../src/resilience/limits/limit-rule.ts'
import type { RedisConfig } from '../src/config/schema.ts'
import { type OpenGateway, openGateway } from './open-gateway.ts'
import { FakeProvider } from './server-fakes.ts'

/** What each answer of the provider uses, and what each question of the crowd sets aside. */
export const TOKENS_EACH = 100

/** Answers with streams that end when told to. */
export class SlowProvider {
  begun = 0
  running = 0
  mostAtOnce = 0
  #ends: (() => void)[] = []

  provider(): FakeProvider {
    return new FakeProvider({
      name: 'slow',
      local: true,
      models: ['tiny'],
      answer: async () => ({ kind: 'stream', notes: [], events: this.#events() }),
    })
  }

  /** Ends every stream that runs. */
  finish(): void {
    for (const end of this.#ends) end()
    this.#ends = []
  }

  async *#events(): AsyncGenerator<ChatEvent> {
    this.begun += 1
    this.running += 1
    this.mostAtOnce = Math.max(this.mostAtOnce, this.running)
    const { promise: end, resolve } = Promise.withResolvers<void>()
    this.#ends.push(resolve)
    try {
      yield { type: 'response-start', origin: { dialect: 'fake' }, model: 'tiny' }
      await end
      yield { type: 'usage-update', usage: { total: TOKENS_EACH } }
      yield { type: 'response-end' }
    } finally {
      this.running -= 1
    }
  }
}

export interface CrowdSetup {
  readonly rules: readonly LimitRule[]
  readonly gateways: number
  readonly redis?: RedisConfig
}

export class Crowd {
  readonly slow: SlowProvider = new SlowProvider()
  readonly #gateways: OpenGateway[] = []

  static async open({ rules, gateways, redis }: CrowdSetup): Promise<Crowd> {
    const crowd = new Crowd()
    for (let count = 0; count < gateways; count += 1) {
      crowd.#gateways.push(
        await openGateway({
          providers: [crowd.slow.provider()],
          config: {
            limits: { maxBodyBytes: 10_000, rules },
            ...(redis === undefined ? {} : { redis }),
          },
        }),
      )
    }
    return crowd
  }

  /** So many streams at once, spread over the gateways: the answers as their heads come. */
  async rush(count: number): Promise<readonly Response[]> {
    return Promise.all(Array.from({ length: count }, async (_, at) => this.#ask(at)))
  }

  async close(): Promise<void> {
    this.slow.finish()
    for (const gateway of this.#gateways) await gateway.close()
  }

  async #ask(at: number): Promise<Response> {
    const { url = '' } = this.#gateways[at % this.#gateways.length] ?? {}
    return fetch(`${url}/v1/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        model: 'tiny',
        stream: true,
        // The question is guessed to be 8.
        max_tokens: TOKENS_EACH - 8,
        messages: [{ role: 'user', content: 'Go' }],
      }),
    })
  }
}

/** How many answers have which status. */
export function statuses(answers: readonly Response[]): Readonly<Record<number, number>> {
  const counts: Record<number, number> = {}
  for (const { status } of answers) counts[status] = (counts[status] ?? 0) + 1
  return counts
}
