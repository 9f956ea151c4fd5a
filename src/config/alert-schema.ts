// What patchbay.yaml may say of alerts.
import { z } from 'zod'
import { compact } from '../canonical/compact.ts'
import { Secret } from '../vault/secret.ts'
import type { AlertsConfig } from './schema.ts'
import { asNumber, optional } from './values.ts'

/** Percent of a budget. */
export const THRESHOLDS: readonly number[] = [50, 80, 100]
export const WEBHOOK = { timeoutMs: 10_000, tries: 6 } as const
const SHORTEST_SECRET = 16

const percent = z.preprocess(asNumber, z.int().min(1).max(1000))
const whole = z.preprocess(asNumber, z.int().positive())

const webhook = z.strictObject({
  url: z
    .url({ protocol: /^https?$/, error: 'must be an http or https URL' })
    .describe('Where alerts are sent, as JSON by POST.'),
  // An empty secret would let anybody sign.
  secret: z
    .string({ error: 'is needed: what is sent is signed with it' })
    .min(SHORTEST_SECRET, `must have ${SHORTEST_SECRET} characters or more`)
    .describe(
      'What is sent is signed with it (HMAC-SHA256). Write ${NAME}, never the secret itself.',
    ),
  timeout_ms: optional(whole).describe(
    `Milliseconds for an answer. Default: ${WEBHOOK.timeoutMs}.`,
  ),
  tries: optional(whole).describe(`How often it is tried. Default: ${WEBHOOK.tries}.`),
})

const alertsEntry = z.strictObject({
  thresholds: optional(z.array(percent).min(1).max(20)).describe(
    `Percent of a budget at which its spending is told, each once a period. Default: ${THRESHOLDS.join(', ')}.`,
  ),
  webhook: optional(webhook).describe('Who is told besides the log.'),
})

export const alerts: z.ZodType<AlertsConfig> = alertsEntry.transform(
  ({ thresholds, webhook: hook }) =>
    compact({
      thresholds,
      webhook:
        hook === undefined
          ? undefined
          : compact({
              url: hook.url,
              secret: new Secret(hook.secret),
              timeoutMs: hook.timeout_ms,
              tries: hook.tries,
            }),
    }),
)
