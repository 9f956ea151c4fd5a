// What patchbay.yaml may say of the keys that are made over the API.
import { z } from 'zod'
import { compact } from '../canonical/compact.ts'
import { allowedBudgets, allowedLimits } from './allowance-schema.ts'
import type { KeysConfig } from './schema.ts'
import { optional, positive } from './values.ts'

const keysEntry = z.strictObject({
  default_limits: optional(allowedLimits).describe(
    'Limits of a new key that names none. Default: 600 requests and 1000000 tokens a minute, 64 calls at once.',
  ),
  default_budget: optional(allowedBudgets).describe(
    'Budget of a new key that names none; [] for none at all. Default: 100 US dollars a month.',
  ),
  expires_days: optional(positive).describe(
    'Days that a new key is good for, where it does not say. Default: without end.',
  ),
  overlap_seconds: optional(positive).describe(
    'How long the old secret of a key that is rotated is good beside the new one. Default: 3600.',
  ),
  renewal_days: optional(positive).describe(
    "How long a key goes on without being used once the vault's pepper has been changed. Default: 30.",
  ),
})

export const keys: z.ZodType<KeysConfig> = keysEntry.transform((read) =>
  compact({
    defaultLimits: read.default_limits,
    defaultBudget: read.default_budget,
    expiresDays: read.expires_days,
    overlapSeconds: read.overlap_seconds,
    renewalDays: read.renewal_days,
  }),
)
