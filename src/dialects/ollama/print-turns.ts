// Turns printed as messages: one string of text each, everything else under keys beside it.
import { compact } from '../../canonical/compact.ts'
import type { ToolResultPart } from '../../canonical/part.ts'
import type { Turn } from '../../canonical/request.ts'
import type { JsonObject } from '../../wire/json.ts'
import { leftovers } from './extension.ts'
import { printParts, printText } from './parts.ts'
import { indexOf } from './tool-calls.ts'

export function printTurns(turns: readonly Turn[]): readonly JsonObject[] {
  return turns.flatMap((turn) => printTurn(turn))
}

function printTurn(turn: Turn): readonly JsonObject[] {
  const results = turn.parts.filter((part) => part.type === 'tool-result')
  const messages = results.map((result) => printResult(turn, result))
  const others = turn.parts.filter((part) => part.type !== 'tool-result')
  if (results.length > 0 && others.length === 0) return messages
  return [
    ...messages,
    {
      ...leftovers.fieldsOf(turn),
      role: leftovers.shapeOf(turn)['role'] ?? turn.role,
      ...content(turn, printText(others)),
      ...printParts(others, indexOf),
    },
  ]
}

function printResult(turn: Turn, result: ToolResultPart): JsonObject {
  const id = leftovers.shapeOf(result)['id'] === 'absent' ? undefined : result.callId
  return {
    ...leftovers.fieldsOf(turn),
    role: leftovers.shapeOf(turn)['role'] ?? 'tool',
    ...content(turn, printText(result.content)),
    ...printParts(result.content, indexOf),
    ...compact({ tool_name: result.name, tool_call_id: id }),
  }
}

/** The key is there even when it is empty, unless the client itself left it out or said null. */
function content(turn: Turn, text: string): JsonObject {
  const silent =
    leftovers.shapeOf(turn)['content'] === 'absent' || leftovers.fieldsOf(turn)['content'] === null
  return text === '' && silent ? {} : { content: text }
}
