// Answers in the database: they outlive the process, and every gateway of one database has them.
import type { KeptAnswer } from '../../canonical/kept-answer.ts'
import type { AnswerStore, Conversation } from '../answer-store.ts'
import { type MemoryAnswersOptions, sizeOf } from '../memory-answers.ts'
import type { Database } from '../operation.ts'
import {
  findAnswer,
  forgetAnswers,
  goOnFrom,
  goOnFromItem,
  putAnswer,
  removeAnswer,
} from './operations.ts'

/** Between two looks for what has expired. */
const SWEEP_MS = 600_000
const AT_ONCE = 500

export class StoredAnswers implements AnswerStore {
  readonly #database: Database
  readonly #options: MemoryAnswersOptions
  #callOff: (() => void) | undefined
  #isClosed = false

  constructor(database: Database, options: MemoryAnswersOptions) {
    this.#database = database
    this.#options = options
    this.#watch()
  }

  async put(owner: string, answer: KeptAnswer): Promise<boolean> {
    const { maxEntries, maxBytes } = this.#options
    const bytes = sizeOf(answer)
    if (bytes > maxBytes) return false
    const putting = { owner, answer, bytes, maxEntries, maxBytes, ...this.#times() }
    await this.#database.run(putAnswer, putting)
    return true
  }

  async find(owner: string, id: string): Promise<KeptAnswer | undefined> {
    return this.#database.run(findAnswer, { owner, id, now: this.#options.now() })
  }

  async conversation(owner: string, id: string): Promise<Conversation> {
    return this.#database.run(goOnFrom, { owner, id, ...this.#times() })
  }

  async holding(owner: string, item: string): Promise<KeptAnswer | undefined> {
    return this.#database.run(goOnFromItem, { owner, item, ...this.#times() })
  }

  async remove(owner: string, id: string): Promise<boolean> {
    return this.#database.run(removeAnswer, { owner, id, now: this.#options.now() })
  }

  /** Nothing is forgotten: it is in the database. */
  async close(): Promise<void> {
    this.#isClosed = true
    this.#callOff?.()
    this.#callOff = undefined
  }

  /** Forgets what has expired, a part at a time. What fails is tried again at the next look: nothing expired is ever given. */
  async sweep(): Promise<void> {
    try {
      for (let gone = AT_ONCE; gone === AT_ONCE && !this.#isClosed;) {
        gone = await this.#database.run(forgetAnswers, { now: this.#options.now(), limit: AT_ONCE })
      }
    } catch {
      // Whoever keeps answers in a database that fails is told where they put and find them.
    }
  }

  #watch(): void {
    const { after, ttlMs } = this.#options
    this.#callOff = after(Math.min(ttlMs, SWEEP_MS), () => {
      void this.#sweepAndWatch()
    })
  }

  async #sweepAndWatch(): Promise<void> {
    await this.sweep()
    if (!this.#isClosed) this.#watch()
  }

  #times(): { readonly now: number; readonly expiresAt: number } {
    const now = this.#options.now()
    return { now, expiresAt: now + this.#options.ttlMs }
  }
}
