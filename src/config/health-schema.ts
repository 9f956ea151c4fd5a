// What patchbay.yaml may say of asking providers whether they are there.
import { z } from 'zod'
import { compact } from '../canonical/compact.ts'
import type { HealthConfig } from './schema.ts'
import { asNumber, flag, optional, positive } from './values.ts'

const times = z.preprocess(asNumber, z.int().positive())
const share = z.preprocess(asNumber, z.number().min(0).max(1))

const healthEntry = z.strictObject({
  probes: optional(flag).describe(
    'false: no provider is asked unless somebody calls for it. No probe costs anything. Default: true.',
  ),
  check_keys: optional(flag).describe(
    'false: keys are not looked at when the server starts or a provider is registered. Default: true.',
  ),
  local_interval: optional(positive).describe(
    'Seconds between two probes of a provider on this machine. Default: 10.',
  ),
  jitter: optional(share).describe(
    'Share by which that is spread at random, both ways. Default: 0.2.',
  ),
  up: optional(times).describe('Good answers in a row after which it is there again. Default: 2.'),
  down: optional(times).describe('Bad ones in a row after which it is not. Default: 3.'),
  idle: optional(positive).describe(
    'Seconds without a call after which a provider elsewhere is asked. Default: 300.',
  ),
})

export const health: z.ZodType<HealthConfig> = healthEntry.transform(
  ({ probes, check_keys: checkKeys, local_interval: local, jitter, up, down, idle }) =>
    compact({
      probes,
      checkKeys,
      localMs: local === undefined ? undefined : local * 1000,
      jitter,
      up,
      down,
      idleMs: idle === undefined ? undefined : idle * 1000,
    }),
)
