// What this dialect keeps of an object beyond the model's words, and how it prints that again.
import { compact } from '../../canonical/compact.ts'
import type { Extensions, Node } from '../../canonical/extensions.ts'
import { type Json, type JsonObject, type ObjectReader, isObject } from '../../wire/json.ts'
import { OPENAI_RESPONSES } from './wire-types.ts'

/** To be spread into a node: nothing when there is nothing to keep. */
export function kept(
  fields: JsonObject | undefined,
  shape: JsonObject = {},
): { readonly extensions?: Extensions } {
  const spelled = Object.values(shape).some((value) => value !== undefined)
  if (fields === undefined && !spelled) return {}
  return {
    extensions: {
      [OPENAI_RESPONSES]: compact({ fields, shape: spelled ? compact(shape) : undefined }),
    },
  }
}

/** What a reader has left over, with the leftovers of objects inside it under their own keys. */
export function leftOf(
  reader: ObjectReader,
  nested: Readonly<Record<string, ObjectReader | undefined>> = {},
): JsonObject | undefined {
  const inner = Object.entries(nested).flatMap(([key, value]) => {
    const rest = value === undefined || isEmpty(value.source) ? value?.source : value.rest()
    return rest === undefined ? [] : [[key, rest] as const]
  })
  if (inner.length === 0) return reader.rest()
  return { ...reader.rest(), ...Object.fromEntries(inner) }
}

function isEmpty(source: JsonObject): boolean {
  return Object.keys(source).length === 0
}

export function fieldsOf(node: Node): JsonObject {
  return node.extensions?.[OPENAI_RESPONSES]?.fields ?? {}
}

export function shapeOf(node: Node): JsonObject {
  return node.extensions?.[OPENAI_RESPONSES]?.shape ?? {}
}

/** Whether this dialect decoded the node, so that nothing is to be added when it is printed. */
export function isOwn(node: Node): boolean {
  return node.extensions?.[OPENAI_RESPONSES] !== undefined
}

/** The leftovers of a node with the words of the model laid over them. */
export function printed(node: Node, own: JsonObject): JsonObject {
  return overlay(fieldsOf(node), own)
}

/** `over` wins; objects on both sides are merged key by key; keys that are undefined are left out. */
export function overlay(under: JsonObject, over: JsonObject): JsonObject {
  const merged = new Map<string, Json | undefined>(Object.entries(under))
  for (const [key, value] of Object.entries(over)) {
    if (value === undefined) continue
    const before = merged.get(key)
    merged.set(key, isObject(before) && isObject(value) ? overlay(before, value) : value)
  }
  return Object.fromEntries([...merged].filter(([, value]) => value !== undefined))
}
