// What is known of every target from the calls it got: its breaker, a time to leave it alone, and how quick it is.
import { compact } from '../canonical/compact.ts'
import type { GatewayError } from '../canonical/errors.ts'
import type {
  ProviderFound,
  TargetCooled,
  TargetStateChanged,
  TargetTried,
} from '../exchange/facts/targets.ts'
import { type Target, targetName } from '../exchange/target.ts'
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
import { TargetWatch, type TargetWatchOptions, type Watched } from './target-watch.ts'

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

interface Known extends Watched {
  readonly recent: FailureWindow
  /** Whether it has been asked, and not only looked at. */
  isAsked: boolean
  coolUntil: number
  inFlight: number
  latencyMs: number | undefined
  lastLatencyMs: number | undefined
  lastFailure: string | undefined
}

/** A call that has its place at a target; must be ended once. */
export interface Entry {
  readonly target: Target
  /** What is known of it: as a whole, then with its credential. */
  readonly records: readonly Known[]
  /** Of each of its records; undefined for a call that goes past the breaker, because there is nobody else. */
  readonly admissions: readonly Admission[] | undefined
  /** It is the one call that looks whether the target is back. */
  readonly probes: boolean
}

/** Another process that tries a target for longer has died, or tells nothing any more. */
const TRIAL_MS = 60_000
const NEWEST_WEIGHT = 0.3
const RECENT_MS = 300_000
/** What is said of a provider that did not answer a probe. */
const PROBE_FAILED = 'probe_failed'
const MAX_RECORDS = 10_000

export interface TargetHealthOptions extends BreakerOptions {
  /** A target that wants to be left alone for longer is asked again after so many milliseconds. Default 60000. */
  readonly maxCoolingMs: number
}

const TARGET_HEALTH: TargetHealthOptions = { ...BREAKER, maxCoolingMs: 60_000 }

/** A target that is asked with a credential is remembered twice: with that credential, and as a whole. */
export class TargetHealth {
  readonly #context: BreakerContext & TargetWatchOptions
  readonly #options: TargetHealthOptions
  readonly #watch: TargetWatch
  readonly #records = new Map<string, Known>()
  /** Keys with a call past their open breaker. */
  readonly #probed = new Set<string>()

  constructor(
    context: BreakerContext & TargetWatchOptions,
    options: Partial<TargetHealthOptions> = {},
  ) {
    this.#context = context
    this.#watch = new TargetWatch(context)
    this.#options = { ...TARGET_HEALTH, ...options }
  }

