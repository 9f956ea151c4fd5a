// Instructions for targets that have a place for them outside the message list: those before the conversation go there.
import type { Note } from '../../canonical/note.ts'
import type { Part } from '../../canonical/part.ts'
import type { Turn } from '../../canonical/request.ts'
import type { Pass } from './pass.ts'

export interface HoistRules {
  /** `marked`, the default: later ones stay where they are as user turns that say what they are, so that cached prefixes stay too. `native`: the target takes them between messages. */
  readonly later?: 'marked' | 'native'
}

/** Leading system and developer turns become system turns at the top, in their order. */
export function hoistSystem({ later = 'marked' }: HoistRules = {}): Pass {
  return (request) => {
    const firstOther = request.turns.findIndex((turn) => !isInstruction(turn))
    const leading = firstOther === -1 ? request.turns.length : firstOther
    const notes: Note[] = []
    const top: Turn[] = []
    const others: Turn[] = []
    for (const [at, turn] of request.turns.entries()) {
      if (!isInstruction(turn)) others.push(turn)
      else if (at < leading || turn.place === 'top') top.push(atTop(turn))
      else if (later === 'native') others.push(asSystem(turn))
      else {
        others.push({ ...turn, role: 'user', parts: marked(turn.parts) })
        notes.push(moved(at))
      }
    }
    const turns = [...top, ...others]
    const same = turns.every((turn, at) => turn === request.turns[at])
    return { value: same ? request : { ...request, turns }, notes }
  }
}

function isInstruction(turn: Turn): boolean {
  return turn.role === 'system' || turn.role === 'developer'
}

function asSystem(turn: Turn): Turn {
  return turn.role === 'system' ? turn : { ...turn, role: 'system' }
}

function atTop(turn: Turn): Turn {
  return turn.place === 'top' ? asSystem(turn) : { ...turn, role: 'system', place: 'top' }
}

function marked(parts: readonly Part[]): readonly Part[] {
  return [{ type: 'text', text: '<system>' }, ...parts, { type: 'text', text: '</system>' }]
}

function moved(at: number): Note {
  return {
    action: 'approximated',
    feature: 'system_position',
    path: `turns[${at}]`,
    weight: 2,
    reason:
      'the target takes instructions before the conversation only; a marked user turn holds these',
  }
}
