// How recorded usage is shown. Money is a decimal in text, so that no digit is lost.
import { compact } from '../../canonical/compact.ts'
import { costOfNano } from '../../canonical/cost.ts'
import type { GroupedUsage, UsageEntry, UsageGroup, UsageSum } from '../../usage/usage-query.ts'
import type { JsonObject } from '../../wire/json.ts'

export function nameOf(group: UsageGroup): string {
  return group.by === 'tag' ? `tag:${group.tag}` : group.by
}

export function groupView(
  groups: readonly UsageGroup[],
  { values, ...sum }: GroupedUsage,
): JsonObject {
  const named = groups.map((group, at) => [nameOf(group), valueView(values[at] ?? '')] as const)
  return { ...Object.fromEntries(named), ...sumView(sum) }
}

function valueView(value: string | number): string | null {
  if (typeof value === 'number') return timeText(value)
  return value === '' ? null : value
}

export function sumView(sum: UsageSum): JsonObject {
  const { tokens } = sum
  return {
    requests: sum.requests,
    attempts: sum.attempts,
    errors: sum.errors,
    unpriced: sum.unpriced,
    tokens: {
      input: tokens.input,
      cache_read: tokens.cacheRead,
      cache_write: tokens.cacheWrite,
      output: tokens.output,
      reasoning: tokens.reasoning,
    },
    cost_usd: dollars(sum.nanoUsd),
    estimated_usd: dollars(sum.estimatedNanoUsd),
  }
}

export function entryView(entry: UsageEntry): JsonObject {
  const { tokens, nanoUsd } = entry
  return compact({
    time: timeText(entry.at),
    request_id: entry.callId,
    attempt_id: entry.attemptId,
    kind: entry.kind,
    operation: entry.operation,
    key: entry.key,
    team: entry.team,
    route: entry.route,
    provider: entry.provider,
    model: entry.model,
    status: entry.status,
    error: entry.error,
    source: entry.source,
    price: entry.price,
    input_tokens: tokens.input,
    cache_read_tokens: tokens.cacheRead,
    cache_write_tokens: tokens.cacheWrite,
    output_tokens: tokens.output,
    reasoning_tokens: tokens.reasoning,
    cost_usd: nanoUsd === undefined ? undefined : dollars(nanoUsd),
    latency_ms: entry.latencyMs,
    tags: Object.keys(entry.tags).length === 0 ? undefined : { ...entry.tags },
  })
}

export function timeText(at: number): string {
  return new Date(at).toISOString()
}

/** A correction may be below 0. */
function dollars(nanoUsd: number): string {
  return nanoUsd < 0 ? `-${costOfNano(-nanoUsd).usd}` : costOfNano(nanoUsd).usd
}
