// What every attempt at a provider used, kept so that nothing is lost and nothing counts twice, whatever dies in between.
import type { Exchange } from '../exchange/exchange.ts'
import type { BudgetStanding } from '../canonical/budget-standing.ts'
import type { AppliedBudget } from './budget.ts'

/** For whom and by whom an attempt is made: what its use is grouped by. */
export interface AttemptLabels {
  readonly attemptId: string
  /** The request id. */
  readonly callId: string
  readonly operation: Exchange['operation']
  readonly caller?: string
  readonly team?: string
  readonly parents?: readonly string[]
  readonly tags?: Readonly<Record<string, string>>
  readonly route?: string
  readonly provider: string
  readonly model: string
  /** The public label of the provider's credential. */
  readonly credential?: string
  /** Which price it was reckoned with. */
  readonly price?: string
  /** When it was dispatched, in milliseconds since 1970. */
  readonly at: number
}

/** An attempt before it is made. */
export interface Opening extends AttemptLabels {
  /** The most that it may cost; 0 where no budget asks. */
  readonly reserveNano: number
  readonly budgets: readonly AppliedBudget[]
  /** What it costs at the least once a provider has read it; absent where no price is known. */
  readonly inputNano?: number
  readonly inputTokens: number
}

/** Reserved of every budget and written down, or of none: then the first one without room is told. */
export type Begun =
  | { readonly granted: true; readonly standings: readonly BudgetStanding[] }
  | { readonly granted: false; readonly refused: AppliedBudget; readonly standing: BudgetStanding }

/** What a running attempt has used so far. */
export interface Checkpoint {
  readonly attemptId: string
  readonly outputTokens: number
  readonly nanoUsd?: number
}

/** `provider`, `partial`, `estimate`: as told in usage-settled; `crash_estimate`: its gateway died; `cache`: nobody was asked; `none`: a provider did nothing. */
type UseSource = 'provider' | 'partial' | 'estimate' | 'crash_estimate' | 'cache' | 'none'

export type UseStatus =
  | 'succeeded'
  | 'failed'
  | 'abandoned'
  | 'cut'
  | 'hedge_lost'
  | 'crashed'
  | 'cached'

/** Tokens by kind; what is not known is absent. */
export interface UsedTokens {
  readonly input?: number
  readonly cacheRead?: number
  readonly cacheWrite?: number
  readonly output?: number
  readonly reasoning?: number
}

/** An attempt that is over. */
export interface Settlement extends AttemptLabels {
  readonly endedAt: number
  readonly tokens: UsedTokens
  /** Absent where nobody knows the price. */
  readonly nanoUsd?: number
  /** What is the operator's cost and no caller's: that of the loser of two who were asked at once. */
  readonly operatorNano?: number
  readonly source: UseSource
  readonly status: UseStatus
  readonly errorKind?: string
  readonly latencyMs: number
  /** What was reserved for it, and of which budgets. */
  readonly reserveNano: number
  readonly budgets: readonly AppliedBudget[]
}

/** `settled`: now. `adjusted`: another has settled it with a guess, which is corrected. `known`: it was settled just so. */
export interface Settled {
  readonly how: 'settled' | 'adjusted' | 'known'
  readonly standings: readonly BudgetStanding[]
}

/** Which calls are written down: all, or those alone that a budget counts. */
export const RECORDED_CALLS = ['all', 'budgeted'] as const
export type RecordedCalls = (typeof RECORDED_CALLS)[number]

/** Whether a call waits until what is written of it is there to stay. */
export type LedgerDurability = 'strict' | 'fast'

export interface Ledger {
  /** Resolves once the reservation is there to stay: nobody is asked before. */
  begin(opening: Opening): Promise<Begun>
  checkpoint(checkpoints: readonly Checkpoint[]): Promise<void>
  /** Each attempt once, however often it is told. */
  settle(settlement: Settlement): Promise<Settled>
  /** How budgets stand now, in their order. */
  stand(budgets: readonly AppliedBudget[]): Promise<readonly BudgetStanding[]>
  close(): Promise<void>
}

/** The budgets that an exchange counts into. */
export type BudgetsOf = (exchange: Exchange) => readonly AppliedBudget[]
