// Changes single keys in JSON text and leaves every other character as it stands: spacing, key order, number spellings.
import { type Json, type JsonObject, isObject } from './json.ts'
import { stringEnd } from './json-text.ts'

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
  const splices = jsonSplices(text, edits)
  return splices === undefined ? undefined : splicedText(text, splices)
}

/** What patchJson does to the text: in which places, in their order. */
export function jsonSplices(
  text: string,
  edits: readonly JsonEdit[],
): readonly Splice[] | undefined {
  if (edits.some(({ path }) => path.length === 0)) return undefined
  const splices = splicesIn(text, skipSpace(text, 0), edits)
  return splices?.toSorted((left, right) => left.start - right.start)
}

export function splicedText(text: string, splices: readonly Splice[]): string {
  let patched = ''
  let at = 0
  for (const { start, end, piece } of splices) {
    patched += text.slice(at, start) + piece
    at = end
  }
  return at === 0 ? text : patched + text.slice(at)
}

/** The same done to the bytes of a text that has one for each character. */
export function splicedBytes(bytes: Uint8Array, splices: readonly Splice[]): Uint8Array {
  if (splices.length === 0) return bytes
  const parts: Uint8Array[] = []
  let from = 0
  for (const { start, end, piece } of splices) {
    parts.push(bytes.subarray(from, start), UTF8.encode(piece))
    from = end
  }
  parts.push(bytes.subarray(from))
  const patched = new Uint8Array(parts.reduce((length, part) => length + part.length, 0))
  let at = 0
  for (const part of parts) {
    patched.set(part, at)
    at += part.length
  }
  return patched
}

const UTF8 = new TextEncoder()

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

/** A piece in the place of what stands there. */
export interface Splice extends Span {
  readonly piece: string
}

/** What the edits change in the object at `start`: its text is walked over once for all of them. */
function splicesIn(
  text: string,
  start: number,
  edits: readonly JsonEdit[],
): readonly Splice[] | undefined {
  const members = membersOf(text, start)
  if (members === undefined) return undefined
  const splices: Splice[] = []
  const added: string[] = []
  for (const [key, group] of byKey(edits)) {
    const span = members.get(key)
    const value = valueAt(patchValue({}, group), [key])
    if (span === undefined) {
      if (value !== undefined) added.unshift(`${JSON.stringify(key)}:${JSON.stringify(value)}`)
    } else if (value !== undefined && group.some(isOfKey)) {
      splices.push({ ...span, piece: JSON.stringify(value) })
    } else {
      const inner = group.flatMap((edit) => insideKey(edit))
      if (inner.length === 0) continue
      const below = text.startsWith('{', span.start) ? splicesIn(text, span.start, inner) : []
      if (below === undefined || (below.length === 0 && value !== undefined)) return undefined
      splices.push(...below)
    }
  }
  if (added.length === 0) return splices
  const piece = members.size === 0 ? added.join(',') : `${added.join(',')},`
  return [...splices, { start: start + 1, end: start + 1, piece }]
}

function byKey(edits: readonly JsonEdit[]): ReadonlyMap<string, readonly JsonEdit[]> {
  const groups = new Map<string, JsonEdit[]>()
  for (const edit of edits) {
    const [key] = edit.path
    if (key === undefined) continue
    const group = groups.get(key)
    if (group === undefined) groups.set(key, [edit])
    else group.push(edit)
  }
  return groups
}

/** Whether it changes the value of the key itself. */
function isOfKey({ path, value }: JsonEdit): boolean {
  return path.length === 1 && value !== undefined
}

function insideKey({ path, value }: JsonEdit): readonly JsonEdit[] {
  if (path.length === 1) return []
  const inner = path.slice(1)
  return [value === undefined ? { path: inner } : { path: inner, value }]
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
    const keyEnd = stringEnd(text, at)
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
  if (first === 0x22) return stringEnd(text, start)
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
      at = stringEnd(text, at)
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
