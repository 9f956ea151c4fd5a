// Answers in memory, until the process ends: for a time, up to a number and a size.
import type { KeptAnswer } from '../canonical/kept-answer.ts'
import type { AnswerStore, Conversation } from './answer-store.ts'

export interface MemoryAnswersOptions {
  /** How long an answer is kept after it was given or last gone on from. */
  readonly ttlMs: number
  /** Of all owners together. */
  readonly maxEntries: number
  /** Of all owners together: the bytes of inputs and answers in UTF-8. */
  readonly maxBytes: number
  /** Milliseconds. */
  readonly now: () => number
  /** Runs something later and gives the way to call it off. */
  readonly after: (milliseconds: number, run: () => void) => () => void
}

interface Entry {
  readonly answer: KeptAnswer
  readonly bytes: number
  expiresAt: number
}

/** What one owner has. The entries stand in the order in which they expire. */
interface Shelf {
  readonly entries: Map<string, Entry>
  /** By an item's id, the answer that has it. */
  readonly items: Map<string, string>
  bytes: number
}

/** Longest wait between two looks for what has expired; timers cannot wait for weeks. */
const LONGEST_WAIT = 3_600_000

/** Where there is no more room, whoever has most gives up what expires first, so that no caller can crowd out another. */
export class MemoryAnswers implements AnswerStore {
  readonly #options: MemoryAnswersOptions
  readonly #shelves = new Map<string, Shelf>()
  #callOff: (() => void) | undefined

  constructor(options: MemoryAnswersOptions) {
    this.#options = options
  }

  async put(owner: string, answer: KeptAnswer): Promise<boolean> {
    this.#sweep()
    const bytes = sizeOf(answer)
    if (bytes > this.#options.maxBytes) return false
    this.#drop(owner, answer.id)
    if (answer.previous !== undefined) this.#chain(owner, answer.previous)
    const shelf = this.#shelf(owner)
    shelf.entries.set(answer.id, { answer, bytes, expiresAt: this.#expiry() })
    shelf.bytes += bytes
    for (const item of answer.items) shelf.items.set(item, answer.id)
    this.#makeRoom()
    this.#watch()
    return true
  }

  async find(owner: string, id: string): Promise<KeptAnswer | undefined> {
    this.#sweep()
    return this.#shelves.get(owner)?.entries.get(id)?.answer
  }

  async conversation(owner: string, id: string): Promise<Conversation> {
    this.#sweep()
    return this.#chain(owner, id)
  }

  async holding(owner: string, item: string): Promise<KeptAnswer | undefined> {
    this.#sweep()
    const id = this.#shelves.get(owner)?.items.get(item)
    return id === undefined ? undefined : this.#renewed(owner, id)
  }

  async remove(owner: string, id: string): Promise<boolean> {
    this.#sweep()
    return this.#drop(owner, id)
  }

  async close(): Promise<void> {
    this.#callOff?.()
    this.#callOff = undefined
    this.#shelves.clear()
  }

  /** The last is renewed first, so that what others may go on from too outlives it. */
  #chain(owner: string, id: string): Conversation {
    const answers: KeptAnswer[] = []
    let wanted: string | undefined = id
    while (wanted !== undefined) {
      const answer = this.#renewed(owner, wanted)
      if (answer === undefined) return { answers: answers.toReversed(), missing: wanted }
      answers.push(answer)
      wanted = answer.previous
    }
    return { answers: answers.toReversed() }
  }

  #renewed(owner: string, id: string): KeptAnswer | undefined {
    const entries = this.#shelves.get(owner)?.entries
    const entry = entries?.get(id)
    if (entries === undefined || entry === undefined) return undefined
    entry.expiresAt = this.#expiry()
    entries.delete(id)
    entries.set(id, entry)
    return entry.answer
  }

  #shelf(owner: string): Shelf {
    const known = this.#shelves.get(owner)
    if (known !== undefined) return known
    const shelf: Shelf = { entries: new Map(), items: new Map(), bytes: 0 }
    this.#shelves.set(owner, shelf)
    return shelf
  }

  #drop(owner: string, id: string): boolean {
    const shelf = this.#shelves.get(owner)
    const entry = shelf?.entries.get(id)
    if (shelf === undefined || entry === undefined) return false
    shelf.entries.delete(id)
    shelf.bytes -= entry.bytes
    for (const item of entry.answer.items) {
      if (shelf.items.get(item) === id) shelf.items.delete(item)
    }
    if (shelf.entries.size === 0) this.#shelves.delete(owner)
    return true
  }

  #makeRoom(): void {
    const { maxBytes, maxEntries } = this.#options
    while (this.#total((shelf) => shelf.bytes) > maxBytes) this.#dropOldest((shelf) => shelf.bytes)
    while (this.#total((shelf) => shelf.entries.size) > maxEntries) {
      this.#dropOldest((shelf) => shelf.entries.size)
    }
  }

  #total(measure: (shelf: Shelf) => number): number {
    return [...this.#shelves.values()].reduce((sum, shelf) => sum + measure(shelf), 0)
  }

  #dropOldest(measure: (shelf: Shelf) => number): void {
    const [most] = [...this.#shelves].toSorted(([, a], [, b]) => measure(b) - measure(a))
    if (most === undefined) return
    const [owner, shelf] = most
    const [oldest] = shelf.entries.keys()
    if (oldest !== undefined) this.#drop(owner, oldest)
  }

  #expiry(): number {
    return this.#options.now() + this.#options.ttlMs
  }

  #sweep(): void {
    const now = this.#options.now()
    for (const [owner, shelf] of this.#shelves) {
      for (const [id, entry] of shelf.entries) {
        if (entry.expiresAt > now) break
        this.#drop(owner, id)
      }
    }
  }

  /** What nobody asks for any more leaves memory all the same. */
  #watch(): void {
    if (this.#callOff !== undefined || this.#shelves.size === 0) return
    const wait = Math.min(this.#options.ttlMs, LONGEST_WAIT)
    this.#callOff = this.#options.after(wait, () => {
      this.#callOff = undefined
      this.#sweep()
      this.#watch()
    })
  }
}

/** In bytes of UTF-8. */
export function sizeOf({ input, answer }: KeptAnswer): number {
  return Buffer.byteLength(input) + Buffer.byteLength(answer)
}
