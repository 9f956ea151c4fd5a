// How much may be used in somebody's name: the limits and budgets of a key, of the keys that it was made under, and of their team.

/** How much in a minute, and how much in a day. */
export interface AllowedRate {
  readonly perMinute?: number
  readonly perDay?: number
}

export interface AllowedLimits {
  readonly requests?: AllowedRate
  readonly tokens?: AllowedRate
  /** Calls at once. */
  readonly concurrency?: number
}

export const ALLOWED_PERIODS = ['hour', 'day', 'week', 'month', 'total'] as const

export interface AllowedBudget {
  /** Whole billionths of a US dollar. */
  readonly nanoUsd: number
  readonly period: (typeof ALLOWED_PERIODS)[number]
  /** Nothing is done beyond it. A soft one is only counted, and told of. */
  readonly hard: boolean
}

/** What one of those whom a call counts for may use. */
export interface Allowance {
  readonly scope: 'key' | 'team'
  /** Its public id. */
  readonly id: string
  readonly limits?: AllowedLimits
  readonly budgets?: readonly AllowedBudget[]
}
