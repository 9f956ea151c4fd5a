// What decoding found no word for stays on the node it came from, and is laid under what encoding prints.
import { compact } from '../../canonical/compact.ts'
import type { Node } from '../../canonical/extensions.ts'
import { type JsonObject, type ObjectReader, isObject } from '../../wire/json.ts'
import { DIALECT } from './wire-types.ts'

export interface Kept {
  /** Readers of objects below this one that have no node of their own; their leftovers stay under their key. */
  readonly nested?: Readonly<Record<string, ObjectReader | undefined>>
  /** Spellings with equal meaning. */
  readonly shape?: JsonObject
}

/** The extensions of a node, once all that is understood has been read from it. */
export function kept(reader: ObjectReader, more: Kept = {}): Node {
  const nested = Object.entries(more.nested ?? {}).flatMap(([key, sub]) => {
    const rest = sub === undefined ? undefined : remainder(sub)
    return rest === undefined ? [] : [[key, rest] as const]
  })
  return keptFields({ ...reader.rest(), ...Object.fromEntries(nested) }, more.shape)
}

/** The same for leftovers that are already at hand. */
export function keptFields(fields: JsonObject, shape: JsonObject = {}): Node {
  const extension = compact({ fields: unlessEmpty(fields), shape: unlessEmpty(shape) })
  return Object.keys(extension).length === 0 ? {} : { extensions: { [DIALECT]: extension } }
}

/** An empty object says nothing that its fields could keep, so it is kept as such. */
function remainder(reader: ObjectReader): JsonObject | undefined {
  return reader.rest() ?? (Object.keys(reader.source).length === 0 ? {} : undefined)
}

function unlessEmpty(object: JsonObject): JsonObject | undefined {
  const entries = Object.entries(object).filter(([, value]) => value !== undefined)
  return entries.length === 0 ? undefined : Object.fromEntries(entries)
}

export function fieldsOf(node: Node | undefined): JsonObject {
  return node?.extensions?.[DIALECT]?.fields ?? {}
}

export function shapeOf(node: Node | undefined): JsonObject {
  return node?.extensions?.[DIALECT]?.shape ?? {}
}

/** What the model says over what only this dialect knows. */
export function printed(node: Node | undefined, canonical: JsonObject): JsonObject {
  return overlay(fieldsOf(node), canonical)
}

/** `over` wins key by key; objects on both sides are merged; undefined does not count. */
export function overlay(under: JsonObject, over: JsonObject): JsonObject {
  const entries = Object.entries(over).flatMap(([key, value]) => {
    if (value === undefined) return []
    const below = Object.hasOwn(under, key) ? under[key] : undefined
    return [[key, isObject(below) && isObject(value) ? overlay(below, value) : value] as const]
  })
  return { ...under, ...Object.fromEntries(entries) }
}
