// What patchbay.yaml may say of keeping the texts of calls.
import { z } from 'zod'
import { REDACTIONS } from '../contents/content-policy.ts'
import type { ContentRule } from './schema.ts'
import { asNumber, optional, text, texts } from './values.ts'

const ruleEntry = z.strictObject({
  of: text.describe(
    'The public id of a key; * at the end stands for any rest. The first rule that is for a key holds.',
  ),
  retention_days: z
    .preprocess(asNumber, z.number().positive().max(3650))
    .describe('How long they are kept.'),
  redact: optional(z.array(z.enum(REDACTIONS))).describe(
    'What is masked before they are written: emails, cards, keys. Default: all of them.',
  ),
  words: optional(texts).describe('Words that are masked too, in any case. They are no patterns.'),
})

export const contents: z.ZodType<readonly ContentRule[]> = z.array(ruleEntry).transform((rules) =>
  rules.map(({ of, retention_days: retentionDays, redact = REDACTIONS, words = [] }) => ({
    of,
    policy: { retentionDays, redact, words },
  })),
)
