// What an upstream says, in any protocol, as a script for the fake one; and what a client asks, in any protocol.
import type { GatewayError } from '../../src/canonical/errors.ts'
import type { ChatEvent } from '../../src/canonical/event.ts'
import { explode } from '../../src/canonical/explode.ts'
import type { Part } from '../../src/canonical/part.ts'
import type { ChatRequest, Turn } from '../../src/canonical/request.ts'
import type { ChatResponse, Finish } from '../../src/canonical/response.ts'
import type { Usage } from '../../src/canonical/usage.ts'
import { emptyRequest, encodeStream } from '../../src/dialects/dialect.contract.ts'
import { CONTENT_TYPES, writeFrame } from '../../src/wire/framing.ts'
import { type Json, type JsonObject, isObject, parseJson } from '../../src/wire/json.ts'
import type { ScriptedReply } from '../fake-upstream.ts'
import { type Id, dialectOf } from './protocols.ts'

export interface Saying {
  readonly parts: readonly Part[]
  readonly finish?: Finish['reason']
  readonly usage?: Usage
}

export const PONG: Saying = { parts: [{ type: 'text', text: 'pong' }] }

export function text(words: string): Part {
  return { type: 'text', text: words }
}

export function call(callId: string, name: string, json: JsonObject): Part {
  const kind = 'function'
  return { type: 'tool-call', callId, kind, name, arguments: { text: JSON.stringify(json), json } }
}

export function result(callId: string, words: string): Part {
  return { type: 'tool-result', callId, content: [text(words)] }
}

/** An answer of an upstream that speaks this protocol. */
export function said(id: Id, saying: Saying, shape: 'whole' | 'stream'): ScriptedReply {
  const dialect = dialectOf(id)
  const { parts, usage = { input: { total: 7 }, output: { total: 3 } } } = saying
  const calls = parts.some((part) => part.type === 'tool-call')
  const reason = saying.finish ?? (calls ? 'tool-calls' : 'stop')
  const response: ChatResponse = {
    origin: { dialect: 'none' },
    id: 'answer_1',
    model: 'model-x',
    candidates: [{ index: 0, parts, finish: { reason } }],
    usage,
  }
  const asked: ChatRequest = { ...emptyRequest(id), stream: { enabled: true, includeUsage: true } }
  const context = { request: asked, requestId: 'req_upstream', now: () => 1_700_000_000_000 }
  if (shape === 'whole') {
    const { value } = dialect.response.encode(response, context)
    return { chunks: [JSON.stringify(value.body)] }
  }
  const frames = encodeStream(dialect, [...explode(response)], context)
  return {
    headers: { 'content-type': CONTENT_TYPES[dialect.framing] },
    chunks: frames.map((frame) => writeFrame(dialect.framing, frame)),
  }
}

/** A client's body, printed as it stands: no pass has made it fit for anybody. */
export function asked(
  id: Id,
  request: Partial<ChatRequest> & { readonly turns: readonly Turn[] },
): JsonObject {
  const whole: ChatRequest = { ...emptyRequest(id), ...request, stream: { enabled: false } }
  const wire = dialectOf(id).request.encode(whole, { provider: 'client', flags: {} })
  const body: Json = parseJson(JSON.stringify(wire.body))
  if (!isObject(body)) throw new Error('A request that is no object.')
  const { model: _, stream: __, ...rest } = body
  return rest
}

export function user(...parts: readonly Part[]): Turn {
  return { role: 'user', parts }
}

export function assistant(...parts: readonly Part[]): Turn {
  return { role: 'assistant', parts }
}

export function results(...parts: readonly Part[]): Turn {
  return { role: 'tool', parts }
}

/** Server-sent events of an upstream, each value its own write. */
export function sse(...values: readonly (Json | string)[]): ScriptedReply {
  return {
    headers: { 'content-type': 'text/event-stream' },
    chunks: values.map((value) => (typeof value === 'string' ? value : event(value))),
  }
}

/** One event; named by its type where it has one. */
function event(value: Json): string {
  const name =
    isObject(value) && typeof value['type'] === 'string' ? `event: ${value['type']}\n` : ''
  return `${name}data: ${JSON.stringify(value)}\n\n`
}

export function whole(value: Json, status = 200): ScriptedReply {
  return { status, chunks: [JSON.stringify(value)] }
}

/** A stream that has said some words and then stops without an end of its own, or tells why it cannot go on. */
export function begun(id: Id, words: readonly string[], more: Begun = {}): ScriptedReply {
  const dialect = dialectOf(id)
  const request: ChatRequest = {
    ...emptyRequest(id),
    stream: { enabled: true, includeUsage: true },
  }
  const context = { request, requestId: 'req_upstream', now: () => 1_700_000_000_000 }
  const encoder = dialect.stream.encoder(context)
  const events: readonly ChatEvent[] = [
    { type: 'response-start', origin: { dialect: 'none' }, id: 'answer_1', model: 'model-x' },
    ...(words.length === 0
      ? []
      : [{ type: 'part-start' as const, index: 0, candidate: 0, part: text('') }]),
    ...words.map((word): ChatEvent => ({
      type: 'part-delta',
      index: 0,
      delta: { kind: 'text', text: word },
    })),
    ...(more.error === undefined ? [] : [{ type: 'error' as const, error: more.error }]),
  ]
  const frames = events.flatMap((one) => encoder.write(one))
  return {
    headers: { 'content-type': CONTENT_TYPES[dialect.framing] },
    chunks: frames.map((frame) => writeFrame(dialect.framing, frame)),
    ending: more.ending ?? 'end',
  }
}

export interface Begun {
  readonly error?: GatewayError
  readonly ending?: 'end' | 'cut' | 'reset'
}
