// Tool results for targets where they stand in the user's next message, all at once and first.
import type { Part } from '../../canonical/part.ts'
import type { Turn } from '../../canonical/request.ts'
import type { Pass } from './pass.ts'
import { mapSame, withParts, withTurns } from './rewrite.ts'

/** Adjacent tool turns, with the user turn right after them, become one user turn with the results first. */
export function joinResults(): Pass {
  return (request) => {
    const joined = request.turns.some((turn) => turn.role === 'tool')
      ? join(request.turns)
      : request.turns
    return { value: withTurns(request, mapSame(joined, resultsFirst)), notes: [] }
  }
}

function join(turns: readonly Turn[]): readonly Turn[] {
  const joined: Turn[] = []
  let pending: Part[] = []
  for (const turn of turns) {
    if (turn.role === 'tool') {
      pending.push(...turn.parts)
    } else {
      if (pending.length > 0 && turn.role !== 'user') joined.push(userTurn(pending))
      joined.push(
        pending.length > 0 && turn.role === 'user'
          ? withParts(turn, [...pending, ...turn.parts])
          : turn,
      )
      pending = []
    }
  }
  return pending.length > 0 ? [...joined, userTurn(pending)] : joined
}

function userTurn(parts: readonly Part[]): Turn {
  return { role: 'user', parts }
}

function resultsFirst(turn: Turn): Turn {
  if (turn.role !== 'user') return turn
  const lastResult = turn.parts.findLastIndex((part) => part.type === 'tool-result')
  const firstOther = turn.parts.findIndex((part) => part.type !== 'tool-result')
  if (firstOther === -1 || lastResult < firstOther) return turn
  return withParts(turn, [
    ...turn.parts.filter((part) => part.type === 'tool-result'),
    ...turn.parts.filter((part) => part.type !== 'tool-result'),
  ])
}
