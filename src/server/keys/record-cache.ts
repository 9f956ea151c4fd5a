// Keys and teams as they were read a moment ago: a bounded number, for seconds, and none longer than until somebody says that it has changed.
import type { Document, DocumentKey } from '../../store/documents/document.ts'

export interface RecordCacheOptions {
  readonly find: (key: DocumentKey) => Promise<Document | undefined>
  /** Milliseconds since 1970. */
  readonly now: () => number
  /** How long something is believed that nobody has contradicted, in milliseconds. */
  readonly ageMs: number
  readonly maxEntries: number
}

/** A record as it was read. */
export interface ReadRecord {
  readonly document: Document
  /** Milliseconds since 1970. */
  readonly readAt: number
}

export class RecordCache {
  readonly #options: RecordCacheOptions
  /** The longest unused first. What is not there is not remembered: nobody fills it with guesses. */
  readonly #entries = new Map<string, ReadRecord>()
  #changes = 0

  constructor(options: RecordCacheOptions) {
    this.#options = options
  }

  async find(key: DocumentKey): Promise<ReadRecord | undefined> {
    const { now, ageMs } = this.#options
    const name = nameOf(key)
    const known = this.#entries.get(name)
    if (known !== undefined && now() - known.readAt < ageMs) {
      this.#entries.delete(name)
      this.#entries.set(name, known)
      return known
    }
    const readAt = now()
    const before = this.#changes
    const document = await this.#options.find(key)
    this.#entries.delete(name)
    // What changed while it was read may be newer than what was read.
    if (document === undefined) return undefined
    const read = { document, readAt }
    if (before === this.#changes) this.#keep(name, read)
    return read
  }

  /** How many changes it has heard of. */
  get changes(): number {
    return this.#changes
  }

  /** Somebody has changed it, or removed it. */
  forget(key: DocumentKey): void {
    this.#changes += 1
    this.#entries.delete(nameOf(key))
  }

  get size(): number {
    return this.#entries.size
  }

  #keep(name: string, entry: ReadRecord): void {
    this.#entries.set(name, entry)
    const [oldest] = this.#entries.keys()
    if (this.#entries.size > this.#options.maxEntries && oldest !== undefined) {
      this.#entries.delete(oldest)
    }
  }
}

function nameOf({ kind, id }: DocumentKey): string {
  return `${kind}/${id}`
}
