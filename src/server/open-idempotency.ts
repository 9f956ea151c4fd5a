// What makes calls of one Idempotency-Key once, from a configuration.
import { compact } from '../canonical/compact.ts'
import { IDEMPOTENCY } from '../config/cache-schema.ts'
import type { PatchbayConfig } from '../config/schema.ts'
import type { Tell } from '../exchange/happening.ts'
import { MemoryEntries } from '../resilience/cache/memory-entries.ts'
import { realEvery } from '../resilience/limits/lease.ts'
import type { Shared } from '../store/shared.ts'
import { Idempotency } from './idempotency.ts'

/** Undefined where the header Idempotency-Key has no meaning. */
export function openIdempotency(
  { idempotency }: PatchbayConfig,
  {
    now,
    shared,
    tell,
  }: { readonly now: () => number; readonly shared: Shared | undefined; readonly tell: Tell },
): Idempotency | undefined {
  const { enabled, ttlMs, maxAnswer, maxEntries, maxBytes } = { ...IDEMPOTENCY, ...idempotency }
  if (!enabled) return undefined
  const own = new MemoryEntries({ maxEntries, maxBytes, clock: now, every: realEvery })
  const options = { own, ttlMs, maxAnswer, every: realEvery, tell }
  return new Idempotency({ ...options, ...compact({ shared: shared?.entries }) })
}
