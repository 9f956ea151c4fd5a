// Documents whose changes are heard: at once where this process makes them, soon where another one does.
import type { Every } from '../../resilience/limits/lease.ts'
import type { Database } from '../operation.ts'
import type { DocumentChange, DocumentWrite } from './document.ts'
import { Documents } from './documents.ts'
import { lastChange } from './operations.ts'

/** Applies a state; it does not wait, and may be told the same state twice. */
export type HearChange = (change: DocumentChange) => void

export interface WatchOptions {
  /** Milliseconds since 1970. */
  readonly now: () => number
  /** How to look again and again for what others change; what nobody else can reach is not looked at. */
  readonly every: Every
  /** Milliseconds between two looks. Default 500. */
  readonly intervalMs?: number
  /** Hears why a look failed, or what a listener threw: neither ends the watching. */
  readonly failed: (thrown: unknown) => void
}

interface Listener {
  readonly kind: string
  readonly hear: HearChange
}

const INTERVAL_MS = 500
const PAGE = 100

export class WatchedDocuments extends Documents {
  readonly #database: Database
  readonly #failed: (thrown: unknown) => void
  readonly #stop: (() => void) | undefined
  readonly #listeners = new Set<Listener>()
  /** Looks and beginnings, one after another. */
  #turn: Promise<void> = Promise.resolve()
  /** The look that has not begun yet: whoever asks meanwhile shares it. */
  #next: Promise<void> | undefined
  /** The last change that was told; undefined before anybody listens. */
  #told: number | undefined

  constructor(database: Database, options: WatchOptions) {
    super(database, options.now)
    this.#database = database
    this.#failed = options.failed
    const { every, intervalMs = INTERVAL_MS } = options
    this.#stop = database.isShared ? every(intervalMs, () => void this.look()) : undefined
  }

  /**
   * Tells of every document of a kind that there is, then of each state that one comes to, removals too, until it is called off.
   * Resolves once those that there are have been told; throws where they cannot be read.
   */
  async follow(kind: string, hear: HearChange): Promise<() => void> {
    const listener = { kind, hear }
    await this.#inTurn(async () => {
      // What changes from here on is told by the next look, though it may be among those that are read now.
      this.#told ??= await this.#database.run(lastChange, undefined)
      for (const { id, version, body, sequence } of await this.all(kind)) {
        this.#tell(listener, { kind, id, version, body, sequence })
      }
      this.#listeners.add(listener)
    })
    return () => void this.#listeners.delete(listener)
  }

  /** As `Documents.write`; whoever listens in this process has heard of it once it resolves. */
  override async write(writes: readonly DocumentWrite[]): Promise<readonly number[]> {
    const versions = await super.write(writes)
    await this.look()
    return versions
  }

  /** Tells what has changed until now. Never rejects: a failure is told, and the next look goes on where this one stopped. */
  async look(): Promise<void> {
    this.#next ??= this.#inTurn(async () => {
      this.#next = undefined
      await this.#tellChanges()
    }).catch((thrown: unknown) => this.#failed(thrown))
    await this.#next
  }

  /** Tells nothing more. */
  close(): void {
    this.#stop?.()
    this.#listeners.clear()
  }

  async #tellChanges(): Promise<void> {
    if (this.#told === undefined || this.#listeners.size === 0) return
    const last = await this.#database.run(lastChange, undefined)
    // Counted back: the database is another one, restored from before. All that it has is news.
    if (last < this.#told) this.#told = 0
    while (this.#told < last) {
      const changes = await this.changes(this.#told, PAGE)
      for (const change of changes) {
        for (const listener of this.#listeners) {
          if (listener.kind === change.kind) this.#tell(listener, change)
        }
      }
      this.#told = changes.at(-1)?.sequence ?? last
    }
  }

  #tell({ hear }: Listener, change: DocumentChange): void {
    try {
      hear(change)
    } catch (thrown) {
      this.#failed(thrown)
    }
  }

  async #inTurn(work: () => Promise<void>): Promise<void> {
    const mine = this.#turn.then(work)
    this.#turn = mine.catch(() => undefined)
    await mine
  }
}
