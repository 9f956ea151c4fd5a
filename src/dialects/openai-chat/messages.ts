// The message list and the turns it stands for, one to one; calls without ids are paired with their results here.
import { compact } from '../../canonical/compact.ts'
import { GatewayError } from '../../canonical/errors.ts'
import type { Part, ToolResultPart } from '../../canonical/part.ts'
import type { Turn } from '../../canonical/request.ts'
import { type Item, type JsonObject, ObjectReader } from '../../wire/json.ts'
import { decodeAssistant, encodeAssistant } from './assistant.ts'
import { decodeContent, encodeContent } from './content.ts'
import { leftovers } from './extension.ts'
import { spelledId } from './tool-call.ts'
import type { Flags } from './flags.ts'

export function decodeMessages(items: readonly Item[]): readonly Turn[] {
  const open = new OpenCalls()
  return items.map((item, at) => {
    const reader = ObjectReader.of(item.value, item.path)
    const role = reader.string('role')
    switch (role) {
      case 'system':
      case 'developer':
      case 'user': {
        const name = reader.optionalString('name')
        const { parts, spelled } = decodeContent(reader)
        return {
          role,
          parts,
          ...(name === undefined ? {} : { name }),
          ...leftovers.kept(reader, spelled === undefined ? {} : { shape: { content: spelled } }),
        }
      }
      case 'assistant': {
        const turn = decodeAssistantTurn(reader, `message:${at}`)
        open.called(turn.parts)
        return turn
      }
      case 'tool':
      case 'function':
        return decodeResult(reader, role, open)
      default:
        throw new GatewayError(
          'invalid_request',
          `${reader.path('role')} is "${role}": expected system, developer, user, assistant or tool.`,
          { origin: 'client', param: reader.path('role'), code: 'invalid_value' },
        )
    }
  })
}

function decodeAssistantTurn(reader: ObjectReader, seed: string): Turn {
  const name = reader.optionalString('name')
  const { parts, fields, shape } = decodeAssistant(reader, seed)
  return {
    role: 'assistant',
    parts,
    ...(name === undefined ? {} : { name }),
    ...leftovers.keptFields(fields, shape),
  }
}

function decodeResult(reader: ObjectReader, role: 'tool' | 'function', open: OpenCalls): Turn {
  const name = reader.optionalString('name')
  const given = role === 'tool' ? reader.value('tool_call_id') : undefined
  const known = typeof given === 'string' && given !== '' ? given : undefined
  const callId = known ?? open.find(name)
  if (callId === undefined) {
    throw new GatewayError(
      'invalid_request',
      `${reader.path('tool_call_id')} is missing, and no call before it waits for a result. Name the call that this answers.`,
      {
        origin: 'client',
        param: reader.path('tool_call_id'),
        code: 'missing_required_parameter',
      },
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
  const missing = role === 'tool' && known === undefined
  return {
    role: 'tool',
    parts: [result],
    ...leftovers.kept(reader, {
      shape: {
        content: spelled,
        role: role === 'function' ? role : undefined,
        id: missing ? absence(given) : undefined,
      },
    }),
  }
}

function absence(given: unknown): 'absent' | 'null' | 'empty' {
  if (given === '') return 'empty'
  return given === null ? 'null' : 'absent'
}

/** Calls of the history that have no result yet. */
class OpenCalls {
  #open: { readonly id: string; readonly name: string }[] = []

  called(parts: readonly Part[]): void {
    for (const part of parts) {
      if (part.type === 'tool-call') this.#open.push({ id: part.callId, name: part.name })
    }
  }

  answered(id: string): void {
    this.#open = this.#open.filter((call) => call.id !== id)
  }

  /** The first that waits, of that name where one is given. */
  find(name: string | undefined): string | undefined {
    return this.#open.find((call) => name === undefined || call.name === name)?.id
  }
}

export function encodeMessages(turns: readonly Turn[], flags: Flags): readonly JsonObject[] {
  return turns.flatMap((turn) => {
    const name = turn.name
    switch (turn.role) {
      case 'assistant': {
        const shape = leftovers.shapeOf(turn)
        const legacyCalls = flags.legacyFunctions ? ('as-came' as const) : ('never' as const)
        return [
          leftovers.printed(turn, {
            role: 'assistant',
            ...(name === undefined ? {} : { name }),
            ...emptyReasoning(turn, flags),
            ...encodeAssistant(turn.parts, { flags, shape, legacyCalls }),
          }),
        ]
      }
      case 'tool':
        return turn.parts.map((part) => encodeResult(turn, part, flags))
      case 'system':
      case 'developer':
      case 'user': {
        const spelled = leftovers.shapeOf(turn)['content']
        const content = encodeContent(turn.parts, { flags, spelled, empty: '' })
        const said = { role: turn.role, ...(name === undefined ? {} : { name }), ...content }
        return [leftovers.printed(turn, said)]
      }
    }
  })
}

/** DeepSeek refuses a turn with calls whose thinking is missing; an empty one it takes. */
function emptyReasoning(turn: Turn, flags: Flags): JsonObject {
  const insists = flags.reasoningReplay === 'always' || flags.reasoningReplay === 'tool-loop'
  if (!insists || !turn.parts.some((part) => part.type === 'tool-call')) return {}
  return { [flags.reasoningField ?? 'reasoning_content']: '' }
}

function encodeResult(turn: Turn, part: Part, flags: Flags): JsonObject {
  if (part.type !== 'tool-result') {
    throw new GatewayError(
      'unsupported',
      `A tool message holds one tool result; it cannot hold a part of type "${part.type}".`,
    )
  }
  const shape = leftovers.shapeOf(turn)
  const content = encodeContent(part.content, { flags, spelled: shape['content'], empty: '' })
  const legacy = shape['role'] === 'function' && flags.legacyFunctions
  return leftovers.printed(turn, {
    role: legacy ? 'function' : 'tool',
    ...compact({ name: part.name }),
    ...(legacy ? {} : spelledId('tool_call_id', part.callId, shape)),
    ...content,
  })
}
