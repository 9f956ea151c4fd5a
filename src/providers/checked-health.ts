// One check of a provider's health that takes no longer than it may, and never throws.
import { compact } from '../canonical/compact.ts'
import { toGatewayError } from '../canonical/errors.ts'
import type { BaseProvider } from './base-provider.ts'
import { withDeadline } from './deadline.ts'
import type { HealthReport } from './health.ts'

export interface CheckOptions {
  readonly ms: number
  /** Milliseconds. */
  readonly clock: () => number
  /** What was found before. */
  readonly before: HealthReport | undefined
}

export async function checkedHealth(
  provider: BaseProvider,
  { ms, clock, before }: CheckOptions,
): Promise<HealthReport> {
  const report = await checked(provider, ms, clock)
  const { healthy, checkedAtMs } = report
  const sinceMs = before?.healthy === healthy ? before.sinceMs : checkedAtMs
  return { ...report, ...compact({ sinceMs }) }
}

async function checked(
  provider: BaseProvider,
  ms: number,
  clock: () => number,
): Promise<HealthReport> {
  const checkedAtMs = clock()
  try {
    return await withDeadline(ms, async (signal) => provider.checkHealth(signal))
  } catch (thrown) {
    const reason = toGatewayError(thrown).message
    return { healthy: false, reason, latencyMs: clock() - checkedAtMs, checkedAtMs }
  }
}
