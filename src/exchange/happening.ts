// What happens, as facts: told once by whoever knows them, heard by metrics, log, events and tests.
import type { AlertFact } from './facts/alerts.ts'
import type { CacheFact } from './facts/answers.ts'
import type { BudgetFact } from './facts/budgets.ts'
import type { CallFact } from './facts/calls.ts'
import type { AttemptFact } from './facts/attempts.ts'
import type { KeyFact } from './facts/credentials.ts'
import type { TargetFact } from './facts/targets.ts'
import type { LimitFact } from './facts/limits.ts'
import type { ServerFact } from './facts/server.ts'
import type { StoreFact } from './facts/store.ts'
import type { VaultFact } from './facts/vault.ts'

/** Every fact, by what it is about. */
export type Happening = OwnFact | HeardFact

/** What another process of this server has seen. */
interface HeardFact {
  readonly type: 'heard'
  readonly fact: OwnFact
}

export type OwnFact =
  | BudgetFact
  | AlertFact
  | CacheFact
  | CallFact
  | AttemptFact
  | KeyFact
  | TargetFact
  | LimitFact
  | ServerFact
  | StoreFact
  | VaultFact

export type Tell = (happening: Happening) => void
