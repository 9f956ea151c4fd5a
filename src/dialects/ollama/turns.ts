// Messages: read into turns, with tool results given back the ids of the calls they answer.
import { GatewayError } from '../../canonical/errors.ts'
import type { Part, ToolCallPart, ToolResultPart } from '../../canonical/part.ts'
import type { Role, Turn } from '../../canonical/request.ts'
import { type Item, ObjectReader } from '../../wire/json.ts'
import { mintToolId } from '../lowering/tool-ids.ts'
import { leftovers } from './extension.ts'
import { readImages, readText, readThinking, readToolCalls } from './parts.ts'

const ROLES: readonly Role[] = ['system', 'developer', 'user', 'assistant', 'tool']

export function readTurns(items: readonly Item[]): readonly Turn[] {
  let unanswered: readonly ToolCallPart[] = []
  return items.map((item, at) => {
    const reader = ObjectReader.of(item.value, item.path)
    const { role, spelling } = readRole(reader)
    const seed = `messages.${at}`
    let parts: readonly Part[]
    if (role === 'tool') {
      const result = readResult(reader, { seed, unanswered })
      unanswered = unanswered.filter((call) => call.callId !== result.callId)
      parts = [result]
    } else parts = readMessage(reader, { role, seed })
    if (role === 'assistant') unanswered = parts.filter((part) => part.type === 'tool-call')
    return {
      role,
      parts,
      ...leftovers.keptFields(reader.rest(), {
        ...(spelling === role ? {} : { role: spelling }),
        ...(reader.has('content') ? {} : { content: 'absent' }),
      }),
    }
  })
}

/** Roles are lower-cased, as the server does. */
function readRole(reader: ObjectReader): { readonly role: Role; readonly spelling: string } {
  const spelling = reader.string('role')
  const role = ROLES.find((role) => role === spelling.toLowerCase())
  if (role !== undefined) return { role, spelling }
  const path = reader.path('role')
  throw new GatewayError(
    'invalid_request',
    `${path} must be "system", "user", "assistant" or "tool".`,
    { origin: 'client', param: path },
  )
}

function readMessage(
  reader: ObjectReader,
  { role, seed }: { readonly role: Role; readonly seed: string },
): readonly Part[] {
  const images = readImages(reader)
  if (role !== 'assistant') return [...images, ...readText(reader, 'content')]
  return [
    ...readThinking(reader),
    ...images,
    ...readText(reader, 'content'),
    ...readToolCalls(reader, (at) => `${seed}.${at}`),
  ]
}

interface ResultPlace {
  readonly seed: string
  /** The calls of the last assistant message that no result has answered yet. */
  readonly unanswered: readonly ToolCallPart[]
}

/** A result without an id answers the first open call of its name, or the first at all where it gives no name. */
function readResult(reader: ObjectReader, { seed, unanswered }: ResultPlace): ToolResultPart {
  const name = filledString(reader, 'tool_name')
  const given = filledString(reader, 'tool_call_id')
  const answered = unanswered.find((call) => name === undefined || call.name === name)
  return {
    type: 'tool-result',
    callId: given ?? answered?.callId ?? mintToolId(seed),
    ...(name === undefined ? {} : { name }),
    content: [...readText(reader, 'content'), ...readImages(reader)],
    ...leftovers.keptFields(undefined, given === undefined ? { id: 'absent' } : {}),
  }
}

/** An empty name or id is none: it stays a leftover. */
function filledString(reader: ObjectReader, key: string): string | undefined {
  const text = reader.optionalString(key)
  if (text !== '') return text
  reader.leave(key)
  return undefined
}
