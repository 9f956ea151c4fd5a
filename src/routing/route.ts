// A route: a model name of the operator's own that stands for several targets, and the rule by which one is chosen.
import type { Candidate, HedgeRule, OnStreamFailure } from '../exchange/choice.ts'

export const STRATEGIES = [
  'priority',
  'weighted',
  'round-robin',
  'least-in-flight',
  'fastest',
  'cheapest',
  'sticky',
  'auto',
] as const

export type StrategyName = (typeof STRATEGIES)[number]

export interface RouteTarget {
  /** A name that `resolveModel` knows, other than a route's: usually `provider/model`. */
  readonly model: string
  /** Its share under `weighted` and `sticky`. Default 1. */
  readonly weight?: number
  /** Tokens that fit, where the provider's model list does not say. */
  readonly contextTokens?: number
  /** Such as `tools`, `vision`, `thinking`, where the list does not say. */
  readonly capabilities?: readonly string[]
}

export interface Route {
  readonly name: string
  /** Default `priority`. */
  readonly strategy?: StrategyName
  /** Milliseconds that a call of it may take as a whole; a caller may say less. */
  readonly timeoutMs?: number
  /** In order of preference. */
  readonly targets: readonly RouteTarget[]
  /** Answers may be used again for calls that are the same, for so long; absent: only for callers who ask for it. */
  readonly cache?: { readonly ttlMs?: number }
  /** Whether a second target is asked beside one that is slow to begin. Default: no. */
  readonly hedge?: HedgeRule
  /** Default `fail`. */
  readonly onStreamFailure?: OnStreamFailure
}

/** A target of a route at the moment of a call, with all that a strategy may weigh. */
export interface Contender extends Candidate {
  readonly inFlight: number
  /** Milliseconds to the beginning of an answer, lately; absent before the first. */
  readonly latencyMs?: number
  /** Nano-dollars that this call would cost at the most; absent where no price is known. */
  readonly price?: number
}

export interface PlanContext {
  /** 0 to 1. */
  readonly random: () => number
  /** Calls of this route before this one. */
  readonly turn: number
  /** What the calls of one conversation have in common; absent where nothing says so. */
  readonly session?: string
}

/** Puts contenders in the order in which they are asked. Pure but for `random`. */
export type Strategy = (
  contenders: readonly Contender[],
  context: PlanContext,
) => readonly Contender[]
