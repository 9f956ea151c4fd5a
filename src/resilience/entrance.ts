// The targets of one call and the way into each: past its breaker, with one of its credentials.
import { GatewayError } from '../canonical/errors.ts'
import type { Credential } from '../exchange/credential.ts'
import { type Target, targetName } from '../exchange/target.ts'
import type { KeyRing } from './key-ring.ts'
import type { Entry, TargetHealth } from './target-health.ts'

export interface EntranceOptions {
  /** In order. */
  readonly targets: readonly Target[]
  readonly health: TargetHealth
  readonly keys: KeyRing
  /** Hears once of each target that is passed over because its breaker lets nobody in. */
  readonly skipped?: (target: Target) => void
}

/** A place at a target, which has its credential where its provider has any. */
export interface Place {
  readonly target: Target
  readonly entry: Entry
  /** Which key of the credential; undefined where it has none. */
  readonly generation: number | undefined
}

/** How a place at a target is got: by its breaker's leave, or past it. */
type Enter = (target: Target) => Entry | undefined

export class Entrance {
  readonly #health: TargetHealth
  readonly #keys: KeyRing
  /** Those that have not been asked, in order. */
  #others: readonly Target[]
  readonly #skipped: (target: Target) => void
  /** Those that it has heard of. */
  readonly #told: string[] = []
  /** Where this call has been, with which keys. */
  readonly #places: Place[] = []

  constructor({ targets, health, keys, skipped = (): void => undefined }: EntranceOptions) {
    this.#skipped = skipped
    this.#health = health
    this.#keys = keys
    this.#others = this.#ordered(targets)
  }

  get hasOther(): boolean {
    return this.#others.length > 0
  }

  /** Throws where nobody may be asked. */
  first(): Place {
    // One that has just come back takes what nobody else does. Where all are open, one call at a time may still see whether a target is back.
    const place =
      this.other() ??
      this.#next((target) => this.#health.enter(target, 'nobody-else')) ??
      this.#next((target) => this.#health.enterAnyway(target))
    if (place !== undefined) return place
    throw this.#refusal() ?? this.#unavailable()
  }

  /** The first target that lets a call in. */
  other(): Place | undefined {
    return this.#next((target) => this.#enterOrTell(target))
  }

  /** The first target that nothing speaks against: for a call that can do without it. */
  calm(): Place | undefined {
    return this.#next((target) => {
      const { state, coolingMs } = this.#health.standing(target)
      return state === 'closed' && coolingMs === 0 ? this.#health.enter(target) : undefined
    })
  }

  /** For a call that has failed wherever it was let in: a target that failed too often just now is better than none. */
  last(): Place | undefined {
    return this.#next(
      (target) => this.#health.enter(target, 'nobody-else') ?? this.#health.enterLast(target),
    )
  }

  /** Whether the target could be asked with a key that this call has not used. */
  hasOtherKey({ target }: Place): boolean {
    const usable = this.#keys.usable(target) ?? []
    return usable.some((credential) => !this.#isUsed(target, credential))
  }

  otherKey({ target }: Place): Place | undefined {
    return this.#enter(target, (one) => this.#enterOrTell(one))
  }

  /** The same target with the same credential. */
  again({ target, generation }: Place): Place | undefined {
    const entry = this.#health.enter(target)
    return entry === undefined ? undefined : { target, entry, generation }
  }

  #enterOrTell(target: Target): Entry | undefined {
    const entry = this.#health.enter(target)
    if (entry !== undefined) return entry
    const name = targetName(target)
    if (!this.#told.includes(name)) {
      this.#told.push(name)
      this.#skipped(target)
    }
    return undefined
  }

  #next(enter: Enter): Place | undefined {
    for (const target of this.#others) {
      const place = this.#enter(target, enter)
      if (place === undefined) continue
      this.#others = this.#others.filter((other) => other !== target)
      return place
    }
    return undefined
  }

  #enter({ provider, model }: Target, enter: Enter): Place | undefined {
    const whole = { provider, model }
    const credentials = this.#keys.inTurn(whole, ({ label: credential }) =>
      this.#health.inFlight({ provider, model, credential }),
    )
    if (credentials === undefined) {
      const entry = enter(whole)
      return entry === undefined ? undefined : { target: whole, entry, generation: undefined }
    }
    for (const credential of this.#rested(whole, credentials)) {
      if (this.#isUsed(whole, credential)) continue
      const { label, generation } = credential
      const target = { provider, model, credential: label }
      const entry = enter(target)
      if (entry === undefined) continue
      const place = { target, entry, generation }
      this.#places.push(place)
      return place
    }
    return undefined
  }

  #isUsed({ provider, model }: Target, { label, generation }: Credential): boolean {
    return this.#places.some(
      (place) =>
        place.generation === generation &&
        place.target.credential === label &&
        place.target.provider === provider &&
        place.target.model === model,
    )
  }

  /** Who asked to be left alone comes last. */
  #rested(whole: Target, credentials: readonly Credential[]): readonly Credential[] {
    if (credentials.length < 2) return credentials
    const rest = ({ label: credential }: Credential): number =>
      this.#health.isCooling({ ...whole, credential }) ? 1 : 0
    return credentials.toSorted((a, b) => rest(a) - rest(b))
  }

  /** Those that asked to be left alone come last; one with several credentials has asked so when it did for each. */
  #ordered(targets: readonly Target[]): readonly Target[] {
    if (targets.length < 2) return targets
    const isCooling = (target: Target): boolean => {
      const usable = this.#keys.usable(target)
      if (usable === undefined) return this.#health.isCooling(target)
      return usable.every(({ label }) => this.#health.isCooling({ ...target, credential: label }))
    }
    return [
      ...targets.filter((target) => !isCooling(target)),
      ...targets.filter((target) => isCooling(target)),
    ]
  }

  /** Where credentials are what is in the way everywhere. */
  #refusal(): GatewayError | undefined {
    const refusals = this.#others.map((target) => this.#keys.refusal(target))
    return refusals.every((refusal) => refusal !== undefined) ? refusals[0] : undefined
  }

  #unavailable(): GatewayError {
    const waits = this.#others.map((target) => this.#health.standing(target).waitMs)
    const names = this.#others.map((target) => targetName(target)).join(', ')
    return new GatewayError(
      'overloaded',
      `${names} failed too often just now, and is not asked for a moment. Try again, or name another model.`,
      { code: 'target_unavailable', retryAfterMs: Math.max(1000, Math.min(...waits)) },
    )
  }
}
