// Keys that stand twice in one object of a JSON text: readers differ in which of the two they take, so that one checks what another obeys.
import { type Json, MAX_DEPTH, isArray, isObject, parsed } from './json.ts'
import { countKeys, stringEnd } from './json-text.ts'

const QUOTE = 0x22
const OBJECT = 0x7b
const OBJECT_END = 0x7d
const LIST = 0x5b
const LIST_END = 0x5d
const COLON = 0x3a

/** Objects within the outermost one are looked at as well, such as settings that have a group of their own; nothing below. */
const DEPTH = 2

/** A JSON text, and the first of such keys; undefined where there is none. Throws as parseJson does. */
export function parseUnambiguous(text: string): {
  readonly json: Json
  readonly twice: string | undefined
} {
  const keys = countKeys(text, MAX_DEPTH, DEPTH)
  const json = parsed(text)
  // Of a key that stands twice the parser has kept one.
  return { json, twice: keys === keysIn(json, DEPTH) ? undefined : duplicateKey(text) }
}

function keysIn(json: Json | undefined, depth: number): number {
  let count = 0
  if (isArray(json)) {
    if (depth > 1) for (const item of json) count += keysIn(item, depth - 1)
  } else if (isObject(json)) {
    const keys = Object.keys(json)
    count = keys.length
    if (depth > 1) for (const key of keys) count += keysIn(json[key], depth - 1)
  }
  return count
}

/** The first such key of a valid JSON text; undefined where there is none. */
export function duplicateKey(text: string): string | undefined {
  /** The keys of each open object down to the depth that counts; undefined for a list. */
  const open: (Set<string> | undefined)[] = []
  let depth = 0
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at)
    if (code === QUOTE) {
      const end = stringEnd(text, at)
      const keys = depth <= DEPTH ? open[depth - 1] : undefined
      if (keys !== undefined && isKey(text, end)) {
        const key = keyOf(text.slice(at, end))
        if (keys.has(key)) return key
        keys.add(key)
      }
      at = end - 1
    } else if (code === OBJECT || code === LIST) {
      if (depth < DEPTH) open[depth] = code === OBJECT ? new Set() : undefined
      depth += 1
    } else if (code === OBJECT_END || code === LIST_END) depth -= 1
  }
  return undefined
}

/** Whether a colon follows. */
function isKey(text: string, end: number): boolean {
  let next = end
  while (text.charCodeAt(next) <= 0x20) next += 1
  return text.charCodeAt(next) === COLON
}

/** As it is meant: `"\u006dodel"` is `model`. */
function keyOf(quoted: string): string {
  const plain = quoted.slice(1, -1)
  return plain.includes('\\') ? String(JSON.parse(quoted)) : plain
}
