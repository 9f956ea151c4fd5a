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

/** When a second target is asked beside one that is slow to begin. */
export interface HedgeRule {
  /** Milliseconds. Default: what no more than one answer in twenty of the target takes to begin. */
  readonly delayMs?: number
  /** The least of that. Default 500. */
  readonly minDelayMs?: number
  /** Of the route's calls, at the most. Default 0.05. */
  readonly maxShare?: number
}

/** What becomes of a stream that breaks within its answer. */
export type OnStreamFailure = 'fail' | 'continue'

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
  /** Absent: one target at a time. */
  readonly hedge?: HedgeRule
  /** Absent: it fails. */
  readonly onStreamFailure?: OnStreamFailure
}
