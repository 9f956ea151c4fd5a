// A document: JSON under a kind and an id, with a version that says which state of it somebody has seen.
import type { JsonObject } from '../../wire/json.ts'

export interface DocumentKey {
  /** `provider`, `key`, `secret` … */
  readonly kind: string
  readonly id: string
}

export interface Document extends DocumentKey {
  /** Counted from 1, and never the same again, even where it is removed and written anew. */
  readonly version: number
  readonly body: JsonObject
  /** Of the change that brought it to this state: higher than that of any before. */
  readonly sequence: number
  /** Milliseconds since 1970. */
  readonly createdAt: number
  readonly updatedAt: number
}

/** Which state a write expects: that version, none at all (`absent`), or whatever there is. */
export type Expected = number | 'absent' | 'any'

export interface DocumentWrite extends DocumentKey {
  /** Absent: it is removed. */
  readonly body?: JsonObject
  /** Default `any`. */
  readonly expected?: Expected
}

/** A state that a document came to; without a body where it was removed. */
export interface DocumentChange extends DocumentKey {
  /** Higher than that of any change before it. */
  readonly sequence: number
  readonly version: number
  readonly body?: JsonObject
}
