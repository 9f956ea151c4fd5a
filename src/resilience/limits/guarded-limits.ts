// Shared limits that go on when the place where they are counted is lost: each limit says how.
import type { LimiterAsked, LimiterBackendChanged, Tell } from '../../exchange/happening.ts'
import { CircuitBreaker } from '../circuit-breaker.ts'
import type {
  Charge,
  ConcurrencyTake,
  Denied,
  Granted,
  LimitStanding,
  LimitStore,
  OnLoss,
  OnLossMode,
  Take,
} from './limit.ts'
import type { MemoryLimits } from './memory-limits.ts'
import { Slices } from './slices.ts'

export interface GuardedOptions {
  readonly shared: LimitStore
  /** Counts alone while the shared count is lost. */
  readonly own: MemoryLimits
  /** How many gateways share the limits: each takes that part of a limit that is counted alone. */
  readonly instances: number
  /** Milliseconds. */
  readonly clock: () => number
  /** 0 to 1. */
  readonly random: () => number
  readonly tell?: Tell
  /** Whether the shared count is there, where that is known already. */
  readonly backend?: LimiterBackendChanged['state']
}

/** A lost count is asked for again soon: nothing there is spared by waiting. */
const BREAKER = {
  consecutive: 2,
  ratio: 1,
  samples: 1000,
  windowMs: 10_000,
  openMs: 250,
  maxOpenMs: 2000,
  jitter: 0.2,
  trials: 1,
  slowStartMs: 0,
  forgiveMs: 1000,
} as const

/** When a limit that may not be counted alone has room is not known: soon, if at all. */
const RETRY_MS = 1000

export class GuardedLimits implements LimitStore {
  readonly #options: GuardedOptions
  readonly #breaker: CircuitBreaker
  readonly #slices: Slices
  /** Charges that could not be told, by key; they are told first when the count is back. */
  readonly #owed = new Map<string, Charge>()

  #state: LimiterBackendChanged['state'] | undefined

  constructor(options: GuardedOptions) {
    this.#options = options
    const { clock, random } = options
    this.#breaker = new CircuitBreaker({ clock, random }, BREAKER)
    this.#slices = new Slices(clock)
    if (options.backend !== undefined) this.#stands(options.backend)
  }

