// Prompt-cache marks on parts: OpenAI's `prompt_cache_breakpoint`, and the `cache_control` that some hosts take.
import { compact } from '../../canonical/compact.ts'
import type { CacheMark } from '../../canonical/part.ts'
import { type JsonObject, type ObjectReader, isObject } from '../../wire/json.ts'
import type { Flags } from './flags.ts'

const SPELLINGS = ['prompt_cache_breakpoint', 'cache_control'] as const

/** The mark, and how it was spelled, to be kept in the part's shape. */
export function decodeCache(reader: ObjectReader): {
  readonly cache?: CacheMark
  readonly spelled?: JsonObject
} {
  const spelling = SPELLINGS.find((key) => isObject(reader.peek(key)))
  if (spelling === undefined) return {}
  const value = reader.value(spelling)
  const ttl = isObject(value) ? value['ttl'] : undefined
  return {
    cache: compact({ ttl: typeof ttl === 'string' ? ttl : undefined }),
    spelled: compact({ [spelling]: value }),
  }
}

export function encodeCache(
  cache: CacheMark | undefined,
  shape: JsonObject,
  flags: Flags,
): JsonObject {
  if (cache === undefined || flags.cacheMarks === 'none') return {}
  const spelled = shape['cache']
  if (flags.cacheMarks === undefined) return isObject(spelled) ? spelled : {}
  if (isObject(spelled) && flags.cacheMarks in spelled) return spelled
  return flags.cacheMarks === 'cache_control'
    ? { cache_control: compact({ type: 'ephemeral', ttl: cache.ttl }) }
    : { prompt_cache_breakpoint: { mode: 'explicit' } }
}
