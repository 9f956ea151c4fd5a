// What the server writes on items and clients send back unread: their ids and how far they had come. No other wire misses it.
import type { Node } from '../../canonical/extensions.ts'
import { type JsonObject, type ObjectReader, isObject } from '../../wire/json.ts'
import { leftovers } from './extension.ts'

const KEYS = ['id', 'status'] as const

/** For the shape of the item's part or turn. */
export function takeBookkeeping(reader: ObjectReader): { readonly item?: JsonObject } {
  const taken = KEYS.filter((key) => typeof reader.peek(key) === 'string')
  if (taken.length === 0) return {}
  return { item: Object.fromEntries(taken.map((key) => [key, reader.value(key)])) }
}

export function bookkeepingOf(node: Node): JsonObject {
  const { item } = leftovers.shapeOf(node)
  return isObject(item) ? item : {}
}
