// `cache_control`: a prompt-cache breakpoint, on blocks, tools and the request itself.
import { compact } from '../../canonical/compact.ts'
import type { CacheMark } from '../../canonical/part.ts'
import { type JsonObject, type ObjectReader, isObject } from '../../wire/json.ts'

export interface CacheControl {
  readonly mark?: CacheMark
  /** For the leftovers of the object. */
  readonly reader?: ObjectReader
}

/** A kind of mark that is not known stays among the leftovers of its owner. */
export function readCacheControl(owner: ObjectReader): CacheControl {
  const value = owner.peek('cache_control')
  if (!isObject(value) || value['type'] !== 'ephemeral') return {}
  const reader = owner.object('cache_control')
  reader.value('type')
  return { mark: compact({ ttl: reader.optionalString('ttl') }), reader }
}

export function printCacheControl(mark: CacheMark | undefined): JsonObject | undefined {
  return mark === undefined ? undefined : { type: 'ephemeral', ttl: mark.ttl }
}