  async take(takes: readonly Take[]): Promise<Granted | Denied> {
    const answer = await this.#try('take', async (shared) => {
      await this.#settle(shared)
      return shared.take(takes)
    })
    if (answer === undefined) return { ...this.#takeAlone(takes), mode: modeOf(takes) }
    if (answer.granted) void this.#fillSlices(takes)
    return { ...answer, mode: 'shared' }
  }

  async charge(charges: readonly Charge[]): Promise<void> {
    const told = await this.#try('charge', async (shared) => {
      await this.#settle(shared)
      await shared.charge(charges)
      return true
    })
    if (told === undefined) for (const charge of charges) this.#owe(charge)
  }

  async renew(takes: readonly ConcurrencyTake[]): Promise<void> {
    await this.#options.own.renew(takes)
    await this.#try('renew', async (shared) => shared.renew(takes))
  }

  async release(takes: readonly ConcurrencyTake[]): Promise<void> {
    await this.#options.own.release(takes)
    await this.#try('release', async (shared) => shared.release(takes))
  }

  async close(): Promise<void> {
    await this.#options.own.close()
    await this.#options.shared.close()
  }

  /** Undefined when the shared count is lost, or has just been. */
  async #try<T>(
    operation: LimiterAsked['operation'],
    work: (shared: LimitStore) => Promise<T>,
  ): Promise<T | undefined> {
    const { clock, shared, tell } = this.#options
    const startedAt = clock()
    const asked = (outcome: LimiterAsked['outcome']): void => {
      tell?.({ type: 'limiter-asked', operation, outcome, elapsedMs: clock() - startedAt })
    }
    const admission = this.#breaker.admit()
    if (admission === undefined) {
      asked('skipped')
      return undefined
    }
    try {
      const value = await work(shared)
      this.#breaker.end(admission, 'succeeded')
      asked('done')
      this.#stands('up')
      return value
    } catch {
      this.#breaker.end(admission, 'failed')
      asked('failed')
      this.#stands('down')
      return undefined
    }
  }

  #stands(state: LimiterBackendChanged['state']): void {
    if (state === this.#state) return
    this.#state = state
    this.#options.tell?.({ type: 'limiter-backend-changed', state })
  }

  async #settle(shared: LimitStore): Promise<void> {
    if (this.#owed.size === 0) return
    const owed = [...this.#owed.values()]
    this.#owed.clear()
    try {
      await shared.charge(owed)
    } catch (thrown) {
      for (const charge of owed) this.#owe(charge)
      throw thrown
    }
  }

  /** What is given back may have arrived, though no answer did: given twice, it would let others over the limit. */
  #owe(charge: Charge): void {
    const { key } = charge.take
    if (charge.amount <= 0) return
    const amount = (this.#owed.get(key)?.amount ?? 0) + charge.amount
    this.#owed.set(key, { ...charge, amount })
  }

  /** Sets a little of every leased rate aside while the count is there: it is all that may be spent when it is not. */
  async #fillSlices(takes: readonly Take[]): Promise<void> {
    for (const take of takes) {
      if (take.kind !== 'rate' || onLossOf(take) !== 'leased') continue
      const cost = this.#slices.wanted(take)
      if (cost === 0) continue
      const slice = { ...take, cost }
      const askedAt = this.#options.clock()
      const answer = await this.#try('take', async (shared) => shared.take([slice]))
      if (answer?.granted === true) this.#slices.stock(slice, askedAt)
    }
  }

  #takeAlone(takes: readonly Take[]): Granted | Denied {
    const alone = takes.map((take) => this.#partOf(take))
    const at = takes.findIndex((take) => !this.#mayGoAlone(take))
    if (at !== -1)
      return { granted: false, at, standings: noStandings(takes), retryAfterMs: RETRY_MS }
    const counted = alone.flatMap((take, place) => (take === undefined ? [] : [{ take, place }]))
    const answer = this.#options.own.takeNow(counted.map(({ take }) => take))
    const standings = takes.map((take, place): LimitStanding => {
      const own = counted.findIndex((entry) => entry.place === place)
      return answer.standings[own] ?? this.#slices.standing(take)
    })
    if (!answer.granted) return { ...answer, at: counted[answer.at]?.place ?? 0, standings }
    for (const take of takes) {
      if (onLossOf(take) === 'leased') this.#slices.spend(take)
      // What is counted alone is counted by all when they meet again.
      else if (take.kind === 'rate') this.#owe({ take, amount: take.cost })
    }
    return { granted: true, standings }
  }

  #mayGoAlone(take: Take): boolean {
    const mode = onLossOf(take)
    return mode === 'local_share' || (mode === 'leased' && this.#slices.has(take))
  }

  /** What of a limit this process may count alone; undefined for what comes out of a slice. */
  #partOf(take: Take): Take | undefined {
    if (onLossOf(take) !== 'local_share') return undefined
    return { ...take, limit: Math.max(1, Math.floor(take.limit / this.#options.instances)) }
  }
}

/** Of several, the strictest. */
function modeOf(takes: readonly Take[]): OnLossMode {
  const modes = new Set(takes.map((take) => onLossOf(take)))
  if (modes.has('closed')) return 'closed'
  return modes.has('leased') ? 'leased' : 'local'
}

function onLossOf(take: Take): OnLoss {
  return take.onLoss ?? 'local_share'
}

function noStandings(takes: readonly Take[]): readonly LimitStanding[] {
  return takes.map(() => ({ remaining: 0, resetMs: RETRY_MS }))
}
