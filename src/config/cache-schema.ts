// What patchbay.yaml may say of the cache of answers, and of answers kept for calls that are sent again.
import { z } from 'zod'
import { compact } from '../canonical/compact.ts'
import type { CacheConfig } from './schema.ts'
import { asNumber, optional, positive } from './values.ts'

const whole = z.preprocess(asNumber, z.int().positive())
const wholeOrNone = z.preprocess(asNumber, z.int().min(0))

const cacheEntry = z.strictObject({
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
  const { ttl, max_ttl: maxTtl } = entry
  return compact({
    ttlMs: ttl === undefined ? undefined : ttl * 1000,
    maxTtlMs: maxTtl === undefined ? undefined : maxTtl * 1000,
    maxEntries: entry.max_entries,
    maxBytes: entry.max_bytes,
    maxLength: entry.max_answer,
    coalesceMs: entry.coalesce_ms,
  })
}

export const cache: z.ZodType<CacheConfig> = cacheEntry.transform(toCache)

/** Of a route. */
export const routeCache: z.ZodType<{ readonly ttl?: number | undefined }> = z.strictObject({
  ttl: optional(positive).describe(
    'Seconds that an answer may be used. Default: what cache.ttl says.',
  ),
})
