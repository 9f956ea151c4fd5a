// The strings and numbers in a value, in the order in which they stand; JSON inside strings is opened too.
import { type Json, isArray, isObject, tryParseJson } from '../../src/wire/json.ts'

export function leavesOf(value: Json): readonly string[] {
  if (isArray(value)) return value.flatMap((item) => leavesOf(item))
  if (isObject(value)) return Object.values(value).flatMap((item) => leavesOf(item ?? null))
  if (typeof value !== 'string') return value === null ? [] : [String(value)]
  const inner = /^\s*[[{]/.test(value) ? tryParseJson(value) : undefined
  return inner === undefined ? [value] : [value, ...leavesOf(inner)]
}

/** As leavesOf, but only the innermost: what is said, however it is wrapped. */
export function coresOf(value: Json): readonly string[] {
  return leavesOf(value).filter((leaf) => !isWrapping(leaf) && leaf.trim() !== '')
}

function isWrapping(leaf: string): boolean {
  return /^\s*[[{]/.test(leaf) && tryParseJson(leaf) !== undefined
}

/** Those of `wanted` that are not in `leaves` in this order; each may stand inside a longer one. */
export function missingInOrder(
  wanted: readonly string[],
  leaves: readonly string[],
): readonly string[] {
  let at = 0
  let from = 0
  return wanted.flatMap((want) => {
    const text = want.trim()
    for (let leaf = at; leaf < leaves.length; leaf += 1) {
      const found = (leaves[leaf] ?? '').indexOf(text, leaf === at ? from : 0)
      if (found === -1) continue
      at = leaf
      from = found + text.length
      return []
    }
    return [want.slice(0, 80)]
  })
}
