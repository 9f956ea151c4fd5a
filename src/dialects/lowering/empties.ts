// Empty text, which some targets refuse.
import type { Pass } from './pass.ts'
import { flatMapSame, rewriteParts, withTurns } from './rewrite.ts'

/** Drops empty text parts, those inside tool results too, and then turns without parts. A sealed part stays: its seal has meaning. */
export function dropEmptyText(): Pass {
  return (request) => {
    const value = rewriteParts(
      request,
      (part) => (part.type === 'text' && part.text === '' && part.seal === undefined ? [] : [part]),
      ['empty-text'],
    )
    const turns = flatMapSame(value.turns, (turn) => (turn.parts.length === 0 ? [] : [turn]))
    return { value: withTurns(value, turns), notes: [] }
  }
}
