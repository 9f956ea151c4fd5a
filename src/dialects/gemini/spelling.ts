// Equal spellings of protobuf's JSON: keys in camelCase or snake_case, a list of one as the bare item.
import { compact } from '../../canonical/compact.ts'
import { type Json, type JsonObject, isArray, isObject } from '../../wire/json.ts'

/** How one object was written; absent keys mean the usual way. */
export interface Spelling {
  /** Keys, in camelCase, that came in snake_case. */
  readonly snake: readonly string[]
  /** Lists that came as their only item. */
  readonly bare: readonly string[]
  /** The same of objects inside, by key in camelCase. */
  readonly inside: Readonly<Record<string, JsonObject | undefined>>
}

export function snakeCase(key: string): string {
  return key.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
}

export function camelCase(key: string): string {
  return key.replaceAll(/_([a-z])/g, (_, letter: string) => letter.toUpperCase())
}

/** As it is kept in a node's shape; undefined where all is usual. */
export function spellingShape({ snake, bare, inside }: Spelling): JsonObject | undefined {
  const nested = compact(inside)
  const shape = compact({
    snake: snake.length === 0 ? undefined : snake,
    bare: bare.length === 0 ? undefined : bare,
    inside: Object.keys(nested).length === 0 ? undefined : nested,
  })
  return Object.keys(shape).length === 0 ? undefined : shape
}

/** An object that is about to be printed, with its keys as they came. */
export function respelled(own: JsonObject, shape: Json | undefined): JsonObject {
  if (!isObject(shape)) return own
  const inside = isObject(shape['inside']) ? shape['inside'] : {}
  return Object.fromEntries(
    Object.entries(own).map(([key, value]) => [
      holds(shape['snake'], key) ? snakeCase(key) : key,
      bareItem(isObject(value) ? respelled(value, inside[key]) : value, holds(shape['bare'], key)),
    ]),
  )
}

function holds(list: Json | undefined, key: string): boolean {
  return isArray(list) && list.includes(key)
}

function bareItem(value: Json | undefined, bare: unknown): Json | undefined {
  return bare === true && isArray(value) && value.length === 1 ? value[0] : value
}
