// What is known of every target from the calls it got: its breaker, a time to leave it alone, and how quick it is.
import { compact } from '../canonical/compact.ts'
import type { GatewayError } from '../canonical/errors.ts'
import type { Target } from '../exchange/exchange.ts'
import type { Tell } from '../exchange/happening.ts'
import {
  type Admission,
  BREAKER,
  type BreakerContext,
  type BreakerOptions,
  type BreakerState,
  type CallEnd,
  CircuitBreaker,
} from './circuit-breaker.ts'
import { FailureWindow } from './failure-window.ts'
import type { Every } from './limits/lease.ts'

/** How a target stands now. */
export interface Standing {
  readonly state: BreakerState
  /** Since when, in milliseconds of the clock; absent while it has never changed. */
  readonly sinceMs?: number
  /** Milliseconds until it may be tried, where it is open. */
  readonly waitMs: number
  /** Milliseconds for which it asked to be left alone. */
  readonly coolingMs: number
  readonly inFlight: number
  /** Milliseconds to the beginning of an answer: an exponentially weighted mean. */
  readonly latencyMs?: number
  /** The same of its last answer. */
  readonly lastLatencyMs?: number
  /** Share of good calls of the last five minutes, 0 to 1; absent where there were none. */
  readonly successRate?: number
  /** Code or kind of its last failure that told of its health. */
  readonly lastFailure?: string
}

interface Known {
  readonly target: Target
  readonly breaker: CircuitBreaker
  readonly recent: FailureWindow
  /** Whether it has been asked, and not only looked at. */
  isAsked: boolean
  /** As it was last told. */
  state: BreakerState
  panics: boolean
  coolUntil: number
  inFlight: number
  latencyMs: number | undefined
  lastLatencyMs: number | undefined
  lastFailure: string | undefined
}

/** A call that has its place at a target; must be ended once. */
export interface Entry {
  readonly target: Target
  /** Absent for a call that goes past the breaker, because there is nobody else. */
  readonly admission?: Admission
}

export interface HealthContext extends BreakerContext {
  /** Hears how targets change. */
  readonly tell?: Tell
  /** How to beat at intervals; without it, what time alone changes is told when somebody looks. */
  readonly every?: Every
}

/** How late what time alone changes may be told. */
const BEAT_MS = 1000

const NEWEST_WEIGHT = 0.3
const RECENT_MS = 300_000
/** A provider that wants to be left alone for longer is asked again after this. */
const MAX_COOLING_MS = 60_000
const MAX_RECORDS = 10_000

export class TargetHealth {
  readonly #context: HealthContext
  readonly #options: BreakerOptions
  readonly #records = new Map<string, Known>()
  /** Keys with a call past their open breaker. */
  readonly #probed = new Set<string>()
  /** Those that time alone will change. */
  readonly #moving = new Set<Known>()
  #callOff: (() => void) | undefined

  constructor(context: HealthContext, options: BreakerOptions = BREAKER) {
    this.#context = context
    this.#options = options
  }

  standing(target: Target): Standing {
    const record = this.#record(target)
    const { breaker, recent, coolUntil, inFlight, latencyMs, lastLatencyMs, lastFailure } = record
    this.#notice(record)
    const now = this.#context.clock()
    const { calls, failures } = recent.counts(now)
    return compact({
      state: breaker.state,
      sinceMs: breaker.sinceMs,
      waitMs: breaker.waitMs,
      coolingMs: Math.max(0, coolUntil - now),
      inFlight,
      latencyMs,
      lastLatencyMs,
      successRate: calls === 0 ? undefined : (calls - failures) / calls,
      lastFailure,
    })
  }

  /** Those of a provider that were asked. */
  askedOf(provider: string): readonly Target[] {
    return [...this.#records.values()].flatMap(({ target, isAsked }) =>
      isAsked && target.provider === provider ? [target] : [],
    )
  }

  /** A place at the target; undefined while its breaker lets nobody in. */
  enter(target: Target): Entry | undefined {
    const record = this.#record(target)
    this.#notice(record)
    const admission = record.breaker.admit()
    if (admission === undefined) return undefined
    record.inFlight += 1
    record.isAsked = true
    return { target, admission }
  }

