// Token counts: cached tokens under three names, thinking inside the completion.
import { compact } from '../../canonical/compact.ts'
import { type Usage, totalTokens } from '../../canonical/usage.ts'
import { type Json, type JsonObject, isObject } from '../../wire/json.ts'
import { MISTRAL_CHAT, type WireUsage } from './wire-types.ts'

/** Undefined where there is no usage object. Counts that no one could have counted are taken for unknown. */
export function decodeUsage(value: Json | undefined): Usage | undefined {
  if (!isObject(value)) return undefined
  const prompt = [value['prompt_tokens_details'], value['prompt_token_details']]
  const completion = [value['completion_tokens_details']]
  const tier = value['service_tier']
  const input = compact({
    total: countAt(value, 'prompt_tokens'),
    cacheRead: firstCount(prompt, 'cached_tokens') ?? countAt(value, 'num_cached_tokens'),
    audio: firstCount(prompt, 'audio_tokens'),
  })
  const output = compact({
    total: countAt(value, 'completion_tokens'),
    reasoning: firstCount(completion, 'reasoning_tokens'),
  })
  return {
    ...(isEmpty(input) ? {} : { input }),
    ...(isEmpty(output) ? {} : { output }),
    ...compact({
      total: countAt(value, 'total_tokens'),
      tier: typeof tier === 'string' ? tier : undefined,
    }),
    raw: { dialect: MISTRAL_CHAT, value },
  }
}

function isEmpty(value: object): boolean {
  return Object.keys(value).length === 0
}

/** A finite whole number that is not negative. */
function countAt(value: JsonObject, key: string): number | undefined {
  const count = value[key]
  return typeof count === 'number' && Number.isSafeInteger(count) && count >= 0 ? count : undefined
}

function firstCount(objects: readonly (Json | undefined)[], key: string): number | undefined {
  return objects
    .map((object) => (isObject(object) ? countAt(object, key) : undefined))
    .find((count) => count !== undefined)
}

/** Whether the numbers that the wire demands are known. */
export function isCounted(usage: Usage | undefined): boolean {
  return usage?.input?.total !== undefined && usage.output?.total !== undefined
}

/** Mistral's own object where it came on this wire; else the numbers, where those that the wire demands are 0 if unknown. */
export function encodeUsage(usage: Usage = {}): WireUsage | JsonObject {
  const { raw, input = {}, output = {} } = usage
  if (raw?.dialect === MISTRAL_CHAT && isObject(raw.value)) return raw.value
  const { total: prompt = 0, cacheRead, audio } = input
  const { total: completion = 0, reasoning } = output
  return {
    prompt_tokens: prompt,
    completion_tokens: completion,
    total_tokens: totalTokens(usage) ?? prompt + completion,
    ...details('prompt_tokens_details', { cached_tokens: cacheRead, audio_tokens: audio }),
    ...details('completion_tokens_details', { reasoning_tokens: reasoning }),
  }
}

function details(key: string, counts: Readonly<Record<string, number | undefined>>): JsonObject {
  const known = compact(counts)
  return isEmpty(known) ? {} : { [key]: { ...known } }
}
