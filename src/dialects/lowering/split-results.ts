// Tool results for targets where each is a message of its own.
import type { Part } from '../../canonical/part.ts'
import type { Turn } from '../../canonical/request.ts'
import { type Pass, unchanged } from './pass.ts'
import { flatMapSame, withParts, withTurns } from './rewrite.ts'
import { hasAny } from './traits.ts'

/** Results leave user turns, and tool turns that hold several: one tool turn each, before what else the user said. */
export function splitResults(): Pass {
  return (request) =>
    hasAny(request, ['tool-result'])
      ? { value: withTurns(request, flatMapSame(request.turns, split)), notes: [] }
      : unchanged(request)
}

function split(turn: Turn): readonly Turn[] {
  if (turn.role !== 'user' && turn.role !== 'tool') return [turn]
  const results = turn.parts.filter((part) => part.type === 'tool-result')
  if (results.length === 0) return [turn]
  if (turn.role === 'tool' && turn.parts.length === 1) return [turn]
  const others: readonly Part[] = turn.parts.filter((part) => part.type !== 'tool-result')
  const turns: readonly Turn[] = results.map((result) => ({ role: 'tool', parts: [result] }))
  return others.length === 0 ? turns : [...turns, withParts({ ...turn, role: 'user' }, others)]
}
