// Shared limits from a configuration: counted in Redis, and going on without it.
import { compact } from '../../canonical/compact.ts'
import { GuardedLimits, type GuardedOptions } from '../../resilience/limits/guarded-limits.ts'
import type { LimitStore } from '../../resilience/limits/limit.ts'
import { MemoryLimits } from '../../resilience/limits/memory-limits.ts'
import { RedisConnection } from './redis-connection.ts'
import { RedisLimits } from './redis-limits.ts'

export interface SharedLimitsOptions {
  readonly url: string
  readonly instances: number
  readonly namespace: string
  readonly timeoutMs: number
  /** Milliseconds. */
  readonly clock: () => number
  readonly newId: () => string
  /** 0 to 1. */
  readonly random: () => number
  /** Hears whether Redis is there, and of every command. */
  readonly tell?: GuardedOptions['tell']
}

/** A Redis that is slower to come than this counts as lost, and is waited for while calls are answered. */
const FIRST_WAIT_MS = 2000

export async function openRedisLimits(options: SharedLimitsOptions): Promise<LimitStore> {
  const { url, instances, namespace, timeoutMs, clock, newId, random, tell } = options
  const connection = new RedisConnection({ url, patienceMs: timeoutMs })
  const shared = new RedisLimits(connection, { clock, newId, namespace })
  const { promise: patience, resolve } = Promise.withResolvers<'down'>()
  const timer = setTimeout(() => resolve('down'), FIRST_WAIT_MS)
  const opened = connection.open().then(
    () => 'up' as const,
    () => 'down' as const,
  )
  const backend = await Promise.race([opened, patience])
  clearTimeout(timer)
  const own = new MemoryLimits(clock)
  return new GuardedLimits({ shared, own, instances, clock, random, ...compact({ backend, tell }) })
}
