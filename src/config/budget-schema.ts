// What patchbay.yaml may say of budgets, and of how what calls use is written down.
import { z } from 'zod'
import {
  BUDGET_PERIODS,
  BUDGET_SCOPES,
  type BudgetPeriod,
  type BudgetScope,
} from '../canonical/budget-standing.ts'
import { compact } from '../canonical/compact.ts'
import { nanoOfUsd } from '../canonical/cost.ts'
import type { BudgetRule } from '../ledger/budget-rule.ts'
import { RECORDED_CALLS } from '../ledger/ledger.ts'
import { BUDGET_OUTPUT } from '../ledger/reservation.ts'
import { CHECKPOINT_MS } from '../ledger/running-attempts.ts'
import type { BudgetsConfig, LedgerConfig } from './schema.ts'
import { asNumber, flag, optional, text } from './values.ts'

/** Milliseconds. */
export const LEASE_MS = 15_000

const whole = z.preprocess(asNumber, z.int().positive())

const amount = z
  .union([z.string(), z.number()])
  .refine((usd) => nanoOfUsd(usd) !== undefined, {
    error: 'must be US dollars of 0 or more, such as 20 or "0.05", with nine decimals at the most',
  })
  .describe('US dollars in a period, as a number or as text: 20, "0.05".')

/** A budget as people write it, in the file as in the API. */
export interface BudgetSetting {
  readonly scope: BudgetScope
  readonly of?: string | undefined
  readonly usd: string | number
  readonly period: BudgetPeriod
  readonly hard?: boolean | undefined
}

const ruleEntry = z.strictObject({
  scope: z
    .enum(BUDGET_SCOPES)
    .describe(
      'Whose money it is: that of the whole installation, or of each route, team or key for itself.',
    ),
  of: optional(text).describe(
    "Only this one: a route's name, a team, or a key's public id (anonymous: callers without one); * at the end stands for any rest. Default: every one, each with a budget of its own.",
  ),
  usd: amount,
  period: z
    .enum(BUDGET_PERIODS)
    .describe('When it begins anew, in UTC; weeks begin on Monday, and total never does.'),
  hard: optional(flag).describe(
    'Whether a call that may cost more than is left is refused. false: it is only counted. Default: true.',
  ),
})

export const budgetSetting: z.ZodType<BudgetSetting> = ruleEntry.refine(
  ({ scope, of }) => scope !== 'installation' || of === undefined,
  {
    path: ['of'],
    message: 'has no meaning in a budget of the installation',
  },
)

const budgetsEntry = z.strictObject({
  rules: optional(z.array(budgetSetting)).describe('Who may spend how much.'),
  output_reserve: optional(whole).describe(
    `Most tokens of an answer whose request sets no limit, where a hard budget counts it. Default: ${BUDGET_OUTPUT}.`,
  ),
})

const ledgerEntry = z.strictObject({
  records: optional(z.enum(RECORDED_CALLS)).describe(
    'Which calls are written down: all, or budgeted, those alone that a budget counts. Default: all.',
  ),
  durability: optional(z.enum(['strict', 'fast'])).describe(
    'Of calls that no hard budget counts: strict waits until a call is written down, before it is made and before its end is told; fast does not wait, and may lose the last moments when the process dies. Default: strict.',
  ),
  lease_ms: optional(whole).describe(
    `Milliseconds without a sign of life after which a gateway counts as dead, and others settle what it left open. Default: ${LEASE_MS}.`,
  ),
  checkpoint_ms: optional(whole).describe(
    `How often what a stream has used so far is written down, in milliseconds. Default: ${CHECKPOINT_MS}.`,
  ),
})

export const budgets: z.ZodType<BudgetsConfig> = budgetsEntry
  .transform(({ rules = [], output_reserve: outputReserve }) =>
    compact({ rules: rules.map((rule) => toRule(rule)), outputReserve }),
  )
  .refine(({ rules }) => new Set(rules.map(({ id }) => id)).size === rules.length, {
    path: ['rules'],
    message: 'has two budgets of the same scope, "of" and period: keep one of them',
  })

export const ledger: z.ZodType<LedgerConfig> = ledgerEntry.transform(
  ({ records, durability, lease_ms: leaseMs, checkpoint_ms: checkpointMs }) =>
    compact({ records, durability, leaseMs, checkpointMs }),
)

/** One rule; `id` where it has one of its own. */
export function toRule(entry: BudgetSetting, id?: string): BudgetRule {
  const { scope, of, usd, period, hard = true } = entry
  const limitNano = nanoOfUsd(usd) ?? 0
  const name = id ?? `${scope}:${of ?? ''}:${period}`
  return compact({ id: name, scope, of, limitNano, period, hard })
}
