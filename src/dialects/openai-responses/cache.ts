// Prompt-cache marks on content parts: `prompt_cache_breakpoint`.
import { compact } from '../../canonical/compact.ts'
import type { CacheMark } from '../../canonical/part.ts'
import { type JsonObject, type ObjectReader, isObject } from '../../wire/json.ts'

const FIELD = 'prompt_cache_breakpoint'

/** The mark, and how it was spelled, to be kept in the part's shape. */
export function decodeCache(reader: ObjectReader): {
  readonly cache?: CacheMark
  readonly spelled?: JsonObject
} {
  if (!isObject(reader.peek(FIELD))) return {}
  const spelled = reader.object(FIELD).source
  const { ttl } = spelled
  return { cache: compact({ ttl: typeof ttl === 'string' ? ttl : undefined }), spelled }
}

/** Only as the client spelled it: a mark of another dialect has been taken off before. */
export function encodeCache(cache: CacheMark | undefined, shape: JsonObject): JsonObject {
  const spelled = shape['cache']
  return cache !== undefined && isObject(spelled) ? { [FIELD]: spelled } : {}
}
