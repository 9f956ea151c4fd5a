// The inside of an assistant message, in requests and answers alike: content, calls, prefix.
import { compact } from '../../canonical/compact.ts'
import type { Part, RefusalPart, TextPart } from '../../canonical/part.ts'
import { type JsonObject, type ObjectReader, isArray } from '../../wire/json.ts'
import { isPrintable } from './chunk.ts'
import { decodeContent, encodeContent } from './content.ts'
import { decodeToolCall, encodeToolCall } from './tool-call.ts'
import { MISTRAL_CHAT } from './wire-types.ts'

interface DecodedMessage {
  readonly parts: readonly Part[]
  readonly fields: JsonObject | undefined
  readonly shape: JsonObject
}

/** The native part that stands for `messages[]` of an answer in which Mistral's own connectors ran. */
export const MESSAGES = 'messages'

/** Call after `role` has been taken. `seed` names the message, for ids of calls without one. */
export function decodeAssistant(reader: ObjectReader, seed: string): DecodedMessage {
  const content = decodeContent(reader)
  const prefix = reader.optionalBoolean('prefix')
  const list = reader.peek('tool_calls')
  const calls = isArray(list) && list.length === 0 ? undefined : reader.optionalItems('tool_calls')
  return {
    parts: [
      ...content.parts,
      ...(calls ?? []).map((item, at) => decodeToolCall(item, `${seed}:${at}`)),
    ],
    fields: reader.rest(),
    shape: compact({ content: content.spelled, prefix }),
  }
}

interface AssistantSpelling {
  /** The shape of the node that holds the message: a turn or a candidate. */
  readonly shape: JsonObject
  /** An answer: its calls are numbered, its texts are one. */
  readonly use: 'request' | 'answer'
}

export function encodeAssistant(
  parts: readonly Part[],
  { shape, use }: AssistantSpelling,
): JsonObject {
  const answer = use === 'answer'
  const calls = parts.filter((part) => part.type === 'tool-call')
  const { content: spelled, prefix } = shape
  const content = parts.filter((part) => isContent(part))
  return {
    ...encodeContent(answer && spelled !== 'list' ? joined(content) : content, { spelled }),
    ...(calls.length === 0
      ? {}
      : { tool_calls: calls.map((call, at) => encodeToolCall(call, answer ? at : undefined)) }),
    ...compact({ prefix }),
  }
}

/** Clients read an answer's text as one string; neighbours that Mistral told apart stay so. */
function joined(parts: readonly Part[]): readonly Part[] {
  const result: Part[] = []
  for (const part of parts) {
    const before = result.at(-1)
    if (isWords(part) && before !== undefined && isWords(before)) {
      result[result.length - 1] = { type: 'text', text: before.text + part.text }
    } else result.push(part)
  }
  return result
}

function isWords(part: Part): part is TextPart | RefusalPart {
  return (part.type === 'text' || part.type === 'refusal') && part.extensions === undefined
}

/** Whether a chunk of content can say it. */
export function isContent(part: Part): boolean {
  switch (part.type) {
    case 'text':
    case 'refusal':
    case 'reasoning':
      return true
    case 'image':
    case 'audio':
    case 'video':
    case 'file':
      return isPrintable(part)
    case 'opaque':
      return part.origin.dialect === MISTRAL_CHAT && part.what !== MESSAGES
    case 'tool-call':
    case 'tool-result':
    case 'search-result':
      return false
  }
}
