// On whose account a call is made: what limits, budgets and the record of usage know of a caller besides its key.
import type { Allowance } from '../canonical/allowance.ts'
import type { KeptContentPolicy } from '../canonical/content-policy.ts'
import type { Target } from './target.ts'

export interface Account {
  /** The public id of the team that the caller's key belongs to. */
  readonly team?: string
  /** The public ids of the keys that the caller's key was made under, the nearest first: what it uses, they use. */
  readonly parents?: readonly string[]
  /** What usage can be grouped by: those of the key, and those that the request brings. */
  readonly tags?: Readonly<Record<string, string>>
  /** What the key, its parents and its team may use, each counted for itself. */
  readonly allowances?: readonly Allowance[]
  /** How the texts of its calls are kept; absent: not at its wish. */
  readonly content?: KeptContentPolicy
  /** Who may be asked in its name. Absent: anyone. */
  readonly permits?: (target: Target) => boolean
}
