// Keys that were recognised a moment ago, with what they are granted: by the digest of the whole key, so that only who shows it finds it, and no clear key is kept.
import { type KeyObject, hash } from 'node:crypto'
import type { Recognised } from '../auth.ts'

export interface Recognition {
  readonly recognised: Recognised
  /** What its digest was made with; undefined where there was no vault. */
  readonly pepper: KeyObject | undefined
  /** From then on the records must be looked at again; milliseconds since 1970. */
  readonly goodUntil: number
}

export class RecognisedKeys {
  readonly #maxEntries: number
  /** The oldest first. Only what was recognised is in it: nobody fills it with guesses. */
  readonly #entries = new Map<string, Recognition>()

  constructor(maxEntries: number) {
    this.#maxEntries = maxEntries
  }

  find(presented: string, now: number): Recognition | undefined {
    const entry = this.#entries.get(nameOf(presented))
    return entry !== undefined && now < entry.goodUntil ? entry : undefined
  }

  keep(presented: string, entry: Recognition): void {
    const name = nameOf(presented)
    this.#entries.delete(name)
    this.#entries.set(name, entry)
    const [oldest] = this.#entries.keys()
    if (this.#entries.size > this.#maxEntries && oldest !== undefined) this.#entries.delete(oldest)
  }

  /** Something that any of them rests on has changed. */
  clear(): void {
    this.#entries.clear()
  }
}

function nameOf(presented: string): string {
  return hash('sha256', presented, 'base64')
}
