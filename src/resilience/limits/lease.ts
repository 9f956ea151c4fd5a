// What one call has taken of its limits: kept alive while it runs, settled once when it ends.
import type { Charge, ConcurrencyTake, LimitStore, Soon, Take } from './limit.ts'

/** Runs something again and again and gives the way to call it off; injected, so that tests own the clock. */
export type Every = (milliseconds: number, run: () => void) => () => void

export const realEvery: Every = (milliseconds, run) => {
  const timer = setInterval(run, milliseconds)
  // A call that is forgotten does not keep a process alive.
  if (typeof timer === 'object') timer.unref()
  return () => clearInterval(timer)
}

/** A place whose holder is silent for so long is free again: it died. */
export const PLACE_TTL_MS = 60_000
const HEARTBEAT_MS = 15_000

/** Something that was taken, and whether it is an amount of tokens, which only the end can tell. */
export interface Taken {
  readonly take: Take
  readonly isTokens: boolean
}

/** Keeps the places of all calls under way alive. */
export class Heartbeat {
  readonly #store: LimitStore
  readonly #every: Every
  readonly #held = new Set<readonly ConcurrencyTake[]>()
  #callOff: (() => void) | undefined

  constructor(store: LimitStore, every: Every) {
    this.#store = store
    this.#every = every
  }

  hold(places: readonly ConcurrencyTake[]): void {
    this.#held.add(places)
    this.#callOff ??= this.#every(HEARTBEAT_MS, () =>
      quietly(this.#store.renew([...this.#held].flat())),
    )
  }

  /** Whether they were held. */
  drop(places: readonly ConcurrencyTake[]): boolean {
    const wereHeld = this.#held.delete(places)
    if (this.#held.size > 0) return wereHeld
    this.#callOff?.()
    this.#callOff = undefined
    return wereHeld
  }
}

export interface LeaseOptions {
  readonly store: LimitStore
  readonly heartbeat: Heartbeat
}

export class Lease {
  readonly #options: LeaseOptions
  readonly #taken: readonly Taken[]
  readonly #places: readonly ConcurrencyTake[]
  #isSettled = false

  constructor(taken: readonly Taken[], options: LeaseOptions) {
    this.#options = options
    this.#taken = taken
    this.#places = placesIn(taken)
    if (this.#places.length > 0) options.heartbeat.hold(this.#places)
  }

  get countsTokens(): boolean {
    return this.#taken.some(({ isTokens }) => isTokens)
  }

  /** The call is over, whatever else is still to be told of it. */
  leave(): void {
    const { heartbeat, store } = this.#options
    if (this.#places.length === 0 || !heartbeat.drop(this.#places)) return
    quietly(store.release(this.#places))
  }

  /** The answer came whole and its provider counted it: its tokens are charged as they were. */
  exact(tokens: number): void {
    this.#settle('tokens', (taken) => tokens - taken)
  }

  /** The answer was cut or not counted, and may have used more than is known: nothing of what was set aside is given back. */
  atLeast(tokens: number): void {
    this.#settle('tokens', (taken) => Math.max(0, tokens - taken))
  }

  /** A provider refused: it was asked, and read nothing. */
  refused(): void {
    this.#settle('tokens', (taken) => -taken)
  }

  /** No provider was asked. */
  unused(): void {
    this.#settle('rates', (taken) => -taken)
  }

  #settle(what: 'tokens' | 'rates', amountFor: (taken: number) => number): void {
    this.leave()
    if (this.#isSettled) return
    this.#isSettled = true
    const charges: Charge[] = []
    for (const { take, isTokens } of this.#taken) {
      if (take.kind !== 'rate' || (what === 'tokens' && !isTokens)) continue
      const amount = amountFor(take.cost)
      if (amount !== 0) charges.push({ take, amount })
    }
    if (charges.length > 0) quietly(this.#options.store.charge(charges))
  }
}

const NONE: readonly ConcurrencyTake[] = []

function placesIn(taken: readonly Taken[]): readonly ConcurrencyTake[] {
  const places = taken.flatMap(({ take }) => (take.kind === 'concurrency' ? [take] : NONE))
  return places.length === 0 ? NONE : places
}

/** What cannot be told is the store's to make good: the caller has its answer already. */
function quietly(told: Soon<void>): void {
  if (told instanceof Promise) told.catch(() => undefined)
}
