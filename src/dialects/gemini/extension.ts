// What this dialect keeps of an object beyond the model's words, and how it prints that again.
import { compact } from '../../canonical/compact.ts'
import type { Extensions, Node } from '../../canonical/extensions.ts'
import { type Json, type JsonObject, isObject } from '../../wire/json.ts'
import { respelled } from './spelling.ts'
import { GEMINI } from './wire-types.ts'

/** To be spread into a node: nothing when there is nothing to keep. */
export function kept(
  fields: JsonObject | undefined,
  shape: JsonObject = {},
): { readonly extensions?: Extensions } {
  const spelled = Object.values(shape).some((value) => value !== undefined)
  if (fields === undefined && !spelled) return {}
  return {
    extensions: {
      [GEMINI]: compact({ fields, shape: spelled ? compact(shape) : undefined }),
    },
  }
}

export function fieldsOf(node: Node): JsonObject {
  return node.extensions?.[GEMINI]?.fields ?? {}
}

export function shapeOf(node: Node): JsonObject {
  return node.extensions?.[GEMINI]?.shape ?? {}
}

/** The leftovers of a node with the words of the model laid over them, in the spelling they came in. */
export function printed(node: Node, own: JsonObject): JsonObject {
  return overlay(fieldsOf(node), respelled(own, shapeOf(node)['spelled']))
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
