// What a strict upstream finds wrong in a request, and the few questions that every one of them asks.
import { type Json, type JsonObject, isArray, isObject } from '../../src/wire/json.ts'

/** Thrown by a strict check; the upstream answers it in its vendor's own shape. */
export class Violation extends Error {
  readonly path: string

  constructor(path: string, why: string) {
    super(`${path}: ${why}`)
    this.path = path
  }
}

/** Refuses with the path and the reason. */
export function refuse(path: string, why: string): never {
  throw new Violation(path, why)
}

export function object(value: Json | undefined, path: string): JsonObject {
  return isObject(value) ? value : refuse(path, 'Input should be an object')
}

/** A list that is there and has something in it. */
export function filled(value: Json | undefined, path: string): readonly Json[] {
  if (!isArray(value)) refuse(path, 'Input should be a list')
  return value.length === 0 ? refuse(path, 'List should have at least 1 item') : value
}

/** An absent list is an empty one; `[]` is refused, as vendors refuse it. */
export function listOrAbsent(value: Json | undefined, path: string): readonly Json[] {
  return value === undefined ? [] : filled(value, path)
}

export function string(value: Json | undefined, path: string): string {
  return typeof value === 'string' ? value : refuse(path, 'Input should be a string')
}

export function filledString(value: Json | undefined, path: string): string {
  const text = string(value, path)
  return text === '' ? refuse(path, 'String should have at least 1 character') : text
}

export interface Range {
  readonly min: number
  readonly max: number
}

/** Absent is fine. */
export function numberWithin(value: Json | undefined, path: string, range: Range): void {
  if (value === undefined) return
  if (typeof value !== 'number') refuse(path, 'Input should be a number')
  if (value < range.min || value > range.max) {
    refuse(path, `Input should be between ${range.min} and ${range.max}`)
  }
}

/** The words of a text. */
export function words(text: string): readonly string[] {
  return text.trim().split(/\s+/)
}

/** Vendors that check their input take no field that they do not know. */
export function only(value: JsonObject, path: string, allowed: readonly string[]): void {
  const strange = Object.keys(value).find((key) => !allowed.includes(key))
  if (strange !== undefined) {
    refuse(path === '' ? strange : `${path}.${strange}`, 'Extra inputs are not permitted')
  }
}

export function matching(value: Json | undefined, path: string, pattern: RegExp): string {
  const text = string(value, path)
  return pattern.test(text) ? text : refuse(path, `String should match pattern '${pattern.source}'`)
}

export function oneOf(value: Json | undefined, path: string, words: readonly string[]): string {
  const text = string(value, path)
  return words.includes(text) ? text : refuse(path, `Input should be one of ${words.join(', ')}`)
}

export function base64(value: Json | undefined, path: string): string {
  const text = filledString(value, path)
  const sound = /^[A-Za-z0-9+/]+={0,2}$/.test(text) && text.length % 4 === 0
  return sound ? text : refuse(path, 'Invalid base64 data')
}

/** `data:image/png;base64,...` or an address. */
export function imageAddress(value: Json | undefined, path: string): string {
  const text = string(value, path)
  const data = /^data:image\/(?:png|jpeg|gif|webp);base64,(?<data>.*)$/s.exec(text)?.groups?.[
    'data'
  ]
  if (data === undefined && !/^https?:\/\//.test(text)) {
    refuse(path, 'Expected a base64-encoded data URL with an image MIME type, or an http(s) URL')
  }
  if (data !== undefined) base64(data, path)
  return text
}

/** Every result answers a call that waits for one; `done` asks whether all have been answered. */
export class OpenCalls {
  readonly #open = new Set<string>()

  call(id: string, path: string): void {
    if (this.#open.has(id)) refuse(path, `duplicate tool call id ${id}`)
    this.#open.add(id)
  }

  result(id: string, path: string): void {
    if (!this.#open.delete(id)) refuse(path, `no tool call with id ${id} waits for a result`)
  }

  done(path: string): void {
    const [left] = this.#open
    if (left !== undefined) {
      refuse(
        path,
        `An assistant message with tool calls must be followed by results: ${left} has none`,
      )
    }
  }
}
