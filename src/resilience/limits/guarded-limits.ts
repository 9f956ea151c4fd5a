// Shared limits that go on when the place where they are counted is lost: each limit says how.
import { toGatewayError } from '../../canonical/errors.ts'
import type { LimiterAsked } from '../../exchange/facts/limits.ts'
import type { Tell } from '../../exchange/happening.ts'
import { CircuitBreaker } from '../circuit-breaker.ts'
import type { Every } from './lease.ts'
import type {
  Charge,
  ConcurrencyTake,
  Denied,
  Granted,
  LimitMode,
  LimitStanding,
  LimitStore,
  OnLoss,
  RateTake,
  SharedLimitStore,
  Take,
} from './limit.ts'
import type { MemoryLimits } from './memory-limits.ts'
import { SLICE_SHARE, Slices } from './slices.ts'
import { Untold } from './untold.ts'

export interface GuardedOptions {
  readonly shared: SharedLimitStore
  /** Counts alone while the shared count is lost. */
  readonly own: MemoryLimits
  /** How many gateways share the limits: each takes that part of a limit that is counted alone. */
  readonly instances: number
  /** Milliseconds. */
  readonly clock: () => number
  /** 0 to 1. */
  readonly random: () => number
  readonly tell: Tell
  /** How to look after the shared count while nobody calls. Absent: only calls do. */
  readonly every?: Every
  /** Part of a leased limit that this process sets aside. Default 0.02. */
  readonly slice?: number
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
/** Who asks whether this process is ready hears the truth within this time. */
const LOOK_MS = 500

type Operation = LimiterAsked['operation']

export class GuardedLimits implements LimitStore {
  readonly #options: GuardedOptions
  readonly #breaker: CircuitBreaker
  readonly #slices: Slices
  /** What could not be told; it is told first when the count is back. */
  readonly #untold: Untold
  readonly #stopLooking: (() => void) | undefined
  #isLost = false

  constructor(options: GuardedOptions) {
    this.#options = options
    const { clock, random, slice = SLICE_SHARE, every } = options
    this.#breaker = new CircuitBreaker({ clock, random }, BREAKER)
    this.#slices = new Slices(clock, slice)
    this.#untold = new Untold(clock)
    this.#stopLooking = every?.(LOOK_MS, () => void this.look())
  }

  /** Whether limits are counted alone, each as it says. */
  get isLost(): boolean {
    return this.#isLost
  }

