// The message list and the turns it stands for, one to one.
import { compact } from '../../canonical/compact.ts'
import { GatewayError } from '../../canonical/errors.ts'
import type { Part, ToolResultPart } from '../../canonical/part.ts'
import type { Turn } from '../../canonical/request.ts'
import { type Item, type JsonObject, ObjectReader } from '../../wire/json.ts'
import { decodeAssistant, encodeAssistant } from './assistant.ts'
import { decodeContent, encodeContent } from './content.ts'
import { leftovers } from './extension.ts'
import { OpenCalls } from './open-calls.ts'
import { missingId, spelledId } from './tool-call.ts'

export function decodeMessages(items: readonly Item[]): readonly Turn[] {
  const open = new OpenCalls()
  return items.map((item, at) => {
    const reader = ObjectReader.of(item.value, item.path)
    const role = reader.string('role')
    switch (role) {
      case 'system':
      case 'developer':
      case 'user': {
        const { parts, spelled } = decodeContent(reader)
        return { role, parts, ...leftovers.keptFields(reader.rest(), { content: spelled }) }
      }
      case 'assistant': {
        const { parts, fields, shape } = decodeAssistant(reader, `message:${at}`)
        open.called(parts)
        return { role, parts, ...leftovers.keptFields(fields, shape) }
      }
      case 'tool':
        return decodeResult(reader, open)
      default:
        throw new GatewayError(
          'invalid_request',
          `${reader.path('role')} is "${role}": expected system, user, assistant or tool.`,
          { origin: 'client', param: reader.path('role'), code: 'invalid_value' },
        )
    }
  })
}

function decodeResult(reader: ObjectReader, open: OpenCalls): Turn {
  const name = reader.optionalString('name')
  const missing = missingId(reader.peek('tool_call_id'))
  const given = missing === undefined ? reader.string('tool_call_id') : undefined
  reader.value('tool_call_id')
  const callId = given ?? open.find(name)
  if (callId === undefined) {
    const path = reader.path('tool_call_id')
    throw new GatewayError(
      'invalid_request',
      `${path} is missing, and no call before it waits for a result. Name the call that this answers.`,
      { origin: 'client', param: path, code: 'missing_required_parameter' },
    )
  }
  open.answered(callId)
  const { parts, spelled } = decodeContent(reader)
  const result: ToolResultPart = {
    type: 'tool-result',
    callId,
    ...compact({ name }),
    content: parts,
  }
  return {
    role: 'tool',
    parts: [result],
    ...leftovers.keptFields(reader.rest(), { content: spelled, id: missing }),
  }
}

export function encodeMessages(turns: readonly Turn[]): readonly JsonObject[] {
  return turns.flatMap((turn) => {
    const shape = leftovers.shapeOf(turn)
    switch (turn.role) {
      case 'assistant': {
        const message = encodeAssistant(turn.parts, { shape, use: 'request' })
        return [leftovers.printed(turn, { role: 'assistant', ...message })]
      }
      case 'tool':
        return turn.parts.map((part) => encodeResult(turn, part))
      case 'system':
      case 'developer':
      case 'user': {
        const content = encodeContent(turn.parts, { spelled: shape['content'] })
        return [leftovers.printed(turn, { role: turn.role, ...content })]
      }
    }
  })
}

function encodeResult(turn: Turn, part: Part): JsonObject {
  if (part.type !== 'tool-result') {
    throw new GatewayError(
      'unsupported',
      `A tool message holds one tool result; it cannot hold a part of type "${part.type}".`,
    )
  }
  const { content: spelled, id } = leftovers.shapeOf(turn)
  return leftovers.printed(turn, {
    role: 'tool',
    ...compact({ name: part.name }),
    ...encodeContent(part.content, { spelled }),
    ...spelledId('tool_call_id', part.callId, id),
  })
}
