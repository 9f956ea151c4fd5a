// What decoding found no word for stays on the node it came from, and is laid under what encoding prints.
import { compact } from '../canonical/compact.ts'
import type { Node } from '../canonical/extensions.ts'
import { type JsonObject, type ObjectReader, isObject } from '../wire/json.ts'
import { type FieldWeights, weigh } from './field-weights.ts'

/** Readers of objects below a node that have no node of their own; their leftovers stay under their key. */
type Nested = Readonly<Record<string, ObjectReader | undefined>>

export interface Kept {
  readonly nested?: Nested
  /** Spellings with equal meaning. */
  readonly shape?: JsonObject
}

/** How one dialect keeps what is its own. What it gives is to be spread into a node: nothing where there is nothing to keep. */
export interface Leftovers {
  /** The extensions of a node, once all that is understood has been read from it. */
  kept(reader: ObjectReader, more?: Kept): Node
  /** The same for leftovers that are already at hand. */
  keptFields(fields: JsonObject | undefined, shape?: JsonObject): Node
  /** As keptFields, but never nothing: `isOwn` knows the node even where nothing was left over. */
  owned(fields: JsonObject | undefined, shape?: JsonObject): Node
  /** Whether this dialect has decoded the node and kept something on it. */
  isOwn(node: Node | undefined): boolean
  /** Keys that the model has no word for, as they came. */
  fieldsOf(node: Node | undefined): JsonObject
  /** Spellings with equal meaning, as they came. */
  shapeOf(node: Node | undefined): JsonObject
  /** What the model says over what only this dialect knows. */
  printed(node: Node | undefined, canonical: JsonObject): JsonObject
}

/** The leftovers of the dialect of that id; `weights` says which of its fields are more than an advice. */
export function leftoversOf(dialect: string, weights: FieldWeights = {}): Leftovers {
  const keptFields = (fields?: JsonObject, shape?: JsonObject): Node => {
    const kept = fields === undefined ? undefined : unlessEmpty(fields)
    const spelled = shape === undefined ? undefined : unlessEmpty(shape)
    if (kept === undefined && spelled === undefined) return NOTHING
    const extension = compact({
      fields: kept,
      shape: spelled,
      weights: kept === undefined ? undefined : weigh(kept, weights),
    })
    return { extensions: { [dialect]: extension } }
  }
  const fieldsOf = (node: Node | undefined): JsonObject =>
    node?.extensions?.[dialect]?.fields ?? EMPTY
  return {
    keptFields,
    kept: (reader, more) => keptFields(leftOf(reader, more?.nested), more?.shape),
    owned: (fields, shape) => ({ extensions: { [dialect]: {} }, ...keptFields(fields, shape) }),
    isOwn: (node) => node?.extensions?.[dialect] !== undefined,
    fieldsOf,
    shapeOf: (node) => node?.extensions?.[dialect]?.shape ?? EMPTY,
    printed: (node, canonical) => overlay(fieldsOf(node), canonical),
  }
}

const EMPTY: JsonObject = Object.freeze({})
const NOTHING: Node = Object.freeze({})

/** What a reader has left over, with the leftovers of objects inside it under their own keys; undefined where that is nothing. */
export function leftOf(reader: ObjectReader, nested: Nested = {}): JsonObject | undefined {
  const inside: [string, JsonObject][] = []
  for (const key of Object.keys(nested)) {
    const inner = nested[key]
    const rest = inner === undefined ? undefined : remainder(inner)
    if (rest !== undefined) inside.push([key, rest])
  }
  const rest = reader.rest()
  if (inside.length > 0) return unlessEmpty({ ...rest, ...Object.fromEntries(inside) })
  return rest === undefined ? undefined : unlessEmpty(rest)
}

/** An empty object says nothing that its fields could keep, so it is kept as such. */
function remainder(reader: ObjectReader): JsonObject | undefined {
  return isEmpty(reader.source) ? {} : reader.rest()
}

function unlessEmpty(object: JsonObject): JsonObject | undefined {
  return isEmpty(object) ? undefined : compact(object)
}

/** Keys that hold undefined do not count. */
function isEmpty(object: JsonObject): boolean {
  return Object.keys(object).every((key) => object[key] === undefined)
}

/** `over` wins key by key; objects on both sides are merged; a key that is undefined does not count. */
export function overlay(under: JsonObject, over: JsonObject): JsonObject {
  if (isEmpty(under)) return compact(over)
  const entries = Object.entries(compact(over)).map(([key, value]) => {
    const below = Object.hasOwn(under, key) ? under[key] : undefined
    return [key, isObject(below) && isObject(value) ? overlay(below, value) : value] as const
  })
  return compact({ ...under, ...Object.fromEntries(entries) })
}
