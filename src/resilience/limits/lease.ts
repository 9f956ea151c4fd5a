// What one call has taken of its limits: kept alive while it runs, settled once when it ends.
import type { Charge, ConcurrencyTake, LimitStore, RateTake, Take } from './limit.ts'

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

export interface LeaseOptions {
  readonly store: LimitStore
  readonly taken: readonly Taken[]
  readonly every: Every
}

export class Lease {
  readonly #store: LimitStore
  readonly #places: readonly ConcurrencyTake[]
  readonly #rates: readonly RateTake[]
  readonly #tokens: readonly RateTake[]
  #callOff: (() => void) | undefined
  #isSettled = false

  constructor({ store, taken, every }: LeaseOptions) {
    this.#store = store
    this.#places = taken.flatMap(({ take }) => (take.kind === 'concurrency' ? [take] : []))
    this.#rates = taken.flatMap(({ take }) => (take.kind === 'rate' ? [take] : []))
    this.#tokens = taken.flatMap(({ take, isTokens }) =>
      isTokens && take.kind === 'rate' ? [take] : [],
    )
    const renew = (): void => quietly(store.renew(this.#places))
    this.#callOff = this.#places.length === 0 ? undefined : every(HEARTBEAT_MS, renew)
  }

  /** The call is over, whatever else is still to be told of it. */
  leave(): void {
    if (this.#callOff === undefined) return
    this.#callOff()
    this.#callOff = undefined
    quietly(this.#store.release(this.#places))
  }

  /** The answer came whole and its provider counted it: its tokens are charged as they were. */
  exact(tokens: number): void {
    this.#settle(this.#tokens, (taken) => tokens - taken)
  }

  /** The answer was cut or not counted, and may have used more than is known: nothing of what was set aside is given back. */
  atLeast(tokens: number): void {
    this.#settle(this.#tokens, (taken) => Math.max(0, tokens - taken))
  }

  /** A provider refused: it was asked, and read nothing. */
  refused(): void {
    this.#settle(this.#tokens, (taken) => -taken)
  }

  /** No provider was asked. */
  unused(): void {
    this.#settle(this.#rates, (taken) => -taken)
  }

  #settle(takes: readonly RateTake[], amountFor: (taken: number) => number): void {
    this.leave()
    if (this.#isSettled) return
    this.#isSettled = true
    const charges = takes
      .map((take): Charge => ({ take, amount: amountFor(take.cost) }))
      .filter(({ amount }) => amount !== 0)
    if (charges.length > 0) quietly(this.#store.charge(charges))
  }
}

/** What cannot be told is the store's to make good: the caller has its answer already. */
function quietly(told: Promise<void>): void {
  told.catch(() => undefined)
}
