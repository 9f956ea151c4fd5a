// How many tokens a request is, before it is made.
import type { Node } from './extensions.ts'
import type { Json } from './json.ts'

export interface TokenCount extends Node {
  /** Everything that would be read, cached or not. */
  readonly inputTokens: number
  /** Part of it: what the provider has in its cache. */
  readonly cached?: number
  /** Whether the target's own tokenizer has counted; else it is a guess. */
  readonly exact: boolean
  /** The vendor's own object with the dialect that wrote it, for the way back. */
  readonly raw?: { readonly dialect: string; readonly value: Json }
}
