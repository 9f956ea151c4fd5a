// What a recorded answer says, read in the plainest way and without our decoders: what is compared, and how frames are found.
import { type Json, type JsonObject, isArray, isObject, tryParseJson } from '../../src/wire/json.ts'

/** Of the first candidate. Counts are undefined where the recording has none. */
export interface Heard {
  text: string
  thoughts: string
  refusal: string
  /** `name arguments`, in order. */
  calls: string[]
  /** The vendor's own word for the end. */
  finish: string | undefined
  input: number | undefined
  output: number | undefined
  cached: number | undefined
  reasoning: number | undefined
}

export function nothingHeard(): Heard {
  return {
    text: '',
    thoughts: '',
    refusal: '',
    calls: [],
    finish: undefined,
    input: undefined,
    output: undefined,
    cached: undefined,
    reasoning: undefined,
  }
}

/** The objects of a body: itself, the items of its array, the `data:` lines of its events, or its lines. */
export function objectsIn(bytes: string): readonly JsonObject[] {
  const whole = tryParseJson(bytes)
  if (isObject(whole)) return [whole]
  if (isArray(whole)) return whole.filter((item) => isObject(item))
  return bytes
    .split(/\r\n|\r|\n/)
    .map((line) => tryParseJson(line.replace(/^data:/, '')))
    .filter((value) => isObject(value))
}

export function objectAt(value: Json | undefined, key: string): JsonObject {
  const found = isObject(value) ? value[key] : undefined
  return isObject(found) ? found : {}
}

export function listAt(value: Json | undefined, key: string): readonly JsonObject[] {
  const found = isObject(value) ? value[key] : undefined
  return isArray(found) ? found.filter((item) => isObject(item)) : []
}

export function textAt(value: Json | undefined, key: string): string {
  const found = isObject(value) ? value[key] : undefined
  return typeof found === 'string' ? found : ''
}

export function countAt(value: Json | undefined, key: string): number | undefined {
  const found = isObject(value) ? value[key] : undefined
  return typeof found === 'number' ? found : undefined
}

/** Undefined where none of them is told. */
export function sumOf(...counts: readonly (number | undefined)[]): number | undefined {
  const told = counts.filter((count) => count !== undefined)
  return told.length === 0 ? undefined : told.reduce((sum, count) => sum + count, 0)
}

/** A call as one line; arguments as JSON text without the spaces that hosts put in. */
export function callLine(name: string, args: Json | undefined): string {
  const value = typeof args === 'string' ? (tryParseJson(args === '' ? '{}' : args) ?? args) : args
  return `${name} ${JSON.stringify(value ?? {})}`
}
