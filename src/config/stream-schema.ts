// What patchbay.yaml may say of streams: how clients wait for them.
import { z } from 'zod'
import { compact } from '../canonical/compact.ts'
import type { StreamsConfig } from './schema.ts'
import { asNumber, optional } from './values.ts'

const milliseconds = z.preprocess(asNumber, z.int().positive())

const entry = z.strictObject({
  hold_ms: optional(milliseconds).describe(
    'Milliseconds that the head of an answer waits for its first word; then the client is told to wait. Default: 10000.',
  ),
  waiting_ms: optional(milliseconds).describe(
    'How often a client that waits is told so. Default: 10000.',
  ),
  keep_alive_ms: optional(milliseconds).describe(
    'Silence within an answer after which a sign of life is sent. Default: 15000.',
  ),
})

export const streams: z.ZodType<StreamsConfig> = entry.transform((read) =>
  compact({
    holdMs: read.hold_ms,
    waitingMs: read.waiting_ms,
    keepAliveMs: read.keep_alive_ms,
  }),
)
