// What several gateways share, from a configuration: one connection to Redis, with their limits counted in it and going on without it.
import { GuardedLimits, type GuardedOptions } from '../../resilience/limits/guarded-limits.ts'
import { realEvery } from '../../resilience/limits/lease.ts'
import { MemoryLimits } from '../../resilience/limits/memory-limits.ts'
import type { Shared } from '../shared.ts'
import { RedisConnection } from './redis-connection.ts'
import { RedisEntries } from './redis-entries.ts'
import { RedisLimits } from './redis-limits.ts'

export interface SharedOptions extends Pick<
  GuardedOptions,
  'instances' | 'slice' | 'clock' | 'random' | 'tell'
> {
  readonly url: string
  readonly namespace: string
  readonly timeoutMs: number
  readonly settleMs: number
  readonly newId: () => string
}

/** A Redis that is slower to come than this counts as lost, and is waited for while calls are answered. */
const FIRST_WAIT_MS = 1000

/** Resolves once it is known whether Redis is there. */
export async function openRedis(options: SharedOptions): Promise<Shared> {
  const { url, namespace, timeoutMs, settleMs, newId, ...guarded } = options
  const { clock, random, tell } = guarded
  const connection = new RedisConnection({ url, patienceMs: timeoutMs, random })
  const shared = new RedisLimits(connection, {
    clock,
    newId,
    namespace,
    settleMs,
    onReseed: (reseed) => tell({ type: 'limiter-reseeded', ...reseed }),
  })
  const own = new MemoryLimits(clock)
  const limits = new GuardedLimits({ ...guarded, shared, own, every: realEvery })
  await connection.tryOpen(FIRST_WAIT_MS)
  await limits.look()
  // Once may be bad luck; twice is lost.
  if (!connection.isReady) await limits.look()
  const entries = new RedisEntries(connection, { namespace, isLost: () => limits.isLost })
  return { limits, entries }
}
