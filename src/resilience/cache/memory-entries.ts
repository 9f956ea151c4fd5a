// Texts in memory, until the process ends: for a time, up to a number and a size; what was used longest ago goes first.
import type { Every } from '../limits/lease.ts'
import type { EntryStore } from './entry-store.ts'

export interface MemoryEntriesOptions {
  readonly maxEntries: number
  /** Of keys and texts, as UTF-16 holds them. */
  readonly maxBytes: number
  /** Milliseconds. */
  readonly clock: () => number
  /** How to look for what has run out while nobody asks. Absent: it stays until there is no room. */
  readonly every?: Every
}

interface Entry {
  readonly text: string
  readonly bytes: number
  readonly until: number
}

/** What has run out leaves memory within this time. */
const SWEEP_MS = 60_000

export class MemoryEntries implements EntryStore {
  readonly #options: MemoryEntriesOptions
  /** In the order of their use. */
  readonly #entries = new Map<string, Entry>()
  #bytes = 0
  #callOff: (() => void) | undefined

  constructor(options: MemoryEntriesOptions) {
    this.#options = options
  }

  /** How much it holds now. */
  get size(): { readonly entries: number; readonly bytes: number } {
    return { entries: this.#entries.size, bytes: this.#bytes }
  }

  async get(key: string): Promise<string | undefined> {
    const entry = this.#living(key)
    if (entry === undefined) return undefined
    this.#entries.delete(key)
    this.#entries.set(key, entry)
    return entry.text
  }

  async set(key: string, text: string, ttlMs: number): Promise<void> {
    const { maxBytes, maxEntries, clock } = this.#options
    this.#drop(key)
    const bytes = 2 * (key.length + text.length)
    if (bytes > maxBytes) return
    this.#entries.set(key, { text, bytes, until: clock() + ttlMs })
    this.#bytes += bytes
    this.#callOff ??= this.#options.every?.(SWEEP_MS, () => this.#sweep())
    for (const oldest of this.#entries.keys()) {
      if (this.#bytes <= maxBytes && this.#entries.size <= maxEntries) return
      this.#drop(oldest)
    }
  }

  async claim(key: string, text: string, ttlMs: number): Promise<string | undefined> {
    const known = this.#living(key)
    if (known !== undefined) return known.text
    await this.set(key, text, ttlMs)
    return undefined
  }

  async remove(key: string): Promise<void> {
    this.#drop(key)
  }

  async close(): Promise<void> {
    this.#entries.clear()
    this.#bytes = 0
    this.#stopSweeping()
  }

  #living(key: string): Entry | undefined {
    const entry = this.#entries.get(key)
    if (entry === undefined || entry.until > this.#options.clock()) return entry
    this.#drop(key)
    return undefined
  }

  #sweep(): void {
    for (const key of this.#entries.keys()) this.#living(key)
    if (this.#entries.size === 0) this.#stopSweeping()
  }

  #stopSweeping(): void {
    this.#callOff?.()
    this.#callOff = undefined
  }

  #drop(key: string): void {
    this.#bytes -= this.#entries.get(key)?.bytes ?? 0
    this.#entries.delete(key)
  }
}
