// What patchbay.yaml may say of the cache of answers, and of answers kept for calls that are sent again.
import { z } from 'zod'
import { compact } from '../canonical/compact.ts'
import type { CacheConfig, IdempotencyConfig } from './schema.ts'
import { asNumber, flag, optional, positive } from './values.ts'

const whole = z.preprocess(asNumber, z.int().positive())
const wholeOrNone = z.preprocess(asNumber, z.int().min(0))

const cacheEntry = z.strictObject({
  enabled: optional(flag).describe(
    'false: answers are not used again, whoever asks for it. Default: true.',
  ),
  ttl: optional(positive).describe(
    'Seconds that an answer may be used, where neither the route nor the caller says it. Default: 300.',
  ),
  max_ttl: optional(positive).describe(
    'The most seconds that a route or a caller may ask for. Default: 86400 (a day).',
  ),
  max_entries: optional(whole).describe('How many answers are kept in memory. Default: 10000.'),
  max_bytes: optional(whole).describe(
    'The size of all answers that are kept in memory. Default: 67108864 (64 MiB).',
  ),
  max_answer: optional(whole).describe(
    'Characters of one answer as it is kept; a longer one is not. Default: 1048576.',
  ),
  coalesce_ms: optional(wholeOrNone).describe(
    'Milliseconds that a call waits for the same call that came just before it; 0: it does not. Default: 30000.',
  ),
})

function toCache(entry: z.infer<typeof cacheEntry>): CacheConfig {
  const { enabled, ttl, max_ttl: maxTtl } = entry
  return compact({
    enabled,
    ttlMs: ttl === undefined ? undefined : ttl * 1000,
    maxTtlMs: maxTtl === undefined ? undefined : maxTtl * 1000,
    maxEntries: entry.max_entries,
    maxBytes: entry.max_bytes,
    maxAnswer: entry.max_answer,
    coalesceMs: entry.coalesce_ms,
  })
}

export const cache: z.ZodType<CacheConfig> = cacheEntry.transform(toCache)

/** A day, as others have it. */
export const IDEMPOTENCY: Required<IdempotencyConfig> = {
  enabled: true,
  ttlMs: 86_400_000,
  maxEntries: 10_000,
  maxBytes: 64 * 1024 * 1024,
  maxAnswer: 1024 * 1024,
}

const idempotencyEntry = z.strictObject({
  enabled: optional(flag).describe(
    'false: the header Idempotency-Key has no meaning. Default: true.',
  ),
  ttl: optional(positive).describe('Seconds that an answer is kept. Default: 86400 (a day).'),
  max_entries: optional(whole).describe('How many are kept in memory. Default: 10000.'),
  max_bytes: optional(whole).describe(
    'The size of all that are kept in memory. Default: 67108864 (64 MiB).',
  ),
  max_answer: optional(whole).describe(
    'Characters of one answer; a longer one is not kept. Default: 1048576.',
  ),
})

function toIdempotency(entry: z.infer<typeof idempotencyEntry>): IdempotencyConfig {
  const { enabled, ttl } = entry
  return compact({
    enabled,
    ttlMs: ttl === undefined ? undefined : ttl * 1000,
    maxEntries: entry.max_entries,
    maxBytes: entry.max_bytes,
    maxAnswer: entry.max_answer,
  })
}

export const idempotency: z.ZodType<IdempotencyConfig> = idempotencyEntry.transform(toIdempotency)

/** Of a route. */
export const routeCache: z.ZodType<{ readonly ttl?: number | undefined }> = z.strictObject({
  ttl: optional(positive).describe(
    'Seconds that an answer may be used. Default: what cache.ttl says.',
  ),
})