  /** A place past the breaker for when every target is open: one at a time. */
  enterAnyway(target: Target): Entry | undefined {
    const key = keyOf(target)
    if (this.#probed.has(key)) return undefined
    this.#probed.add(key)
    const record = this.#record(target)
    record.inFlight += 1
    record.isAsked = true
    this.#panic(record, true)
    return { target }
  }

  /** The answer has begun after so many milliseconds. */
  began({ target }: Entry, elapsedMs: number): void {
    const record = this.#record(target)
    record.lastLatencyMs = elapsedMs
    const before = record.latencyMs ?? elapsedMs
    record.latencyMs = before + NEWEST_WEIGHT * (elapsedMs - before)
  }

  end({ target, admission }: Entry, end: CallEnd): void {
    const record = this.#record(target)
    record.inFlight -= 1
    if (end !== 'untold') record.recent.add(end === 'failed', this.#context.clock())
    if (admission === undefined) {
      this.#probed.delete(keyOf(target))
      if (end === 'succeeded') record.breaker.reset()
    } else {
      record.breaker.end(admission, end)
    }
    if (end === 'succeeded') record.lastFailure = undefined
    this.#notice(record)
  }

  failed({ target }: Entry, error: GatewayError): void {
    this.#record(target).lastFailure = error.code ?? error.kind
  }

  /** Leaves it alone for so long, where there is another. Returns for how long: nobody is obeyed for more than a minute. */
  cool({ target }: Entry, milliseconds: number): number {
    const record = this.#record(target)
    const forMs = Math.min(milliseconds, MAX_COOLING_MS)
    const until = this.#context.clock() + forMs
    if (until > record.coolUntil) {
      record.coolUntil = until
      this.#context.tell?.({ type: 'target-cooled', target, forMs })
    }
    return forMs
  }

  /** Stops looking for what time alone changes. */
  close(): void {
    this.#callOff?.()
    this.#callOff = undefined
    this.#moving.clear()
  }

  /** Tells of a state that has not been told. */
  #notice(record: Known): void {
    const { breaker, target, state: from, lastFailure: reason } = record
    const to = breaker.state
    if (to === from) return
    record.state = to
    this.#context.tell?.(
      compact({
        type: 'target-state-changed' as const,
        target,
        from,
        to,
        reason: to === 'open' ? reason : undefined,
        waitMs: to === 'open' ? breaker.waitMs : undefined,
      }),
    )
    this.#panic(record, false)
    if (to === 'open' || to === 'slow-start') this.#moving.add(record)
    else this.#moving.delete(record)
    this.#beat()
  }

  #panic(record: Known, panics: boolean): void {
    if (record.panics === panics) return
    record.panics = panics
    this.#context.tell?.({ type: 'panic-changed', target: record.target, panics })
  }

  /** Looks again and again while there is something that time will change. */
  #beat(): void {
    if (this.#moving.size === 0) {
      this.#callOff?.()
      this.#callOff = undefined
      return
    }
    this.#callOff ??= this.#context.every?.(BEAT_MS, () => {
      for (const record of this.#moving) this.#notice(record)
    })
  }

  #record(target: Target): Known {
    const key = keyOf(target)
    const known = this.#records.get(key)
    if (known !== undefined) return known
    const breaker = new CircuitBreaker(this.#context, this.#options)
    const record = {
      target,
      breaker,
      recent: new FailureWindow(RECENT_MS),
      isAsked: false,
      state: breaker.state,
      panics: false,
      coolUntil: 0,
      inFlight: 0,
      latencyMs: undefined,
      lastLatencyMs: undefined,
      lastFailure: undefined,
    }
    if (this.#records.size >= MAX_RECORDS) this.#forgetOne()
    this.#records.set(key, record)
    return record
  }

  /** Clients choose the names of models, so that there is no end to them. */
  #forgetOne(): void {
    for (const [key, record] of this.#records) {
      if (record.inFlight > 0) continue
      this.#records.delete(key)
      this.#moving.delete(record)
      return
    }
  }
}

/** A provider may serve one model and not another. */
function keyOf({ provider, model }: Target): string {
  return `${provider}/${model}`
}
