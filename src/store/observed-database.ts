// A database that tells what it was asked, how long that took, and when it stops doing its work or does it again; and that is not asked
// for more than it can come to.
import { GatewayError } from '../canonical/errors.ts'
import { compact } from '../canonical/compact.ts'
import type { StoreFact } from '../exchange/facts/store.ts'
import type { Database, Operation } from './operation.ts'
import { type StoreFailure, storeError, storeFailureIn } from './store-failure.ts'

export interface Observing {
  readonly tell: (fact: StoreFact) => void
  /** Milliseconds that only go forward. */
  readonly clock: () => number
  /** Operations that may wait; more are refused at once with `store_busy`. */
  readonly maxWaiting: number
}

/** Those that say something of the database; a busy one only has much to do, and what is refused may be the fault of what was asked. */
const DOWN: ReadonlySet<StoreFailure> = new Set([
  'unavailable',
  'uncertain',
  'full',
  'read_only',
  'corrupt',
])

export class ObservedDatabase implements Database {
  readonly isShared: boolean
  readonly #inner: Database
  readonly #observing: Observing
  #waiting = 0
  #down: StoreFailure | undefined

  constructor(inner: Database, observing: Observing) {
    this.#inner = inner
    this.#observing = observing
    this.isShared = inner.isShared
  }

  async run<Args, Result>(operation: Operation<Args, Result>, args: Args): Promise<Result> {
    const { clock, tell, maxWaiting } = this.#observing
    if (this.#waiting >= maxWaiting) {
      tell({ type: 'store-failed', operation: operation.name, failure: 'busy' })
      throw storeError('busy', 'of this gateway')
    }
    const startedAt = clock()
    this.#waiting += 1
    try {
      const result = await this.#inner.run(operation, args)
      this.#ended(operation, clock() - startedAt)
      return result
    } catch (thrown) {
      this.#ended(operation, clock() - startedAt, thrown)
      throw thrown
    }
  }

  async close(): Promise<void> {
    await this.#inner.close()
  }

  #ended({ name, reads }: Operation<never, unknown>, elapsedMs: number, thrown?: unknown): void {
    const { tell } = this.#observing
    this.#waiting -= 1
    const answered = thrown === undefined
    tell({ type: 'store-asked', operation: name, answered, elapsedMs, waiting: this.#waiting })
    const failure = thrown instanceof GatewayError ? storeFailureIn(thrown) : undefined
    if (!answered) tell({ type: 'store-failed', operation: name, failure: failure ?? 'failed' })
    if (failure !== undefined && DOWN.has(failure)) return this.#found(failure)
    // A full disk can still be read: only what writes shows that it has room again.
    const shows = this.#down !== 'full' && this.#down !== 'read_only'
    if (answered && (shows || reads !== true)) this.#found(undefined)
  }

  #found(failure: StoreFailure | undefined): void {
    if (failure === this.#down) return
    this.#down = failure
    const state = failure === undefined ? 'up' : 'down'
    this.#observing.tell({ type: 'store-state', state, ...compact({ failure }) })
  }
}
