// Token counts of an answer, read under one rule for all hosts, whatever each counts inside what.
import { type Building, compact } from '../../canonical/compact.ts'
import { type Usage, totalTokens } from '../../canonical/usage.ts'
import { type Json, type JsonObject, isObject } from '../../wire/json.ts'
import type { Flags } from './flags.ts'
import { OPENAI_CHAT } from './wire-types.ts'

/** Undefined where there is no usage object. Counts that no one could have counted are taken for unknown. */
export function decodeUsage(value: Json | undefined, flags: Flags): Usage | undefined {
  if (!isObject(value)) return undefined
  const prompt = objectAt(value, 'prompt_tokens_details')
  const completion = objectAt(value, 'completion_tokens_details')
  const promptTokens = countAt(value, 'prompt_tokens')
  const cacheRead = firstCount(
    [prompt, 'cached_tokens'],
    [value, 'prompt_cache_hit_tokens'],
    [value, 'cached_tokens'],
    [value, 'num_cached_tokens'],
    [value, 'cache_read_input_tokens'],
  )
  const reasoning = firstCount([completion, 'reasoning_tokens'], [value, 'reasoning_tokens'])
  const total = countAt(value, 'total_tokens')
  const input = compact({
    total: withCache(promptTokens, cacheRead),
    cacheRead,
    cacheWrite: firstCount(
      [prompt, 'cache_write_tokens'],
      [prompt, 'cache_creation_input_tokens'],
      [value, 'cache_creation_input_tokens'],
    ),
    audio: countAt(prompt, 'audio_tokens'),
    image: countAt(prompt, 'image_tokens'),
    text: countAt(prompt, 'text_tokens'),
  })
  const output = compact({
    total: outputTotal({
      completion: countAt(value, 'completion_tokens'),
      prompt: promptTokens,
      reasoning,
      total,
      fromTotal: flags.outputFromTotal,
    }),
    reasoning,
    audio: countAt(completion, 'audio_tokens'),
    image: countAt(completion, 'image_tokens'),
    text: countAt(completion, 'text_tokens'),
    acceptedPrediction: countAt(completion, 'accepted_prediction_tokens'),
    rejectedPrediction: countAt(completion, 'rejected_prediction_tokens'),
  })
  const usage: Building<Usage> = { raw: { dialect: OPENAI_CHAT, value } }
  if (!isEmpty(input)) usage.input = input
  if (!isEmpty(output)) usage.output = output
  if (total !== undefined) usage.total = total
  const hosted = hostedIn(value)
  if (hosted !== undefined) usage.hosted = hosted
  return usage
}

/** OpenRouter counts the searches of its own. */
function hostedIn(value: JsonObject): Usage['hosted'] {
  const searches = countAt(objectAt(value, 'server_tool_use_details'), 'web_search_requests')
  return searches === undefined ? undefined : { web_search_requests: searches }
}

/** Some hosts count what came from the cache beside the prompt: then it is larger than the prompt. */
function withCache(prompt: number | undefined, cached: number | undefined): number | undefined {
  if (prompt === undefined || cached === undefined || cached <= prompt) return prompt
  return prompt + cached
}

interface OutputCounts {
  readonly completion: number | undefined
  readonly prompt: number | undefined
  readonly reasoning: number | undefined
  readonly total: number | undefined
  readonly fromTotal: boolean
}

/**
 * Thinking counts as output; hosts that leave it out of `completion_tokens` show by their total, or, where they give none, by a
 * larger number. A larger number beside a total that has no room for it is a count in other tokens (seen at OpenRouter).
 */
function outputTotal(counts: OutputCounts): number | undefined {
  const { completion, prompt = 0, reasoning = 0, total, fromTotal } = counts
  if (completion === undefined) return undefined
  if (fromTotal && total !== undefined && total >= prompt + completion) return total - prompt
  if (total === prompt + completion) return completion
  const summed = total === prompt + completion + reasoning
  return reasoning > completion || summed ? completion + reasoning : completion
}

function isEmpty(value: object): boolean {
  return Object.keys(value).length === 0
}

function objectAt(value: JsonObject, key: string): JsonObject {
  const inner = value[key]
  return isObject(inner) ? inner : NO_COUNTS
}

const NO_COUNTS: JsonObject = {}

/** A finite whole number that is not negative. */
function countAt(value: JsonObject, key: string): number | undefined {
  const count = value[key]
  return typeof count === 'number' && Number.isSafeInteger(count) && count >= 0 ? count : undefined
}

function firstCount(...places: readonly (readonly [JsonObject, string])[]): number | undefined {
  for (const [value, key] of places) {
    const count = countAt(value, key)
    if (count !== undefined) return count
  }
  return undefined
}

/** Whether it counts anything: some hosts send zeros until they know. */
export function countsAnything(usage: Usage): boolean {
  return [usage.input?.total, usage.output?.total, usage.total].some((count) => (count ?? 0) > 0)
}

/** The host's own object where it came on this wire; else the numbers that are known. Undefined when none is. */
export function encodeUsage(usage: Usage | undefined): Json | undefined {
  if (usage === undefined) return undefined
  if (usage.raw?.dialect === OPENAI_CHAT) return usage.raw.value
  const { input = {}, output = {} } = usage
  const counts = compact({
    prompt_tokens: input.total,
    completion_tokens: output.total,
    total_tokens: totalTokens(usage),
    prompt_tokens_details: details({
      cached_tokens: input.cacheRead,
      cache_write_tokens: input.cacheWrite,
      audio_tokens: input.audio,
      image_tokens: input.image,
      text_tokens: input.text,
    }),
    completion_tokens_details: details({
      reasoning_tokens: output.reasoning,
      audio_tokens: output.audio,
      image_tokens: output.image,
      text_tokens: output.text,
      accepted_prediction_tokens: output.acceptedPrediction,
      rejected_prediction_tokens: output.rejectedPrediction,
    }),
  })
  return isEmpty(counts) ? undefined : counts
}

function details(counts: Readonly<Record<string, number | undefined>>): JsonObject | undefined {
  const known = compact(counts)
  return isEmpty(known) ? undefined : { ...known }
}
