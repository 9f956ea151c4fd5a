// What a dialect says of its own unknown fields: how much is lost where one of them cannot be passed on.
import type { NoteWeight } from '../canonical/note.ts'
import { type Json, type JsonObject, equalJson, isObject } from '../wire/json.ts'

/** How much the loss of a field weighs that holds `value`; undefined: as much as that of any unknown field. */
export type FieldWeight = (value: Json) => NoteWeight | undefined

/** By key. What is not in the table weighs 1, advisory. */
export type FieldWeights = Readonly<Record<string, FieldWeight>>

/** The same whatever it holds. */
export function always(weight: NoteWeight): FieldWeight {
  return () => weight
}

/** Counts only where the field holds just this. */
export function when(held: Json, weight: NoteWeight): FieldWeight {
  return (value) => (equalJson(value, held) ? weight : undefined)
}

/** Counts unless the field holds just this. */
export function unless(held: Json, weight: NoteWeight): FieldWeight {
  return (value) => (equalJson(value, held) ? undefined : weight)
}

/** As much as the heaviest of the keys inside. */
export function inside(weights: FieldWeights): FieldWeight {
  return (value) => {
    const found = isObject(value) ? Object.values(weigh(value, weights) ?? {}) : []
    return found.length === 0 ? undefined : found.reduce((most, one) => (one > most ? one : most))
  }
}

/** The weights of those fields that have one of their own; undefined where none has. */
export function weigh(
  fields: JsonObject,
  weights: FieldWeights,
): Readonly<Record<string, NoteWeight>> | undefined {
  const entries = Object.entries(fields).flatMap(([key, value]) => {
    if (value === undefined || !Object.hasOwn(weights, key)) return []
    const weight = weights[key]?.(value)
    return weight === undefined ? [] : [[key, weight] as const]
  })
  return entries.length === 0 ? undefined : Object.fromEntries(entries)
}
