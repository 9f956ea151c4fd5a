// A crowd of streams at gateways with limits, and a provider that keeps its own count of what got through.
import type { ChatEvent } from '../src/canonical/event.ts'
import type { LimitRule } from '../src/resilience/limits/limit-rule.ts'
import type { Happening } from '../src/exchange/happening.ts'
import type { RedisConfig } from '../src/config/schema.ts'
import { type OpenGateway, openGateway } from './open-gateway.ts'
import { FakeProvider } from './server-fakes.ts'
import { singly } from '../src/exchange/singly.ts'

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
      answer: async () => ({ kind: 'stream', notes: [], events: singly(this.#events()) }),
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
  /** Of each gateway, by its place. */
  readonly redis?: (at: number) => RedisConfig
}

export class Crowd {
  readonly slow: SlowProvider = new SlowProvider()
  /** What happened at each gateway. */
  readonly happened: { readonly at: number; readonly happening: Happening }[] = []
  readonly #gateways: OpenGateway[] = []
  /** An answer that nobody holds on to is collected, and its stream with it: its client would be gone. */
  readonly #answers: Response[] = []

  static async open({ rules, gateways, redis }: CrowdSetup): Promise<Crowd> {
    const crowd = new Crowd()
    for (let count = 0; count < gateways; count += 1) {
      crowd.#gateways.push(
        await openGateway({
          providers: [crowd.slow.provider()],
          hear: (happening) => crowd.happened.push({ at: count, happening }),
          config: {
            limits: { maxBodyBytes: 10_000, rules },
            ...(redis === undefined ? {} : { redis: redis(count) }),
          },
        }),
      )
    }
    return crowd
  }

  /** So many streams at once, spread over the gateways: the answers as their heads come. */
  async rush(count: number): Promise<readonly Response[]> {
    return this.#kept(Array.from({ length: count }, async (_, at) => this.#ask(at)))
  }

  /** As rush, at one of the gateways. */
  async rushAt(at: number, count: number): Promise<readonly Response[]> {
    return this.#kept(Array.from({ length: count }, async () => this.#ask(at)))
  }

  /** The facts of one kind, in order. */
  facts<Type extends Happening['type']>(type: Type): readonly Extract<Happening, { type: Type }>[] {
    return this.happened.flatMap(({ happening }) => (isOf(happening, type) ? [happening] : []))
  }

  /** What a gateway says of whether it takes calls. */
  async readiness(at: number = 0): Promise<unknown> {
    const answer = await fetch(`${this.#gateways[at]?.url ?? ''}/readyz`)
    return { code: answer.status, said: await answer.json() }
  }

  async close(): Promise<void> {
    this.slow.finish()
    for (const gateway of this.#gateways) await gateway.close()
  }

  async #kept(asked: readonly Promise<Response>[]): Promise<readonly Response[]> {
    const answers = await Promise.all(asked)
    this.#answers.push(...answers)
    return answers
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

function isOf<Type extends Happening['type']>(
  happening: Happening,
  type: Type,
): happening is Extract<Happening, { type: Type }> {
  return happening.type === type
}

/** How many answers have which status. */
export function statuses(answers: readonly Response[]): Readonly<Record<number, number>> {
  const counts: Record<number, number> = {}
  for (const { status } of answers) counts[status] = (counts[status] ?? 0) + 1
  return counts
}
