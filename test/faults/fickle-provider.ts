// Providers in virtual time: they answer or fail as the test's clock says, and count who asks.
import { GatewayError } from '../../src/canonical/errors.ts'
import { ProviderManager } from '../../src/pipeline/library.ts'
import { BaseProvider } from '../../src/providers/base-provider.ts'
import { type ChatAnswer, textAnswer } from '../../src/providers/chat-answer.ts'

/** What a provider does with a call: at once, or when the promise is settled. */
type Mood = 'answers' | 'fails' | Promise<'answers' | 'fails'>

class FickleProvider extends BaseProvider {
  mood: () => Mood = () => 'answers'
  asked = 0
  running = 0
  mostAtOnce = 0

  constructor(name: string) {
    super({ providerType: 'fickle', name, models: ['m'] })
  }

  override async chat(): Promise<ChatAnswer> {
    this.asked += 1
    this.running += 1
    this.mostAtOnce = Math.max(this.mostAtOnce, this.running)
    const outcome = await this.mood()
    this.running -= 1
    if (outcome === 'answers') return textAnswer(this.name)
    throw new GatewayError('internal', 'x', { origin: 'upstream', upstream: { status: 500 } })
  }

  override async listModels(): Promise<string[]> {
    return ['m']
  }

  override async healthCheck(): Promise<boolean> {
    return true
  }
}

export interface World {
  readonly manager: ProviderManager
  readonly providers: readonly FickleProvider[]
  /** Milliseconds; moved by the test alone, waits between attempts too. */
  nowMs: number
  /** What became of a call of the route over all providers. */
  call(): Promise<'answered' | GatewayError>
}

/** `seed` decides all that is random. */
export function worldOf(names: readonly string[], seed: number): World {
  const random = randomOf(seed)
  const providers = names.map((name) => new FickleProvider(name))
  const world: World = {
    nowMs: 0,
    providers,
    manager: new ProviderManager({
      clock: () => world.nowMs,
      random,
      pause: async () => {},
    }),
    call: async () => {
      try {
        await world.manager.chat('Hi', { model: 'all' })
        return 'answered'
      } catch (thrown) {
        if (thrown instanceof GatewayError) return thrown
        throw thrown
      }
    },
  }
  for (const provider of providers) world.manager.registerProvider(provider)
  const targets = names.map((name) => ({ model: `${name}/m` }))
  world.manager.routes.set({ name: 'all', strategy: 'priority', targets })
  return world
}

/** Numbers from 0 to 1 that a seed decides (mulberry32). */
function randomOf(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}
