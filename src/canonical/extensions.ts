// What a dialect keeps for itself on a node of the model, so that the way back to the same dialect loses nothing.
import type { JsonObject } from './json.ts'
import type { NoteWeight } from './note.ts'

/**
 * Leftovers of one source JSON object.
 * `fields`: keys the model has no word for (and known keys that were null), as they came.
 * `shape`: spellings with equal meaning, such as "content was a string"; the dialect alone reads it.
 * `weights`: by key of `fields`, how much its loss weighs where that is more or less than an advice.
 */
export interface Extension {
  readonly fields?: JsonObject
  readonly shape?: JsonObject
  readonly weights?: Readonly<Record<string, NoteWeight>>
}

/** By dialect id. Another dialect's encoder ignores the entry, and the lowering notes what is lost. */
export interface Extensions {
  readonly [dialect: string]: Extension | undefined
}

/** Anything in the model that remembers where it came from. */
export interface Node {
  readonly extensions?: Extensions
}

/** Who made an opaque piece of state; only that party may get it back. */
export interface Origin {
  readonly dialect: string
  readonly provider?: string
  readonly model?: string
}
