// Changes single keys in JSON text and leaves every other character as it stands: spacing, key order, number spellings.
import { type Json, type JsonObject, isObject } from './json.ts'

export interface JsonEdit {
  /** Keys from the root object inwards. */
  readonly path: readonly string[]
  /** Absent: nothing is changed, but repeated keys on the way are refused all the same. */
  readonly value?: Json
}

interface Span {
  readonly start: number
  readonly end: number
}

/**
 * The text with each edit made; a missing key is added, with the objects around it. `text` must be valid JSON.
 * Undefined where an edit has no single place: the root or a parent is no object, or an object on the way has a key
 * twice, which two readers could understand in two ways.
 */
export function patchJson(text: string, edits: readonly JsonEdit[]): string | undefined {
  const start = skipSpace(text, 0)
  if (membersOf(text, start) === undefined) return undefined
  let patched: string | undefined = text
  for (const { path, value } of edits) {
    if (patched === undefined) return undefined
    patched = edited(patched, { start, path, value })
  }
  return patched
}

/** What patchJson does to the text, done to the parsed value. */
export function patchValue(source: Json | undefined, edits: readonly JsonEdit[]): Json | undefined {
  return edits.reduce<Json | undefined>(
    (value, edit) => (edit.value === undefined ? value : withValue(value, edit.path, edit.value)),
    source,
  )
}

/** The value that keys lead to, from the root object inwards. */
export function valueAt(source: Json | undefined, path: readonly string[]): Json | undefined {
  return path.reduce<Json | undefined>(
    (value, key) => (isObject(value) && Object.hasOwn(value, key) ? value[key] : undefined),
    source,
  )
}

function withValue(source: Json | undefined, path: readonly string[], value: Json): Json {
  const [key, ...inner] = path
  if (key === undefined) return value
  const object: JsonObject = isObject(source) ? source : {}
  const before = Object.hasOwn(object, key) ? object[key] : undefined
  return { ...object, [key]: withValue(before, inner, value) }
}

/** The text of the value that keys lead to, as it stands; undefined where there is no single one. */
export function textAt(text: string, path: readonly string[]): string | undefined {
  const span = spanAt(text, path)
  return span === undefined ? undefined : text.slice(span.start, span.end)
}

/** The text with another in place of that value; the same where there is no single one. */
export function withTextAt(text: string, path: readonly string[], piece: string): string {
  const span = spanAt(text, path)
  return span === undefined ? text : spliced(text, span, piece)
}

function spanAt(text: string, path: readonly string[]): Span | undefined {
  let span: Span | undefined = { start: skipSpace(text, 0), end: text.length }
  for (const key of path) {
    if (span === undefined) return undefined
    span = membersOf(text, span.start)?.get(key)
  }
  return span
}

interface Place {
  /** Where the object begins. */
  readonly start: number
  readonly path: readonly string[]
  readonly value: Json | undefined
}

function edited(text: string, place: Place): string | undefined {
  const { start, value } = place
  const [key, ...inner] = place.path
  const members = membersOf(text, start)
  if (members === undefined || key === undefined) return undefined
  const span = members.get(key)
  if (span === undefined) {
    if (value === undefined) return text
    const added = `${JSON.stringify(key)}:${JSON.stringify(patchValue({}, [{ path: inner, value }]))}`
    return spliced(
      text,
      { start: start + 1, end: start + 1 },
      members.size === 0 ? added : `${added},`,
    )
  }
  if (inner.length > 0) {
    const isParent = text.startsWith('{', span.start)
    if (!isParent) return value === undefined ? text : undefined
    return edited(text, { start: span.start, path: inner, value })
  }
  return value === undefined ? text : spliced(text, span, JSON.stringify(value))
}

function spliced(text: string, span: Span, piece: string): string {
  return text.slice(0, span.start) + piece + text.slice(span.end)
}

/** Where the values of the object at `start` stand; undefined for what is no object, and for one with a key twice. */
function membersOf(text: string, start: number): ReadonlyMap<string, Span> | undefined {
  if (!text.startsWith('{', start)) return undefined
  const members = new Map<string, Span>()
  let at = skipSpace(text, start + 1)
  while (text.startsWith('"', at)) {
    const keyEnd = skipString(text, at)
    const key = keyOf(text.slice(at, keyEnd))
    const valueStart = skipSpace(text, skipSpace(text, keyEnd) + 1)
    const end = skipValue(text, valueStart)
    if (members.has(key)) return undefined
    members.set(key, { start: valueStart, end })
    at = skipSpace(text, end)
    if (text.startsWith(',', at)) at = skipSpace(text, at + 1)
  }
  return text.startsWith('}', at) ? members : undefined
}

/** A key may be spelled with escapes. */
function keyOf(literal: string): string {
  return literal.includes('\\') ? String(JSON.parse(literal)) : literal.slice(1, -1)
}

function skipSpace(text: string, from: number): number {
  let at = from
  while (isSpace(text.charCodeAt(at))) at += 1
  return at
}

function isSpace(code: number): boolean {
  return code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09
}

/** The end of the value that begins at `start`. */
function skipValue(text: string, start: number): number {
  const first = text.charCodeAt(start)
  if (first === 0x22) return skipString(text, start)
  if (first === 0x7b || first === 0x5b) return skipContainer(text, start)
  let at = start
  while (at < text.length && !isScalarEnd(text.charCodeAt(at))) at += 1
  return at
}

function isScalarEnd(code: number): boolean {
  return code === 0x2c || code === 0x7d || code === 0x5d || isSpace(code)
}

function skipContainer(text: string, start: number): number {
  let depth = 0
  let at = start
  while (at < text.length) {
    const code = text.charCodeAt(at)
    if (code === 0x22) {
      at = skipString(text, at)
      continue
    }
    at += 1
    if (code === 0x7b || code === 0x5b) depth += 1
    else if (code === 0x7d || code === 0x5d) {
      depth -= 1
      if (depth === 0) return at
    }
  }
  return at
}

/** Long strings are what a large body consists of: their ends are searched for, not walked to. */
function skipString(text: string, start: number): number {
  let end = text.indexOf('"', start + 1)
  while (end !== -1 && isEscaped(text, end)) end = text.indexOf('"', end + 1)
  return end === -1 ? text.length : end + 1
}

function isEscaped(text: string, at: number): boolean {
  let backslashes = 0
  while (text.charCodeAt(at - 1 - backslashes) === 0x5c) backslashes += 1
  return backslashes % 2 === 1
}
