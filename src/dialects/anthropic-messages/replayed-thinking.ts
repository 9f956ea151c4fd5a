// Thinking of earlier turns: the wire takes only what it has signed itself, and wants it back in a tool loop.
import type { Note } from '../../canonical/note.ts'
import type { Part } from '../../canonical/part.ts'
import type { ChatRequest, Turn } from '../../canonical/request.ts'
import type { Pass } from '../lowering/pass.ts'
import { flatMapSame, withParts, withTurns } from '../lowering/rewrite.ts'
import { isOwnSeal } from './seals.ts'
import { DIALECT } from './wire-types.ts'

/** Whether thinking of this conversation has been lost, or never was this wire's. */
export function losesThinking(request: ChatRequest): boolean {
  const foreign = request.origin.dialect !== DIALECT
  return (
    foreign ||
    request.turns.some((turn) => turn.parts.some((part) => isForeignThinking(part, foreign)))
  )
}

/** Drops thinking of others. */
export const replayedThinking: Pass = (request) => {
  const notes: Note[] = []
  const foreign = request.origin.dialect !== DIALECT
  const turns = flatMapSame(request.turns, (turn, at) => {
    const parts = flatMapSame(turn.parts, (part, index) => {
      if (!isForeignThinking(part, foreign)) return [part]
      notes.push(dropped(`turns[${at}].parts[${index}]`))
      return []
    })
    if (parts === turn.parts) return [turn]
    return parts.length === 0 ? [] : [withParts(turn, parts)]
  })
  return { value: withTurns(request, turns), notes }
}

/** Unsigned thinking in this wire's own request may be a compatible server's, which asks for no signature. */
function isForeignThinking(part: Part, foreign: boolean): boolean {
  if (part.type !== 'reasoning') return false
  return part.seal === undefined ? foreign : !isOwnSeal(part.seal)
}

function dropped(path: string): Note {
  return {
    action: 'dropped',
    feature: 'reasoning',
    path,
    weight: 2,
    reason: 'the target takes back only thinking that it has signed',
  }
}

/** A budget demands that the calls being answered come with their thinking; where that is lost, thinking is off for this call. */
export const thinkingInLoop: Pass = (request) => {
  if (request.reasoning?.mode !== 'on' || !loopLacksThinking(request.turns)) {
    return { value: request, notes: [] }
  }
  const note: Note = {
    action: 'dropped',
    feature: 'reasoning',
    path: 'reasoning',
    weight: 2,
    reason: 'the tool calls being answered have lost their signed thinking',
  }
  return { value: { ...request, reasoning: { mode: 'off' } }, notes: [note] }
}

function loopLacksThinking(turns: readonly Turn[]): boolean {
  return openLoop(turns).some(
    (turn) =>
      turn.parts.some((part) => part.type === 'tool-call') && turn.parts[0]?.type !== 'reasoning',
  )
}

/** The turns since the user last said something, when the conversation waits for an answer to tool results. */
function openLoop(turns: readonly Turn[]): readonly Turn[] {
  if (turns.at(-1)?.parts.some((part) => part.type === 'tool-result') !== true) return []
  const start = turns.findLastIndex(
    (turn) => turn.role === 'user' && turn.parts.every((part) => part.type !== 'tool-result'),
  )
  return turns.slice(start + 1)
}
