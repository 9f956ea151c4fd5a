// The ledger's places in the pipeline: around each attempt, and around the cache.
import type { GatewayError } from '../canonical/errors.ts'
import type { Middleware } from '../exchange/exchange.ts'
import type { Tell } from '../exchange/happening.ts'
import { cachedUse } from '../ledger/cached-use.ts'
import { explainedReservation } from '../ledger/explained-reservation.ts'
import type { BudgetsOf, Ledger, LedgerDurability, RecordedCalls } from '../ledger/ledger.ts'
import { metered } from '../ledger/metered.ts'
import { RunningAttempts } from '../ledger/running-attempts.ts'
import { failureClass } from '../resilience/failure-class.ts'
import { isLost } from '../resilience/hedging.ts'
import type { Every } from '../resilience/limits/lease.ts'
import { estimatedUsage } from '../usage/estimated-usage.ts'
import type { Paying } from './explanation.ts'
import type { PriceOf } from '../usage/price.ts'
import type { Tokenizers } from '../usage/tokenizer.ts'

/** What may change while it runs. */
interface LedgerSettings {
  /** Default `all`. */
  readonly records?: RecordedCalls
  /** Default `strict`. */
  readonly durability?: LedgerDurability
  /** Tokens of an answer without a limit, where a hard budget needs one. Default 4096. */
  readonly outputReserve?: number
}

export interface LedgerSetup {
  readonly ledger: Ledger
  readonly budgetsOf: BudgetsOf
  readonly settings: () => LedgerSettings
  /** How often the use of answers that come in is written down, in milliseconds. Default 2000. */
  readonly checkpointMs?: number
}

interface Surroundings {
  readonly tokenizers: Tokenizers
  readonly priceOf: PriceOf
  readonly clock: () => number
  readonly newId: () => string
  readonly every: Every
  readonly tell: Tell
}

/** Outside of the cache. */
export function ledgerOfCached(
  setup: LedgerSetup | undefined,
  { clock, newId, tell }: Surroundings,
): readonly Middleware[] {
  if (setup === undefined) return []
  const { ledger, settings } = setup
  const records = (): RecordedCalls => settings().records ?? 'all'
  return [cachedUse({ ledger, records, clock, newId, tell })]
}

/** Within the limits of the target: who is not let in has reserved nothing. */
export function ledgerOfAttempts(
  setup: LedgerSetup | undefined,
  { every, ...surroundings }: Surroundings,
): readonly Middleware[] {
  if (setup === undefined) return []
  const { ledger, budgetsOf, settings, checkpointMs } = setup
  const interval = checkpointMs === undefined ? {} : { intervalMs: checkpointMs }
  return [
    metered({
      ...surroundings,
      ledger,
      budgetsOf,
      estimating: estimatedUsage,
      records: () => settings().records ?? 'all',
      durability: () => settings().durability ?? 'strict',
      outputReserve: () => settings().outputReserve,
      mayHaveRun,
      isLost,
      running: new RunningAttempts({ ledger, every, ...interval }),
    }),
  ]
}

/** As limits have it: what a provider refused or never heard of is not paid for; who left in the middle may have left it at work. */
function mayHaveRun(error: GatewayError): boolean {
  const known = failureClass(error)
  if (known === 'uncertain') return true
  return known === 'final' && (error.kind === 'cancelled' || error.kind === 'internal')
}

/** For explanations: what a call would reserve. */
export function payingBy(
  setup: LedgerSetup | undefined,
  { clock, tokenizers }: Pick<Surroundings, 'clock' | 'tokenizers'>,
): Paying | undefined {
  if (setup === undefined) return undefined
  const { ledger, budgetsOf, settings } = setup
  return async (exchange, price) => {
    const budgets = budgetsOf(exchange)
    if (budgets.length === 0) return undefined
    const { outputReserve } = settings()
    const tokenizer = await tokenizers.of(exchange.target.model)
    const known = { ledger, budgets, price, tokenizer, outputReserve }
    return explainedReservation(exchange, { ...known, now: clock() })
  }
}
