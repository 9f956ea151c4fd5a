// What a caller is told whose call is not paid for: which budget, how it stands, until when, and what to do.
import { costOfNano } from '../canonical/cost.ts'
import { GatewayError } from '../canonical/errors.ts'
import { type Target, targetName } from '../exchange/target.ts'
import type { AppliedBudget } from './budget.ts'
import type { BudgetStanding } from '../canonical/budget-standing.ts'
import { nextPeriodStart } from './period.ts'

/** The code of a call that a budget has no room for. */
const BUDGET_EXCEEDED = 'budget_exceeded'
/** The code of a target whose price nobody knows, for a call that a budget counts. */
const PRICE_UNKNOWN = 'price_unknown'

/** When calls that hold something of a budget may have ended. */
const OTHERS_END_MS = 2000

export interface Refused {
  readonly budget: AppliedBudget
  readonly standing: BudgetStanding
  readonly neededNano: number
  /** Milliseconds since 1970. */
  readonly now: number
}

/** 402. Waiting helps where calls that run hold what it needs: they may use less. */
export function budgetExceeded({ budget, standing, neededNano, now }: Refused): GatewayError {
  const { limitNano, spentNano } = standing
  const mayFit = spentNano + neededNano <= limitNano
  const next = nextPeriodStart(budget.period, now)
  const later = next === undefined ? '' : ` It begins anew at ${new Date(next).toISOString()}.`
  const help = mayFit
    ? 'Try again when others have ended, or set a smaller limit of the answer.'
    : `Set a smaller limit of the answer, or ask for a higher budget.${later}`
  return new GatewayError(
    'quota',
    `${stateOf(budget, standing)} This request may cost ${usd(neededNano)}. ${help}`,
    {
      code: BUDGET_EXCEEDED,
      status: 402,
      ...(mayFit ? { retryAfterMs: OTHERS_END_MS } : {}),
    },
  )
}

/** What a caller spends is his to know; what all spend together is the operator's. */
export function isOwn({ scope }: Pick<AppliedBudget, 'scope'>): boolean {
  return scope === 'key' || scope === 'team'
}

function stateOf(budget: AppliedBudget, standing: BudgetStanding): string {
  const { limitNano, spentNano, reservedNano } = standing
  const extent = budget.period === 'total' ? 'in all' : `per ${budget.period}`
  if (!isOwn(budget))
    return `The budget of ${whose(budget)} ${extent} has no room for this request.`
  const held = reservedNano > 0 ? ` and ${usd(reservedNano)} held by calls that run` : ''
  return `The budget of ${whose(budget)} is ${usd(limitNano)} ${extent}, with ${usd(spentNano)} of it spent${held}.`
}

export function priceUnknown(target: Target): GatewayError {
  const { provider, model } = target
  return new GatewayError(
    'unsupported',
    `Nobody knows what ${targetName({ provider, model })} costs, and a budget counts this call. Give it a price under "prices" in patchbay.yaml, or ask for another model.`,
    { code: PRICE_UNKNOWN },
  )
}

function whose({ scope, subject }: AppliedBudget): string {
  switch (scope) {
    case 'installation':
      return 'this gateway'
    case 'route':
      return `the route "${subject}"`
    case 'team':
      return `your team (${subject})`
    case 'key':
      return `the key ${subject}`
  }
}

function usd(nano: number): string {
  return `$${costOfNano(Math.max(0, nano)).usd}`
}
