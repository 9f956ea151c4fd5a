// Token counts of an answer. On this wire every number must be there, so that an unknown one is a 0 with a note.
import { compact } from '../../canonical/compact.ts'
import type { Note } from '../../canonical/note.ts'
import { type Usage, totalTokens } from '../../canonical/usage.ts'
import { type Json, type JsonObject, isObject } from '../../wire/json.ts'
import { OPENAI_RESPONSES } from './wire-types.ts'

/** Undefined where there is no usage object. */
export function decodeUsage(value: Json | undefined): Usage | undefined {
  if (!isObject(value)) return undefined
  const inside = objectAt(value, 'input_tokens_details')
  const outside = objectAt(value, 'output_tokens_details')
  const input = compact({
    total: countAt(value, 'input_tokens'),
    cacheRead: countAt(inside, 'cached_tokens'),
    cacheWrite: countAt(inside, 'cache_write_tokens'),
  })
  const output = compact({
    total: countAt(value, 'output_tokens'),
    reasoning: countAt(outside, 'reasoning_tokens'),
  })
  return {
    ...(Object.keys(input).length === 0 ? {} : { input }),
    ...(Object.keys(output).length === 0 ? {} : { output }),
    ...compact({ total: countAt(value, 'total_tokens'), hosted: decodeHosted(value) }),
    raw: { dialect: OPENAI_RESPONSES, value },
  }
}

/** xAI counts what its own tools did. */
function decodeHosted(value: JsonObject): Usage['hosted'] {
  const searches = countAt(objectAt(value, 'server_side_tool_usage_details'), 'web_search_calls')
  return searches === undefined ? undefined : { web_search_requests: searches }
}

function objectAt(value: JsonObject, key: string): JsonObject {
  const inner = value[key]
  return isObject(inner) ? inner : {}
}

/** A finite whole number that is not negative. */
function countAt(value: JsonObject, key: string): number | undefined {
  const count = value[key]
  return typeof count === 'number' && Number.isSafeInteger(count) && count >= 0 ? count : undefined
}

/** The host's own object where it came on this wire. */
export function encodeUsage(usage: Usage | undefined): Json {
  if (usage?.raw?.dialect === OPENAI_RESPONSES) return usage.raw.value
  const { input = {}, output = {} } = usage ?? {}
  const { total: read = 0, cacheRead = 0, cacheWrite = 0 } = input
  const { total: written = 0, reasoning = 0 } = output
  return {
    input_tokens: read,
    input_tokens_details: { cached_tokens: cacheRead, cache_write_tokens: cacheWrite },
    output_tokens: written,
    output_tokens_details: { reasoning_tokens: reasoning },
    total_tokens: totalTokens(usage) ?? read + written,
  }
}

/** Only the counts that anyone reads: what came from a cache is 0 where nobody says otherwise. */
export function usageNotes(usage: Usage | undefined): readonly Note[] {
  if (usage?.raw?.dialect === OPENAI_RESPONSES) return []
  const unknown = (['input', 'output'] as const).filter(
    (side) => usage?.[side]?.total === undefined,
  )
  return unknown.map((side) => ({
    action: 'synthesized',
    feature: 'usage',
    path: `usage.${side}.total`,
    weight: 1,
    reason: 'the Responses protocol wants a number where none is known',
    to: 0,
  }))
}
