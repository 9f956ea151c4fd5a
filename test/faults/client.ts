// Clients of all six protocols, on connections of their own, and what each of them came to see.
import { type IncomingMessage, request as httpRequest } from 'node:http'
import { once } from 'node:events'
import type { GatewayError } from '../../src/canonical/errors.ts'
import { Collector } from '../../src/canonical/collect.ts'
import type { ChatEvent } from '../../src/canonical/event.ts'
import { textOf } from '../../src/canonical/part.ts'
import type { Dialect } from '../../src/dialects/dialect.ts'
import { dialects } from '../../src/dialects/registry.ts'
import { frameReader } from '../../src/wire/framing.ts'
import { type Json, tryParseJson } from '../../src/wire/json.ts'
import type { WireHeaders } from '../../src/wire/message.ts'

export interface ClientCall {
  /** Of the protocol. */
  readonly dialect: string
  readonly model: string
  readonly text: string
  readonly streamed: boolean
  /** Further fields of the body. */
  readonly extra?: { readonly [key: string]: Json }
  readonly headers?: WireHeaders
}

export interface Seen {
  readonly dialect: Dialect
  readonly status: number
  readonly headers: WireHeaders
  readonly body: string
  /** What the model said, as far as it came. */
  readonly text: string
  /** Told by the status, or within a stream. */
  readonly error: GatewayError | undefined
  /** The stream said that the answer is whole, or the answer is no stream. */
  readonly isWhole: boolean
}

const HELLO = (text: string): Json => [{ role: 'user', content: text }]

/** Where a chat goes, and how it is said. */
const FRONTS: Readonly<Record<string, (call: ClientCall) => { path: string; body: Json }>> = {
  'openai-chat': ({ model, text, streamed, extra }) => ({
    path: '/openai/v1/chat/completions',
    body: { model, stream: streamed, messages: HELLO(text), ...extra },
  }),
  'openai-responses': ({ model, text, streamed, extra }) => ({
    path: '/openai/v1/responses',
    body: { model, stream: streamed, input: text, store: false, ...extra },
  }),
  'anthropic-messages': ({ model, text, streamed, extra }) => ({
    path: '/anthropic/v1/messages',
    body: { model, stream: streamed, messages: HELLO(text), max_tokens: 99, ...extra },
  }),
  gemini: ({ model, text, streamed, extra }) => ({
    path: `/gemini/v1beta/models/${encodeURIComponent(model)}:${
      streamed ? 'streamGenerateContent?alt=sse' : 'generateContent'
    }`,
    body: { contents: [{ role: 'user', parts: [{ text }] }], ...extra },
  }),
  'mistral-chat': ({ model, text, streamed, extra }) => ({
    path: '/mistral/v1/chat/completions',
    body: { model, stream: streamed, messages: HELLO(text), ...extra },
  }),
  ollama: ({ model, text, streamed, extra }) => ({
    path: '/ollama/api/chat',
    body: { model, stream: streamed, messages: HELLO(text), ...extra },
  }),
}

export interface Place {
  readonly url: string
  readonly key: string
}

/** An answer whose head has come. */
export async function begin(place: Place, call: ClientCall): Promise<IncomingMessage> {
  const { path, body } = FRONTS[call.dialect]?.(call) ?? { path: '/', body: null }
  const outgoing = httpRequest(place.url + path, {
    method: 'POST',
    agent: false,
    headers: {
      'content-type': 'application/json',
      authorization: `Bearer ${place.key}`,
      ...call.headers,
    },
  })
  outgoing.end(JSON.stringify(body))
  const [answer]: IncomingMessage[] = await once(outgoing, 'response')
  if (answer === undefined) throw new Error('there is no answer')
  return answer
}

export async function ask(place: Place, call: ClientCall): Promise<Seen> {
  const answer = await begin(place, call)
  const chunks: Buffer[] = []
  for await (const chunk of answer) chunks.push(Buffer.from(chunk))
  const headers = Object.fromEntries(
    Object.entries(answer.headersDistinct).map(([name, values]) => [
      name,
      values?.join(', ') ?? '',
    ]),
  )
  const dialect = dialectOf(call.dialect)
  const head = { dialect, status: answer.statusCode ?? 0, headers }
  return read({ ...head, body: Buffer.concat(chunks).toString('utf8') }, call)
}

function dialectOf(id: string): Dialect {
  const dialect = dialects.find((one) => one.id === id)
  if (dialect === undefined) throw new Error(`there is no dialect ${id}`)
  return dialect
}

function read(head: Pick<Seen, 'dialect' | 'status' | 'headers' | 'body'>, call: ClientCall): Seen {
  const { dialect, status, headers, body } = head
  const json = tryParseJson(body)
  const wire = { status, headers, ...(json === undefined ? { text: body } : { body: json }) }
  if (status !== 200) {
    return { ...head, text: '', error: dialect.error.decode(wire), isWhole: true }
  }
  const context = {
    request: {
      origin: { dialect: dialect.id },
      model: call.model,
      turns: [],
      sampling: {},
      stream: { enabled: call.streamed },
    },
    profile: { provider: 'test', flags: {} },
  }
  if (!call.streamed) {
    const { candidates } = dialect.response.decode(wire, context)
    return { ...head, text: textOf(candidates[0]?.parts ?? []), error: undefined, isWhole: true }
  }
  const reader = frameReader(dialect.framing)
  const decoder = dialect.stream.decoder(context)
  const frames = [...reader.write(Buffer.from(body)), ...reader.finish()]
  const events: ChatEvent[] = [
    ...frames.flatMap((frame) => decoder.write(frame)),
    ...decoder.finish(),
  ]
  const error = events.find((event) => event.type === 'error')?.error
  const collector = new Collector({ origin: { dialect: dialect.id }, model: call.model })
  for (const event of events) if (event.type !== 'error') collector.add(event)
  const [candidate] = collector.response().candidates
  const isWhole = events.some(({ type }) => type === 'response-end') && error === undefined
  return { ...head, text: textOf(candidate?.parts ?? []), error, isWhole }
}