  standing(target: Target): Standing {
    const record = this.#record(target)
    this.#watch.look(record)
    const { breaker, recent, coolUntil, inFlight, latencyMs, lastLatencyMs, lastFailure } = record
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

  /** How many calls a target has now. */
  inFlight(target: Target): number {
    return this.#record(target).inFlight
  }

  /** Whether it has asked to be left alone. */
  isCooling(target: Target): boolean {
    const { coolUntil } = this.#record(target)
    return coolUntil > 0 && coolUntil > this.#context.clock()
  }

  /** Those of a provider that were asked; apart by credential only where it was asked with several. */
  askedOf(provider: string): readonly Target[] {
    const asked = [...this.#records.values()].flatMap(({ target, isAsked }) =>
      isAsked && target.provider === provider ? [target] : [],
    )
    const isAlone = (one: Target): boolean =>
      asked.filter(({ model, credential }) => credential !== undefined && model === one.model)
        .length < 2
    return asked.filter((one) => one.credential === undefined || !isAlone(one))
  }

  /** A place at the target; undefined while its breaker lets nobody in, or only a share of what others could take. */
  enter(target: Target, others?: 'others' | 'nobody-else'): Entry | undefined {
    const records = this.#recordsOf(target)
    const admissions: Admission[] = []
    for (const record of records) {
      this.#watch.look(record)
      const admission = record.breaker.admit(others)
      if (admission === undefined) {
        for (const [at, given] of admissions.entries()) records[at]?.breaker.end(given, 'untold')
        return undefined
      }
      admissions.push(admission)
    }
    this.#enter(records)
    this.#tried(records, admissions, 'begun')
    return { target, records, admissions, probes: false }
  }

  /** A place past the breaker for when every target is open: one at a time. */
  enterAnyway(target: Target): Entry | undefined {
    const key = wholeKey(target)
    if (this.#probed.has(key)) return undefined
    this.#probed.add(key)
    const records = this.#recordsOf(target)
    this.#enter(records)
    for (const record of records) this.#watch.panic(record, true)
    return { target, records, admissions: undefined, probes: true }
  }

  /** A place past the breaker for a call that has failed everywhere else. How many there are is for the retry budget to say. */
  enterLast(target: Target): Entry {
    const records = this.#recordsOf(target)
    this.#enter(records)
    return { target, records, admissions: undefined, probes: false }
  }

  #enter(records: readonly Known[]): void {
    for (const record of records) {
      record.inFlight += 1
      record.isAsked = true
    }
  }

  /** The answer has begun after so many milliseconds. */
  began({ records }: Entry, elapsedMs: number): void {
    for (const record of records) {
      record.lastLatencyMs = elapsedMs
      const before = record.latencyMs ?? elapsedMs
      record.latencyMs = before + NEWEST_WEIGHT * (elapsedMs - before)
    }
  }

  end({ target, records, admissions, probes }: Entry, end: CallEnd): void {
    if (probes) this.#probed.delete(wholeKey(target))
    this.#tried(records, admissions ?? [], 'ended')
    let at = 0
    for (const record of records) {
      record.inFlight -= 1
      if (end !== 'untold') record.recent.add(end === 'failed', this.#context.clock())
      const admission = admissions?.[at]
      if (admission !== undefined) record.breaker.end(admission, end)
      else if (end === 'succeeded') record.breaker.reset()
      if (end === 'succeeded') record.lastFailure = undefined
      this.#watch.look(record)
      at += 1
    }
  }

  failed({ records }: Entry, error: GatewayError): void {
    for (const record of records) record.lastFailure = error.code ?? error.kind
  }

  /** Leaves it alone for so long, where there is another: with this credential, where it has one. */
  cool({ target }: Entry, milliseconds: number): void {
    const record = this.#record(target)
    const forMs = Math.min(milliseconds, this.maxCoolingMs)
    const until = this.#context.clock() + forMs
    if (until <= record.coolUntil) return
    record.coolUntil = until
    this.#watch.cooled(record, forMs)
  }

  /** What another process has seen of a target holds here too. */
  heard(fact: TargetStateChanged | TargetCooled | TargetTried): void {
    const record = this.#record(fact.target)
    const { breaker } = record
    if (fact.type === 'target-cooled') {
      record.coolUntil = Math.max(record.coolUntil, this.#context.clock() + fact.forMs)
      return
    }
    if (fact.type === 'target-tried') {
      breaker.triedElsewhere(fact.state === 'begun' ? TRIAL_MS : 0)
      return
    }
    record.isAsked = true
    if (fact.to === 'open') {
      record.lastFailure = fact.reason
      breaker.openFor(fact.waitMs ?? 0)
    } else if (fact.to !== 'half-open') breaker.reset()
    this.#watch.known(record)
  }

  #tried(
    records: readonly Known[],
    admissions: readonly Admission[],
    state: TargetTried['state'],
  ): void {
    const { isOurTurn, tell } = this.#context
    if (isOurTurn === undefined) return
    for (const [at, { target }] of records.entries()) {
      if (admissions[at]?.trial !== true) continue
      tell?.({ type: 'target-tried', target, state })
    }
  }

  /** What asking a provider again and again has shown, whatever is asked of it otherwise. */
  found(provider: string, state: ProviderFound['state']): void {
    this.#each(provider, (record) => {
      const { breaker } = record
      switch (state) {
        case 'lost':
          record.lastFailure = PROBE_FAILED
          breaker.trip()
          return
        case 'missed':
          // What is waiting for a trial waits on, and no call is spent on it.
          if (breaker.state === 'half-open') breaker.trip()
          return
        case 'back':
          breaker.offer()
      }
    })
  }

  #each(provider: string, change: (record: Known) => void): void {
    for (const record of this.#records.values()) {
      if (record.target.provider !== provider || !record.isAsked) continue
      change(record)
      this.#watch.look(record)
    }
  }

  /** Stops looking for what time alone changes. */
  close(): void {
    this.#watch.close()
  }

  get maxCoolingMs(): number {
    return this.#options.maxCoolingMs
  }

  /** As a whole, then with its credential. */
  #recordsOf(target: Target): readonly Known[] {
    const { provider, model, credential } = target
    if (credential === undefined) return [this.#record(target)]
    return [this.#record({ provider, model }), this.#record(target)]
  }

  #record(target: Target): Known {
    const key = targetName(target)
    const known = this.#records.get(key)
    if (known !== undefined) return known
    const breaker = new CircuitBreaker(this.#context, this.#options)
    const record = {
      target,
      breaker,
      recent: new FailureWindow(RECENT_MS),
      state: breaker.state,
      panics: false,
      isAsked: false,
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
      this.#watch.forget(record)
      return
    }
  }
}

/** A provider may serve one model and not another. */
function wholeKey({ provider, model }: Target): string {
  return targetName({ provider, model })
}
