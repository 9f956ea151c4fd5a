// JSON in: a bounded parser, and readers that say where something is wrong and keep what nobody asked for.
import { WireError } from './errors.ts'
import { countKeys } from './json-text.ts'

export type Json = null | boolean | number | string | readonly Json[] | JsonObject

export interface JsonObject {
  readonly [key: string]: Json | undefined
}

export const MAX_DEPTH = 128

/** Parses JSON text; refuses nesting deeper than `maxDepth` before it recurses anywhere. */
export function parseJson(text: string, maxDepth: number = MAX_DEPTH): Json {
  // Each level needs a character to begin and one to end: where they do not fit in, it is no JSON, and says so below.
  if (text.length <= 2 * maxDepth) {
    try {
      const value: Json = JSON.parse(text)
      return value
    } catch {
      // What is wrong with it is found out as with any other.
    }
  }
  countKeys(text, maxDepth, 0)
  return parsed(text)
}

/** Text whose depth is known to be allowed. */
export function parsed(text: string): Json {
  try {
    const value: Json = JSON.parse(text)
    return value
  } catch (error) {
    throw new WireError('not_json', `not valid JSON: ${reasonOf(error)}`)
  }
}

/** As parseJson, but undefined where the text is not JSON or too deep. */
export function tryParseJson(text: string, maxDepth: number = MAX_DEPTH): Json | undefined {
  try {
    return parseJson(text, maxDepth)
  } catch {
    return undefined
  }
}

// V8 quotes a piece of the input in its message; the piece could be anything, so only the kind of trouble is kept.
function reasonOf(error: unknown): string {
  const message = error instanceof Error ? error.message : ''
  const position = /position (\d+)/.exec(message)?.[1]
  if (position !== undefined) return `unexpected character at position ${position}`
  return message.startsWith('Unexpected end') ? 'it ends too early' : 'unexpected character'
}

export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

export function isArray(value: Json | undefined): value is readonly Json[] {
  return Array.isArray(value)
}

/** Equal as JSON values: key order and undefined keys do not count. */
export function equalJson(left: Json | undefined, right: Json | undefined): boolean {
  if (left === right) return true
  if (isArray(left)) {
    return (
      isArray(right) &&
      left.length === right.length &&
      left.every((item, at) => equalJson(item, right[at]))
    )
  }
  if (!isObject(left) || !isObject(right)) return false
  let open = 0
  for (const key of Object.keys(right)) if (right[key] !== undefined) open += 1
  for (const key of Object.keys(left)) {
    const value = left[key]
    if (value === undefined) continue
    if (!equalJson(value, own(right, key))) return false
    open -= 1
  }
  return open === 0
}

// A key such as `__proto__` would find what every object inherits.
function own(object: JsonObject, key: string): Json | undefined {
  const value = object[key]
  return value === undefined || Object.hasOwn(object, key) ? value : undefined
}

function nameOf(value: Json | undefined): string {
  if (value === undefined) return 'nothing'
  if (value === null) return 'null'
  if (isArray(value)) return 'an array'
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`
}

function wrong(path: string, wanted: string, got: Json | undefined): WireError {
  const where = path === '' ? 'the body' : path
  if (got === undefined)
    return new WireError('missing', `${where} is missing: expected ${wanted}`, path)
  return new WireError('wrong_type', `${where} must be ${wanted}, not ${nameOf(got)}`, path)
}

/** One item of an array with the path that leads to it. */
export interface Item {
  readonly value: Json
  readonly path: string
}

/**
 * Reads one JSON object key by key and remembers which keys were read: `rest()` has the others as they came.
 * An optional key that is null reads as undefined and stays in `rest()`, so that the null can be printed again.
 */
export class ObjectReader {
  readonly source: JsonObject
  readonly #path: string
  /** The keys that were read and are there. */
  readonly #taken: string[] = []

  constructor(source: JsonObject, path: string) {
    this.source = source
    this.#path = path
  }

  /** Throws a WireError unless `value` is an object. */
  static of(value: Json | undefined, path: string): ObjectReader {
    if (!isObject(value)) throw wrong(path, 'an object', value)
    return new ObjectReader(value, path)
  }

  /** The path of a key: `messages[0].content`. */
  path(key: string): string {
    return this.#path === '' ? key : `${this.#path}.${key}`
  }

  has(key: string): boolean {
    return this.peek(key) !== undefined
  }

  /** Looks without taking. */
  peek(key: string): Json | undefined {
    return own(this.source, key)
  }

  /** Takes a key whatever it holds, null included. */
  value(key: string): Json | undefined {
    const value = this.peek(key)
    if (value !== undefined) this.#take(key)
    return value
  }

  string(key: string): string {
    return this.optionalString(key) ?? this.#refuse(key, 'a string')
  }

  optionalString(key: string): string | undefined {
    const value = this.#present(key)
    if (value === undefined || typeof value === 'string') return value
    return this.#refuse(key, 'a string')
  }

  number(key: string): number {
    return this.optionalNumber(key) ?? this.#refuse(key, 'a number')
  }

  optionalNumber(key: string): number | undefined {
    const value = this.#present(key)
    if (value === undefined || typeof value === 'number') return value
    return this.#refuse(key, 'a number')
  }

  optionalBoolean(key: string): boolean | undefined {
    const value = this.#present(key)
    if (value === undefined || typeof value === 'boolean') return value
    return this.#refuse(key, 'a boolean')
  }

  items(key: string): readonly Item[] {
    return this.optionalItems(key) ?? this.#refuse(key, 'an array')
  }

  optionalItems(key: string): readonly Item[] | undefined {
    const value = this.#present(key)
    if (value === undefined) return undefined
    if (!isArray(value)) return this.#refuse(key, 'an array')
    const path = this.path(key)
    return value.map((item, at) => ({ value: item, path: `${path}[${at}]` }))
  }

  optionalStrings(key: string): readonly string[] | undefined {
    return this.optionalItems(key)?.map((item) => {
      if (typeof item.value !== 'string') throw wrong(item.path, 'a string', item.value)
      return item.value
    })
  }

  object(key: string): ObjectReader {
    return this.optionalObject(key) ?? this.#refuse(key, 'an object')
  }

  optionalObject(key: string): ObjectReader | undefined {
    const value = this.#present(key)
    if (value === undefined) return undefined
    if (!isObject(value)) return this.#refuse(key, 'an object')
    return new ObjectReader(value, this.path(key))
  }

  /** Gives a taken key back to `rest()`. */
  leave(key: string): void {
    const at = this.#taken.indexOf(key)
    if (at !== -1) this.#taken.splice(at, 1)
  }

  /** The keys nobody took, as they came; undefined when there are none. */
  rest(): JsonObject | undefined {
    const keys = Object.keys(this.source)
    if (keys.length === this.#taken.length) return undefined
    const left = keys.filter((key) => !this.#taken.includes(key))
    return left.length === 0
      ? undefined
      : Object.fromEntries(left.map((key) => [key, this.source[key]]))
  }

  #present(key: string): Json | undefined {
    const value = this.peek(key)
    if (value === undefined || value === null) return undefined
    this.#take(key)
    return value
  }

  /** No reader asks for many keys, so that a list of them is quicker than a set. */
  #take(key: string): void {
    if (!this.#taken.includes(key)) this.#taken.push(key)
  }

  #refuse(key: string, wanted: string): never {
    throw wrong(this.path(key), wanted, this.peek(key))
  }
}
