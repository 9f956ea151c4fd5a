// A request of another protocol and what becomes of it on this wire, for the tests of lowering.
import type { Part } from '../../canonical/part.ts'
import type { ChatRequest, Turn } from '../../canonical/request.ts'
import type { FunctionTool } from '../../canonical/tool.ts'
import type { Json, JsonObject } from '../../wire/json.ts'
import { plain } from '../dialect.contract.ts'
import type { Profile } from '../profile.ts'
import { anthropicMessages } from './dialect.ts'
import type { MessageFlags } from './flags.ts'

export const HI: Turn = { role: 'user', parts: [{ type: 'text', text: 'Hi.' }] }

export function asked(more: Partial<ChatRequest> = {}): ChatRequest {
  return {
    origin: { dialect: 'other' },
    model: 'm',
    turns: [HI],
    sampling: {},
    stream: { enabled: false },
    maxOutputTokens: 4000,
    ...more,
  }
}

export function profileOf(flags: Partial<MessageFlags> = {}): Profile {
  const json: JsonObject = JSON.parse(JSON.stringify(flags))
  return { provider: 'test', flags: json }
}

interface Lowered {
  /** What is sent. */
  readonly body: Json | undefined
  readonly value: ChatRequest
  /** Action, feature and weight of each. */
  readonly notes: readonly string[]
}

export function lowered(request: ChatRequest, flags: Partial<MessageFlags> = {}): Lowered {
  const { value, notes } = anthropicMessages.lower(request, profileOf(flags))
  const { body } = anthropicMessages.request.encode(value, profileOf(flags))
  return {
    body: plain(body),
    value,
    notes: notes.map(({ action, feature, weight }) => `${action} ${feature} ${weight}`),
  }
}

export function call(callId: string, name = 'f'): Part {
  return { type: 'tool-call', kind: 'function', callId, name, arguments: { text: '{}', json: {} } }
}

export function result(callId: string, text = 'ok'): Turn {
  const content = [{ type: 'text' as const, text }]
  return { role: 'tool', parts: [{ type: 'tool-result', callId, content }] }
}

export const TOOLS: readonly FunctionTool[] = [{ kind: 'function', name: 'f' }]
