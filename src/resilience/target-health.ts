// What is known of every target from the calls it got: its breaker, a time to leave it alone, and how quick it is.
import { compact } from '../canonical/compact.ts'
import type { GatewayError } from '../canonical/errors.ts'
import type { Target } from '../exchange/exchange.ts'
import {
  type Admission,
  BREAKER,
  type BreakerContext,
  type BreakerOptions,
  type BreakerState,
  type CallEnd,
  CircuitBreaker,
} from './circuit-breaker.ts'

/** How a target stands now. */
export interface Standing {
  readonly state: BreakerState
  /** Milliseconds until it may be tried, where it is open. */
  readonly waitMs: number
  /** Milliseconds for which it asked to be left alone. */
  readonly coolingMs: number
  readonly inFlight: number
  /** Milliseconds to the beginning of an answer: an exponentially weighted mean. */
  readonly latencyMs?: number
  /** Code or kind of its last failure that told of its health. */
  readonly lastFailure?: string
}

interface Known {
  readonly breaker: CircuitBreaker
  coolUntil: number
  inFlight: number
  latencyMs: number | undefined
  lastFailure: string | undefined
}

/** A call that has its place at a target; must be ended once. */
export interface Entry {
  readonly key: string
  /** Absent for a call that goes past the breaker, because there is nobody else. */
  readonly admission?: Admission
}

const NEWEST_WEIGHT = 0.3
/** A provider that wants to be left alone for longer is asked again after this. */
const MAX_COOLING_MS = 60_000
const MAX_RECORDS = 10_000

export class TargetHealth {
  readonly #context: BreakerContext
  readonly #options: BreakerOptions
  readonly #records = new Map<string, Known>()
  /** Keys with a call past their open breaker. */
  readonly #probed = new Set<string>()

  constructor(context: BreakerContext, options: BreakerOptions = BREAKER) {
    this.#context = context
    this.#options = options
  }

  standing(target: Target): Standing {
    const { breaker, coolUntil, inFlight, latencyMs, lastFailure } = this.#record(keyOf(target))
    const coolingMs = Math.max(0, coolUntil - this.#context.clock())
    return compact({
      state: breaker.state,
      waitMs: breaker.waitMs,
      coolingMs,
      inFlight,
      latencyMs,
      lastFailure,
    })
  }

  /** A place at the target; undefined while its breaker lets nobody in. */
  enter(target: Target): Entry | undefined {
    const key = keyOf(target)
    const record = this.#record(key)
    const admission = record.breaker.admit()
    if (admission === undefined) return undefined
    record.inFlight += 1
    return { key, admission }
  }

  /** A place past the breaker for when every target is open: one at a time. */
  enterAnyway(target: Target): Entry | undefined {
    const key = keyOf(target)
    if (this.#probed.has(key)) return undefined
    this.#probed.add(key)
    this.#record(key).inFlight += 1
    return { key }
  }

  /** The answer has begun after so many milliseconds. */
  began({ key }: Entry, elapsedMs: number): void {
    const record = this.#record(key)
    const before = record.latencyMs ?? elapsedMs
    record.latencyMs = before + NEWEST_WEIGHT * (elapsedMs - before)
  }

  end({ key, admission }: Entry, end: CallEnd): void {
    const record = this.#record(key)
    record.inFlight -= 1
    if (admission === undefined) {
      this.#probed.delete(key)
      if (end === 'succeeded') record.breaker.reset()
    } else {
      record.breaker.end(admission, end)
    }
    if (end === 'succeeded') record.lastFailure = undefined
  }

  failed({ key }: Entry, error: GatewayError): void {
    this.#record(key).lastFailure = error.code ?? error.kind
  }

  /** Leaves it alone for so long, where there is another. */
  cool({ key }: Entry, milliseconds: number): void {
    const record = this.#record(key)
    const until = this.#context.clock() + Math.min(milliseconds, MAX_COOLING_MS)
    record.coolUntil = Math.max(record.coolUntil, until)
  }

  #record(key: string): Known {
    const known = this.#records.get(key)
    if (known !== undefined) return known
    const breaker = new CircuitBreaker(this.#context, this.#options)
    const record = {
      breaker,
      coolUntil: 0,
      inFlight: 0,
      latencyMs: undefined,
      lastFailure: undefined,
    }
    if (this.#records.size >= MAX_RECORDS) this.#forgetOne()
    this.#records.set(key, record)
    return record
  }

  /** Clients choose the names of models, so that there is no end to them. */
  #forgetOne(): void {
    for (const [key, { inFlight }] of this.#records) {
      if (inFlight > 0) continue
      this.#records.delete(key)
      return
    }
  }
}

/** A provider may serve one model and not another. */
function keyOf({ provider, model }: Target): string {
  return `${provider}/${model}`
}
