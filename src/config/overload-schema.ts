// What patchbay.yaml may say of overload: when this process sheds, and what its targets are spared.
import { z } from 'zod'
import { compact } from '../canonical/compact.ts'
import type { OverloadConfig } from './schema.ts'
import { asNumber, flag, optional, positive } from './values.ts'

const whole = z.preprocess(asNumber, z.int().positive())
const share = z.preprocess(asNumber, z.number().min(0).max(1))
const seconds = z.preprocess(asNumber, z.number().min(0))

const targets = z.strictObject({
  adaptive: optional(flag).describe(
    'true: every target gets only as many calls at once as it has shown to take; false: not even those whose provider says so, as Ollama on this machine. Default: only those.',
  ),
  initial: optional(whole).describe('Calls at once to begin with. Default: 20; 1 for Ollama.'),
  max: optional(whole).describe('Calls at once at most. Default: 1000; 9 for Ollama.'),
  queue_wait: optional(seconds).describe(
    'Seconds for which a call waits for its turn at a target. Default: 1; 300 for Ollama.',
  ),
})

const throttle = z.strictObject({
  enabled: optional(flag).describe('false: nothing is held back. Default: true.'),
  k: optional(positive).describe('Calls sent for each one that is taken. Default: 2.'),
  window: optional(positive).describe('Seconds that count. Default: 120.'),
  min_calls: optional(whole).describe(
    'Calls in that time below which nothing is held back. Default: 20.',
  ),
})

const entry = z.strictObject({
  enabled: optional(flag).describe(
    'false: the server measures neither its event loop nor its memory. Default: true.',
  ),
  max_calls: optional(whole).describe('Calls under way at once. Default: 5000.'),
  reserve: optional(share).describe(
    'The share of them that is kept for critical calls. Default: 0.2.',
  ),
  queue_wait: optional(seconds).describe(
    'Seconds for which a call waits for its turn. Default: 1.',
  ),
  lag_ms: optional(positive).describe(
    "Milliseconds of the event loop's lag (99th percentile of a second) from which calls are shed. Default: 100.",
  ),
  utilisation: optional(share).describe(
    'The share of a second that the event loop may be busy. Default: 0.97.',
  ),
  memory_soft: optional(share).describe(
    'The share of memory from which bodies over 64 KiB are refused. Default: 0.92.',
  ),
  memory_hard: optional(share).describe(
    'The share from which all but critical calls are refused. Default: 0.95.',
  ),
  targets: optional(targets).describe('How many calls each target gets at once.'),
  throttle: optional(throttle).describe('What a target is spared that refuses.'),
})

function toOverload(read: z.infer<typeof entry>): OverloadConfig {
  return compact({
    enabled: read.enabled,
    process: compact({
      maxCalls: read.max_calls,
      reserve: read.reserve,
      queueMs: milliseconds(read.queue_wait),
      lagMs: read.lag_ms,
      utilisation: read.utilisation,
      memorySoft: read.memory_soft,
      memoryHard: read.memory_hard,
    }),
    concurrency: toConcurrency(read.targets),
    throttle: toThrottle(read.throttle),
  })
}

function toConcurrency(read: z.infer<typeof targets> | undefined): OverloadConfig['concurrency'] {
  if (read === undefined) return undefined
  const { adaptive, initial, max, queue_wait: wait } = read
  return compact({ adaptive, initial, max, queueMs: milliseconds(wait) })
}

function toThrottle(read: z.infer<typeof throttle> | undefined): OverloadConfig['throttle'] {
  if (read?.enabled === false) return false
  if (read === undefined) return undefined
  return compact({ k: read.k, windowMs: milliseconds(read.window), minCalls: read.min_calls })
}

function milliseconds(seconds: number | undefined): number | undefined {
  return seconds === undefined ? undefined : Math.round(seconds * 1000)
}

export const overload: z.ZodType<OverloadConfig> = entry.transform(toOverload)
