// How dialects read what their own vendor's tools are set to.
import type { NoteWeight } from '../canonical/note.ts'
import type { HostedPurpose } from '../canonical/tool.ts'
import { type Json, type JsonObject, isArray, isObject } from '../wire/json.ts'

export interface OtherSettings {
  readonly known: readonly string[]
  /** Those whose loss is more or less than an advice. */
  readonly weights?: Readonly<Record<string, NoteWeight>>
}

/** Settings that say something and that no other vendor has. */
export function otherSettings(
  source: JsonObject,
  { known, weights = {} }: OtherSettings,
): Pick<HostedPurpose, 'others'> {
  const left = Object.entries(source).filter(
    ([key, value]) => !known.includes(key) && saysSomething(value),
  )
  if (left.length === 0) return {}
  const others = left.map(([key]) => [key, Object.hasOwn(weights, key) ? (weights[key] ?? 1) : 1])
  return { others: Object.fromEntries(others) }
}

function saysSomething(value: Json | undefined): boolean {
  if (value === undefined || value === null || value === '') return false
  if (isArray(value)) return value.length > 0
  return !isObject(value) || Object.keys(value).length > 0
}

/** The names of a list; undefined where there are none. */
export function namesIn(value: Json | undefined): readonly string[] | undefined {
  const names = isArray(value) ? value.filter((name) => typeof name === 'string') : []
  return names.length === 0 ? undefined : names
}

/** A place without the word for its kind. */
export function placeIn(value: Json | undefined): JsonObject | undefined {
  if (!isObject(value)) return undefined
  const { type: _, ...place } = value
  const said = Object.entries(place).filter(([, one]) => saysSomething(one))
  return said.length === 0 ? undefined : Object.fromEntries(said)
}