  /** Looks whether the shared count is there. */
  async look(): Promise<void> {
    await this.#try('check', async (shared) => {
      await shared.check()
      await this.#untold.tellTo(shared)
    })
  }

  async take(takes: readonly Take[]): Promise<Granted | Denied> {
    const answer = await this.#try('take', async (shared) => {
      await this.#untold.tellTo(shared)
      return shared.take(takes)
    })
    if (answer === undefined) return this.#takeAlone(takes)
    if (answer.granted) {
      // Who runs here takes of this process' part, should the shared count be lost.
      this.#options.own.hold(places(takes))
      void this.#fillSlices(takes)
    }
    return answer
  }

  async charge(charges: readonly Charge[]): Promise<void> {
    const told = await this.#try('charge', async (shared) => {
      await this.#untold.tellTo(shared)
      await shared.charge(charges)
      return true
    })
    if (told === undefined) for (const charge of charges) this.#untold.owe(charge)
  }

  async renew(takes: readonly ConcurrencyTake[]): Promise<void> {
    this.#options.own.renew(takes)
    this.#untold.renewed(takes)
    await this.#try('renew', async (shared) => shared.renew(takes))
  }

  async release(takes: readonly ConcurrencyTake[]): Promise<void> {
    this.#options.own.release(takes)
    const told = await this.#try('release', async (shared) => {
      await shared.release(takes)
      return true
    })
    this.#untold.released(takes, told === undefined ? 'untold' : 'told')
  }

  async close(): Promise<void> {
    this.#stopLooking?.()
    await this.#options.own.close()
    await this.#options.shared.close()
  }

  /** Undefined when the shared count is lost, or has just been. */
  async #try<T>(
    operation: Operation,
    work: (shared: SharedLimitStore) => Promise<T>,
  ): Promise<T | undefined> {
    const { clock, shared, tell } = this.#options
    const admission = this.#breaker.admit()
    if (admission === undefined) return undefined
    const startedAt = clock()
    const asked = (answered: boolean): void =>
      tell({ type: 'limiter-asked', operation, answered, elapsedMs: clock() - startedAt })
    try {
      const value = await work(shared)
      this.#breaker.end(admission, 'succeeded')
      asked(true)
      this.#turned(undefined)
      return value
    } catch (thrown) {
      this.#breaker.end(admission, 'failed')
      asked(false)
      const { code = 'unknown' } = toGatewayError(thrown)
      tell({ type: 'limiter-error', reason: code })
      this.#turned(code)
      return undefined
    }
  }

  /** Tells when the shared count is found lost, and when it is found again. */
  #turned(reason: string | undefined): void {
    const isLost = this.#breaker.state !== 'closed'
    if (isLost === this.#isLost) return
    this.#isLost = isLost
    const { tell } = this.#options
    if (isLost) tell({ type: 'limiter-backend', state: 'down', reason: reason ?? 'unknown' })
    else tell({ type: 'limiter-backend', state: 'up' })
  }

  /** Sets a little of every leased rate aside while the count is there: it is all that may be spent when it is not. */
  async #fillSlices(takes: readonly Take[]): Promise<void> {
    for (const take of takes) {
      if (take.kind !== 'rate' || onLossOf(take) !== 'leased') continue
      const cost = this.#slices.wanted(take)
      if (cost > 0) await this.#fillSlice({ ...take, cost })
    }
  }

  async #fillSlice(slice: RateTake): Promise<void> {
    const { clock, tell } = this.#options
    const askedAt = clock()
    const answer = await this.#try('lease', async (shared) => shared.take([slice]))
    if (answer?.granted !== true) return
    this.#slices.stock(slice, askedAt)
    tell({ type: 'limiter-leased', key: slice.key, amount: slice.cost })
  }

  #takeAlone(takes: readonly Take[]): Granted | Denied {
    const alone = takes.map((take) => this.#partOf(take))
    const mode = modeOf(takes)
    const at = takes.findIndex((take) => !this.#mayGoAlone(take))
    if (at !== -1)
      return { granted: false, at, mode, standings: noStandings(takes), retryAfterMs: RETRY_MS }
    const counted = alone.flatMap((take, place) => (take === undefined ? [] : [{ take, place }]))
    const answer = this.#options.own.take(counted.map(({ take }) => take))
    const standings = takes.map((take, place): LimitStanding => {
      const own = counted.findIndex((entry) => entry.place === place)
      return answer.standings[own] ?? this.#slices.standing(take)
    })
    if (!answer.granted) return { ...answer, at: counted[answer.at]?.place ?? 0, mode, standings }
    for (const take of takes) {
      if (onLossOf(take) === 'leased') this.#slices.spend(take)
      // What is counted alone is counted by all when they meet again.
      else if (take.kind === 'rate') this.#untold.owe({ take, amount: take.cost })
      else this.#untold.hold(take)
    }
    return { granted: true, mode, standings }
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

function onLossOf(take: Take): OnLoss {
  return take.onLoss ?? 'local_share'
}

/** The strictest of what the limits of a call say. */
function modeOf(takes: readonly Take[]): LimitMode {
  const says = new Set(takes.map(onLossOf))
  if (says.has('closed')) return 'closed'
  return says.has('leased') ? 'leased' : 'local'
}

function places(takes: readonly Take[]): readonly ConcurrencyTake[] {
  return takes.flatMap((take) => (take.kind === 'concurrency' ? [take] : []))
}

function noStandings(takes: readonly Take[]): readonly LimitStanding[] {
  return takes.map(() => ({ remaining: 0, resetMs: RETRY_MS }))
}
