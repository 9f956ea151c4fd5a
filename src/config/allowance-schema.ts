// Limits and budgets of a key or a team, as they are written in the file and over the API.
import { z } from 'zod'
import { compact } from '../canonical/compact.ts'
import {
  ALLOWED_PERIODS,
  type AllowedBudget,
  type AllowedLimits,
  type AllowedRate,
} from '../canonical/allowance.ts'
import { asNumber, flag } from './values.ts'

const whole = z.preprocess(asNumber, z.int().min(1).max(Number.MAX_SAFE_INTEGER))

const rateEntry = z.strictObject({
  per_minute: whole.optional().describe('In a minute.'),
  per_day: whole.optional().describe('In a day.'),
})

const limitsEntry = z.strictObject({
  requests: rateEntry.optional().describe('How many calls.'),
  tokens: rateEntry.optional().describe('How many tokens, read and written.'),
  concurrency: whole.optional().describe('How many calls at once.'),
})

/** Numbers below 2^53 in billionths. */
const DOLLARS = /^\d{1,6}(?:\.\d{1,9})?$/

const budgetEntry = z
  .strictObject({
    usd: z
      .string()
      .regex(DOLLARS, 'must be US dollars below a million in quotes, such as "12.50"')
      .optional()
      .describe('US dollars, as a decimal in quotes.'),
    nano_usd: z
      .preprocess(asNumber, z.int().min(0).max(1_000_000_000_000_000))
      .optional()
      .describe('The same in whole billionths of a dollar.'),
    period: z.enum(ALLOWED_PERIODS).describe('After which it begins anew; total: never.'),
    hard: flag.optional().describe('false: it is only counted, and told of. Default: true.'),
  })
  .refine(
    ({ usd, nano_usd: nano }) => (usd === undefined) !== (nano === undefined),
    'needs either usd or nano_usd',
  )

export const allowedLimits: z.ZodType<AllowedLimits> = limitsEntry.transform(
  ({ requests, tokens, concurrency }) =>
    compact({ requests: rateOf(requests), tokens: rateOf(tokens), concurrency }),
)

export const allowedBudgets: z.ZodType<readonly AllowedBudget[]> = z
  .array(
    budgetEntry.transform(({ usd = '0', nano_usd: nano, period, hard = true }) => {
      return { nanoUsd: nano ?? nanoOf(usd), period, hard }
    }),
  )
  .max(10)
  .refine(
    (budgets) =>
      new Set(budgets.map(({ period, hard }) => `${period} ${hard}`)).size === budgets.length,
    'has two budgets of one period: one of each may be hard, and one soft',
  )

function rateOf(given: z.infer<typeof rateEntry> | undefined): AllowedRate | undefined {
  if (given === undefined) return undefined
  return compact({ perMinute: given.per_minute, perDay: given.per_day })
}

/** `12.5` as billionths. */
function nanoOf(usd: string): number {
  const [dollars = '0', fraction = ''] = usd.split('.')
  return Number(`${dollars}${fraction.padEnd(9, '0')}`)
}
