// Walks over JSON text without parsing it: how deep it is nested, how many keys stand in it, where a string ends.
import { WireError } from './errors.ts'

const QUOTE = 0x22
const BACKSLASH = 0x5c
const OBJECT = 0x7b
const OBJECT_END = 0x7d
const LIST = 0x5b
const LIST_END = 0x5d
const COLON = 0x3a

/**
 * How many keys stand in objects that are nested at most `counted` deep, the outermost being 1. Throws a WireError where
 * anything is nested deeper than `maxDepth`. One pass for both; of text that is no JSON the count means nothing.
 */
export function countKeys(text: string, maxDepth: number, counted: number): number {
  let depth = 0
  let keys = 0
  for (let at = 0; at < text.length; at += 1) {
    switch (text.charCodeAt(at)) {
      case QUOTE:
        at = stringEnd(text, at) - 1
        break
      case COLON:
        if (depth <= counted) keys += 1
        break
      case OBJECT:
      case LIST:
        depth += 1
        if (depth > maxDepth) {
          throw new WireError('too_deep', `JSON is nested deeper than ${maxDepth} levels`)
        }
        break
      case OBJECT_END:
      case LIST_END:
        depth -= 1
        break
      default:
    }
  }
  return keys
}

/** A key or a word ends within so many characters, and is walked to; a call for it would cost more. */
const SHORT = 24

/** Behind the quote that ends the string which begins at `start`. Long strings are what a large text consists of: their ends are searched for. */
export function stringEnd(text: string, start: number): number {
  const walked = Math.min(start + SHORT, text.length)
  let at = start + 1
  for (; at < walked; at += 1) {
    const code = text.charCodeAt(at)
    if (code === QUOTE) return at + 1
    if (code === BACKSLASH) at += 1
  }
  for (let end = text.indexOf('"', at); end !== -1; end = text.indexOf('"', end + 1)) {
    if (!isEscaped(text, end, at)) return end + 1
  }
  return text.length
}

/** `from` is where no character before counts any more. */
function isEscaped(text: string, at: number, from: number): boolean {
  let before = at
  while (before > from && text.charCodeAt(before - 1) === BACKSLASH) before -= 1
  return (at - before) % 2 === 1
}
