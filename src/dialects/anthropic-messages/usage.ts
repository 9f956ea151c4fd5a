// Token counts: here input excludes what the cache read and wrote; in the model it includes it.
import { compact } from '../../canonical/compact.ts'
import type { Note } from '../../canonical/note.ts'
import type { InputUsage, OutputUsage, Usage } from '../../canonical/usage.ts'
import { type Json, type JsonObject, isObject } from '../../wire/json.ts'
import { overlay } from '../leftovers.ts'
import { DIALECT } from './wire-types.ts'

/** Lenient: a count that is no number is unknown. */
export function decodeUsage(value: Json | undefined): Usage | undefined {
  if (!isObject(value)) return undefined
  const input = unlessEmpty(readInput(value))
  const output = unlessEmpty(readOutput(value))
  const hosted = readCounts(value['server_tool_use'])
  const tier = typeof value['service_tier'] === 'string' ? value['service_tier'] : undefined
  return compact({ input, output, hosted, tier, raw: { dialect: DIALECT, value } })
}

function readInput(value: JsonObject): InputUsage {
  const fresh = count(value['input_tokens'])
  const cacheRead = count(value['cache_read_input_tokens'])
  const split = isObject(value['cache_creation']) ? value['cache_creation'] : {}
  const cacheWrite5m = count(split['ephemeral_5m_input_tokens'])
  const cacheWrite1h = count(split['ephemeral_1h_input_tokens'])
  const cacheWrite = count(value['cache_creation_input_tokens'])
  const total = fresh === undefined ? undefined : fresh + (cacheRead ?? 0) + (cacheWrite ?? 0)
  return compact({ total, cacheRead, cacheWrite, cacheWrite5m, cacheWrite1h })
}

function readOutput(value: JsonObject): OutputUsage {
  const details = isObject(value['output_tokens_details']) ? value['output_tokens_details'] : {}
  return compact({
    total: count(value['output_tokens']),
    reasoning: count(details['thinking_tokens']),
  })
}

function readCounts(value: Json | undefined): Record<string, number> | undefined {
  if (!isObject(value)) return undefined
  const counts = Object.entries(value).flatMap(([name, said]) => {
    const amount = count(said)
    return amount === undefined ? [] : [[name, amount] as const]
  })
  return counts.length === 0 ? undefined : Object.fromEntries(counts)
}

/** Both counts are there where one is. */
function printCounts(hosted: Usage['hosted']): JsonObject | undefined {
  const { web_search_requests, web_fetch_requests } = hosted ?? {}
  if (web_search_requests === undefined && web_fetch_requests === undefined) return undefined
  return {
    web_search_requests: web_search_requests ?? 0,
    web_fetch_requests: web_fetch_requests ?? 0,
  }
}

function count(value: Json | undefined): number | undefined {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : undefined
}

function unlessEmpty<T extends object>(value: T): T | undefined {
  return Object.keys(value).length === 0 ? undefined : value
}

/** Usage objects of a stream are snapshots: a later count replaces the earlier one; null says nothing, nor does a count gone back to 0. */
export function mergeWireUsage(earlier: JsonObject, later: JsonObject): JsonObject {
  const said = Object.entries(later).filter(([key, value]) => {
    const before = Object.hasOwn(earlier, key) ? earlier[key] : undefined
    if (value === null) return before === undefined
    return value !== 0 || typeof before !== 'number'
  })
  return overlay(earlier, Object.fromEntries(said))
}

/** What other dialects call the tier that served a request. */
const TIERS: ReadonlyMap<string, string> = new Map([
  ['default', 'standard'],
  ['standard', 'standard'],
  ['priority', 'priority'],
  ['batch', 'batch'],
])

/** That counts are printed which nobody knows; nothing where all are known. */
export function guessedUsage(usage: Usage | undefined): readonly Note[] {
  if (usage?.raw?.dialect === DIALECT) return []
  if (usage?.input?.total !== undefined && usage.output?.total !== undefined) return []
  return [
    {
      action: 'synthesized',
      feature: 'usage',
      path: 'usage',
      weight: 0,
      reason: 'the wire demands counts of tokens: those that are unknown stand as 0',
    },
  ]
}

/** The counts the wire cannot do without are 0 where they are unknown. A vendor's own object is printed as it came. */
export function encodeUsage(usage: Usage | undefined): JsonObject {
  const raw = usage?.raw?.dialect === DIALECT ? usage.raw.value : undefined
  if (isObject(raw)) return raw
  const { total, cacheRead, cacheWrite, cacheWrite5m, cacheWrite1h } = usage?.input ?? {}
  const split = compact({
    ephemeral_5m_input_tokens: cacheWrite5m,
    ephemeral_1h_input_tokens: cacheWrite1h,
  })
  return compact({
    input_tokens: Math.max(0, (total ?? 0) - (cacheRead ?? 0) - (cacheWrite ?? 0)),
    cache_creation_input_tokens: cacheWrite ?? null,
    cache_read_input_tokens: cacheRead ?? null,
    cache_creation: unlessEmpty(split),
    output_tokens: usage?.output?.total ?? 0,
    output_tokens_details:
      usage?.output?.reasoning === undefined
        ? undefined
        : { thinking_tokens: usage.output.reasoning },
    server_tool_use: printCounts(usage?.hosted),
    service_tier: usage?.tier === undefined ? undefined : TIERS.get(usage.tier),
  })
}
