// A database that can be lost and found again, with all that it had.
import { type StoreFailure, storeError } from '../src/store/store-failure.ts'
import type { Database, Operation } from '../src/store/operation.ts'

export class FailingDatabase implements Database {
  readonly isShared: boolean
  /** What every operation fails with; undefined: none does. */
  failure: StoreFailure | undefined
  /** Whether what fails has been done all the same: its answer was lost. */
  loses: 'request' | 'answer' = 'request'
  /** Operations that were asked for, by name. */
  readonly asked: string[] = []
  readonly #inner: Database

  constructor(inner: Database) {
    this.#inner = inner
    this.isShared = inner.isShared
  }

  async run<Args, Result>(operation: Operation<Args, Result>, args: Args): Promise<Result> {
    this.asked.push(operation.name)
    const { failure } = this
    if (failure === undefined) return this.#inner.run(operation, args)
    if (this.loses === 'answer') await this.#inner.run(operation, args)
    throw storeError(failure, 'there')
  }

  async close(): Promise<void> {
    await this.#inner.close()
  }
}
