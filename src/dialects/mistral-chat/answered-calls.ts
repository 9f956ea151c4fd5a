// As many results as calls: Mistral counts them, and refuses a history where they differ.
import type { Note } from '../../canonical/note.ts'
import { type ToolCallPart, type ToolResultPart, textOf } from '../../canonical/part.ts'
import type { Turn } from '../../canonical/request.ts'
import type { Pass } from '../lowering/pass.ts'

/** Calls without a result get one that says so; results without a call become a user's words. Run after results stand alone. */
export const answeredCalls: Pass = (request) => {
  const notes: Note[] = []
  const turns: Turn[] = []
  let waiting: readonly ToolCallPart[] = []
  const settle = (at: number): void => {
    for (const call of waiting) {
      turns.push(noResult(call))
      notes.push(missing(call, at))
    }
    waiting = []
  }
  for (const [at, turn] of request.turns.entries()) {
    const [result] = turn.parts
    if (turn.role === 'tool' && result?.type === 'tool-result') {
      const call = waiting.findIndex(({ callId }) => callId === result.callId)
      if (call === -1) {
        settle(at)
        turns.push(asUser(result))
        notes.push(orphan(at))
      } else {
        waiting = waiting.toSpliced(call, 1)
        turns.push(turn)
      }
    } else {
      settle(at)
      turns.push(turn)
      waiting = turn.parts.filter((part) => part.type === 'tool-call')
    }
  }
  settle(request.turns.length)
  return { value: notes.length === 0 ? request : { ...request, turns }, notes }
}

function noResult({ callId, name }: ToolCallPart): Turn {
  const content = [{ type: 'text' as const, text: 'No result.' }]
  return { role: 'tool', parts: [{ type: 'tool-result', callId, name, content }] }
}

function asUser({ name, content }: ToolResultPart): Turn {
  const text = `Result of ${name ?? 'a tool'}: ${textOf(content)}`
  return { role: 'user', parts: [{ type: 'text', text }] }
}

function missing({ name }: ToolCallPart, at: number): Note {
  return {
    action: 'synthesized',
    feature: 'tool_result',
    path: `turns[${at}]`,
    weight: 1,
    reason: 'the target wants a result for every call',
    from: name,
  }
}

function orphan(at: number): Note {
  return {
    action: 'approximated',
    feature: 'tool_result',
    path: `turns[${at}]`,
    weight: 2,
    reason: 'the target takes no result without its call; a user message says it instead',
  }
}
