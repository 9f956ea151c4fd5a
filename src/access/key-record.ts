// What is kept of a key and of a team.
import type { AllowedBudget, AllowedLimits } from '../canonical/allowance.ts'
import type { KeptContentPolicy } from '../canonical/content-policy.ts'
import type { KeyDigest } from './digest.ts'
import type { KeyKind } from './key-format.ts'
import type { Role } from './role.ts'
import type { Scope } from './scope.ts'

/** What keys and teams have in common: what may be used, and how much of it. */
export interface Holding {
  readonly id: string
  readonly name: string
  readonly scope: Scope
  readonly limits: AllowedLimits
  readonly budgets: readonly AllowedBudget[]
  /** What usage is grouped by. */
  readonly tags: Readonly<Record<string, string>>
  readonly state: 'active' | 'revoked'
  /** The public id of the admin key that made it; `patchbay` for what was there at the first start. */
  readonly createdBy: string
}

export type TeamRecord = Holding

export interface KeyRecord extends Holding {
  readonly kind: KeyKind
  /** Of admin keys alone. */
  readonly role?: Role
  /** Whose it is, for people. */
  readonly owner?: string
  readonly team?: string
  /** The key that it was made under: it may never do what that one may not. */
  readonly parent?: string
  /** Milliseconds since 1970. */
  readonly expiresAt?: number
  /** Names of tags that its requests may bring along; `*`: any. */
  readonly requestTags: readonly string[]
  /** Whether its calls may go before others when there is too much to do. */
  readonly critical: boolean
  /** How the texts of its calls are kept; absent: they are not. */
  readonly content?: KeptContentPolicy
  /** Of the secret that is good, and of the one before while that still is. */
  readonly digests: readonly KeyDigest[]
}
