// What this dialect leaves on a node for the way back, written and read.
import { compact } from '../../canonical/compact.ts'
import type { Extensions, Node } from '../../canonical/extensions.ts'
import type { JsonObject } from '../../wire/json.ts'
import { DIALECT } from './wire-types.ts'

/** Nothing at all when there is nothing to keep, so that it can be spread into a node. */
export function keeping(
  fields: JsonObject | undefined,
  shape?: JsonObject,
): { readonly extensions?: Extensions } {
  const kept = compact({ fields: filled(fields), shape: filled(shape) })
  return Object.keys(kept).length === 0 ? {} : { extensions: { [DIALECT]: kept } }
}

/** Keys the model has no word for, as they came. */
export function fieldsOf(node: Node | undefined): JsonObject {
  return node?.extensions?.[DIALECT]?.fields ?? {}
}

/** Spellings with equal meaning. */
export function shapeOf(node: Node | undefined): JsonObject {
  return node?.extensions?.[DIALECT]?.shape ?? {}
}

function filled(object: JsonObject | undefined): JsonObject | undefined {
  if (object === undefined) return undefined
  const known = compact(object)
  return Object.keys(known).length === 0 ? undefined : known
}
