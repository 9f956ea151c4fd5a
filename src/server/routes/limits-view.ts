// How the API shows what a provider last said of its limits.
import { compact } from '../../canonical/compact.ts'
import type { ProviderStatus } from '../../providers/provider-status.ts'
import type { JsonObject } from '../../wire/json.ts'

export function limitsView({ limits }: ProviderStatus): JsonObject | undefined {
  if (limits === undefined) return undefined
  return compact({
    seen_at: instant(limits.seenAtMs),
    retry_at: limits.retryAtMs === undefined ? undefined : instant(limits.retryAtMs),
    buckets: limits.buckets.map(({ name, counts, limit, remaining, resetAtMs }) =>
      compact({
        name,
        counts,
        limit,
        remaining,
        reset_at: resetAtMs === undefined ? undefined : instant(resetAtMs),
      }),
    ),
  })
}

/** A header may name any moment; what no date can hold is shown as the last one that it can. */
function instant(milliseconds: number): string {
  return new Date(Math.min(milliseconds, LAST_MS)).toISOString()
}

const LAST_MS = 8.64e15
