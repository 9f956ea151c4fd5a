// Texts turned into vectors, in no vendor's words.
import type { Node, Origin } from './extensions.ts'
import { type Part, textOf } from './part.ts'
import type { Usage } from './usage.ts'

/** What shapes a vector. A wire that says it for each input apart has it on the inputs, and that counts before the request's. */
export interface EmbedSettings {
  /** How many numbers a vector has. */
  readonly dimensions?: number
  /** What the vectors are for, in Google's words: `RETRIEVAL_QUERY`, `SEMANTIC_SIMILARITY` ... */
  readonly task?: string
  /** Of the document that the text is from. */
  readonly title?: string
  /** Whether a text that is too long may be cut; else it is refused. */
  readonly truncate?: boolean
}

export type EmbedInput = Node & { readonly settings?: EmbedSettings } & (
    | { readonly type: 'text'; readonly text: string }
    | { readonly type: 'tokens'; readonly tokens: readonly number[] }
    | { readonly type: 'parts'; readonly parts: readonly Part[] }
  )

/** The kind of number in a vector; all but `float` are smaller and coarser. */
export const VECTOR_TYPES = ['float', 'int8', 'uint8', 'binary', 'ubinary'] as const
export type VectorType = (typeof VECTOR_TYPES)[number]

export interface EmbedRequest extends Node, EmbedSettings {
  readonly origin: Origin
  /** As the client named it, until routing resolves it. */
  readonly model: string
  readonly inputs: readonly EmbedInput[]
  /** Absent: `float`. */
  readonly vectorType?: VectorType
  /** How the client reads a vector: as numbers or as the base64 of their bytes, float32 in little-endian order. */
  readonly encoding?: 'numbers' | 'base64'
  readonly user?: string
}

/** Numbers as the wire had them, or their bytes. */
export type Vector = Node &
  (
    | { readonly type: 'numbers'; readonly numbers: readonly number[] }
    | { readonly type: 'base64'; readonly base64: string }
  )

export interface EmbedResponse extends Node {
  readonly origin: Origin
  /** Absent where the wire has none. */
  readonly id?: string
  readonly model: string
  /** One for each input, in their order. */
  readonly vectors: readonly Vector[]
  readonly usage?: Usage
}

/** What counts for one input. */
export function settingsOf(request: EmbedRequest, input: EmbedInput): EmbedSettings {
  const { dimensions, task, title, truncate } = request
  const common = { dimensions, task, title, truncate }
  const known = Object.entries({ ...common, ...input.settings })
  return Object.fromEntries(known.filter(([, value]) => value !== undefined))
}

/** The inputs of a request that has been made to hold texts only. */
export function textInputs({ inputs }: EmbedRequest): readonly string[] {
  return inputs.map((input) => {
    switch (input.type) {
      case 'text':
        return input.text
      case 'parts':
        return textOf(input.parts)
      case 'tokens':
        return ''
    }
  })
}
