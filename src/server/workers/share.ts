// What one worker may use of what the configuration gives the whole server.
import { compact } from '../../canonical/compact.ts'
import { CLIENT_PATIENCE } from '../../config/client-patience.ts'
import type { PatchbayConfig } from '../../config/schema.ts'
import { type Company, shareOf } from '../../resilience/company.ts'
import { CONCURRENCY, PROCESS } from '../../resilience/overload-options.ts'

type Shared = Pick<PatchbayConfig, 'overload' | 'redis'> & {
  readonly clients?: NonNullable<PatchbayConfig['server']['clients']>
}

/** Connections are dealt out in turn, and so are calls: each worker gets its part of what is counted where it happens. */
export function shareIn(config: PatchbayConfig, company: Company | undefined): Shared {
  const { overload = {}, redis } = config
  const { clients } = config.server
  if (company === undefined) return compact({ overload: config.overload, redis, clients })
  const { maxConnections, maxPerAddress } = { ...CLIENT_PATIENCE, ...clients }
  const { process = {}, concurrency } = overload
  const { initial, max } = { ...CONCURRENCY, ...concurrency }
  return {
    clients: {
      ...clients,
      maxConnections: shareOf(maxConnections, company),
      maxPerAddress: shareOf(maxPerAddress, company),
    },
    overload: {
      ...overload,
      process: {
        ...process,
        maxCalls: shareOf(process.maxCalls ?? PROCESS.maxCalls, company),
      },
      concurrency: {
        ...concurrency,
        initial: shareOf(initial, company),
        max: shareOf(max, company),
      },
    },
    ...(redis === undefined
      ? {}
      : { redis: { ...redis, instances: redis.instances * company.count } }),
  }
}
