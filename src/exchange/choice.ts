// Several targets that one name stands for, and the rule by which one is chosen: what a route leaves to decide at the last moment.
import type { Target } from './target.ts'

export interface Candidate {
  readonly target: Target
  /** Above 0. */
  readonly weight: number
  /** Tokens that fit, where the provider's own list does not say. */
  readonly contextTokens?: number
  /** Such as `tools`, `vision`, where the list does not say. */
  readonly capabilities?: readonly string[]
}

export interface Choice {
  /** The route's name. */
  readonly route: string
  readonly strategy: string
  /** In the order of the configuration; at least one. */
  readonly candidates: readonly Candidate[]
  /** Who cannot be asked at all. */
  readonly unusable: readonly { readonly model: string; readonly reason: string }[]
  /** Answers may be used again, for so long where the route says it. */
  readonly cache?: { readonly ttlMs?: number }
  /** What the calls of one conversation have in common, where the client says it. */
  readonly session?: string
}
