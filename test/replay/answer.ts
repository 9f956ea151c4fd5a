// What an upstream says, in no vendor's words: each vendor of these tests prints it whole and as a stream.
import type { JsonObject } from '../../src/wire/json.ts'

export interface Call {
  /** Five letters or digits, from which each vendor makes an id that is legal there. */
  readonly key: string
  readonly name: string
  readonly input: JsonObject
}

type Ending = 'stop' | 'length' | 'tools' | 'filter'

export interface Counts {
  /** Everything read, cached or not. */
  readonly input: number
  /** Everything written, thinking included. */
  readonly output: number
  readonly cached?: number
  readonly thinking?: number
}

export interface Answer {
  readonly thinking?: string
  readonly text?: string
  readonly calls?: readonly Call[]
  readonly ending: Ending
  readonly counts: Counts
}

/** A refusal before anything was said. */
export type FailureKind = 'invalid' | 'auth' | 'rate-limit' | 'internal' | 'overloaded'

/** What one turn of a scenario is answered with. */
export type Turn =
  | { readonly says: Answer }
  | { readonly fails: FailureKind }
  /** A stream that begins, and ends in the vendor's own word for a failure. */
  | { readonly breaks: Answer }
  /** A stream that begins and says nothing more. */
  | { readonly hangs: Answer }

/** Pieces of a text as a model gives them: some characters each, never half a character. */
export function pieces(text: string, size = 7): readonly string[] {
  const characters = Array.from(text)
  return Array.from({ length: Math.ceil(characters.length / size) }, (_, at) =>
    characters.slice(at * size, (at + 1) * size).join(''),
  )
}
