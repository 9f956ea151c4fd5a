// The official client reads what this dialect writes; its calls go to a function instead of a server.
import { Ollama } from 'ollama'
import { describe, expect, it } from 'vitest'
import { GatewayError } from '../../../src/canonical/errors.ts'
import type { ChatEvent } from '../../../src/canonical/event.ts'
import type { Part } from '../../../src/canonical/part.ts'
import type { ChatRequest } from '../../../src/canonical/request.ts'
import { writeFrame } from '../../../src/wire/framing.ts'
import { parseJson } from '../../../src/wire/json.ts'
import type { WireResponse } from '../../../src/wire/message.ts'
import { ollama } from '../../../src/dialects/ollama/dialect.ts'

/** What a gateway would do with one request: a stream's text, or a whole message. */
type Answer = (request: ChatRequest) => string | WireResponse

function clientOf(answer: Answer): Ollama {
  return new Ollama({
    host: 'http://gateway.example',
    fetch: async (url, init) => {
      const path = new URL(url instanceof Request ? url.url : url).pathname
      const body = parseJson(typeof init?.body === 'string' ? init.body : 'null')
      const said = answer(ollama.request.decode({ method: 'POST', path, headers: {}, body }))
      if (typeof said === 'string') return new Response(said)
      return new Response(JSON.stringify(said.body), said)
    },
  })
}

function contextOf(request: ChatRequest): {
  request: ChatRequest
  requestId: string
  now: () => number
} {
  return { request, requestId: 'r', now: () => 0 }
}

function streamed(events: readonly ChatEvent[]): Answer {
  return (request) => {
    const encoder = ollama.stream.encoder(contextOf(request))
    const frames = [
      encoder.keepAlive() ?? { data: '{}' },
      ...events.flatMap((event) => encoder.write(event)),
      ...encoder.finish(),
    ]
    return frames.map((frame) => writeFrame('ndjson', frame)).join('')
  }
}

const CALL: Part = {
  type: 'tool-call',
  kind: 'function',
  callId: 'call_1',
  name: 'look',
  arguments: { text: '{"at":1}' },
}
const EVENTS: readonly ChatEvent[] = [
  { type: 'response-start', origin: { dialect: 'elsewhere' }, model: 'gpt' },
  { type: 'part-start', index: 0, candidate: 0, part: { type: 'text', text: '' } },
  { type: 'part-delta', index: 0, delta: { kind: 'text', text: 'Hél' } },
  { type: 'part-delta', index: 0, delta: { kind: 'text', text: 'lo' } },
  { type: 'part-end', index: 0 },
  { type: 'part-start', index: 1, candidate: 0, part: CALL },
  { type: 'part-end', index: 1 },
  { type: 'candidate-end', candidate: 0, finish: { reason: 'tool-calls' } },
  { type: 'usage-update', usage: { input: { total: 4 }, output: { total: 2 } } },
  { type: 'response-end' },
]
const QUESTION = { model: 'm', messages: [{ role: 'user', content: 'hi' }] }

async function readAll(client: Ollama): Promise<{ text: string; calls: unknown[]; last: unknown }> {
  const result: { text: string; calls: unknown[]; last: unknown } = {
    text: '',
    calls: [],
    last: null,
  }
  for await (const part of await client.chat({ ...QUESTION, stream: true })) {
    result.text += part.message.content
    result.calls.push(...(part.message.tool_calls ?? []))
    result.last = part
  }
  return result
}

describe('the official client', () => {
  it('reads a stream to its end', async () => {
    const { text, calls, last } = await readAll(clientOf(streamed(EVENTS)))
    expect(text).toBe('Héllo')
    expect(calls).toMatchObject([{ function: { name: 'look', arguments: { at: 1 } } }])
    expect(last).toMatchObject({
      done: true,
      done_reason: 'stop',
      prompt_eval_count: 4,
      eval_count: 2,
    })
  })

  it('throws the text of an error in the middle of a stream', async () => {
    const error = new GatewayError('upstream', 'the runner has stopped', { origin: 'upstream' })
    const client = clientOf(streamed([...EVENTS.slice(0, 3), { type: 'error', error }]))
    await expect(readAll(client)).rejects.toThrow('the runner has stopped')
  })

  it('throws where a stream was left unfinished', async () => {
    await expect(readAll(clientOf(streamed(EVENTS.slice(0, 4))))).rejects.toThrow('broke off')
  })

  it('reads a generate stream', async () => {
    let text = ''
    const client = clientOf(streamed(EVENTS))
    for await (const part of await client.generate({ model: 'm', prompt: 'hi', stream: true })) {
      text += part.response
    }
    expect(text).toBe('Héllo')
  })

  it('reads a whole answer, and throws the text and status of an error', async () => {
    const whole = clientOf((request) => {
      const candidates = [{ index: 0, parts: [{ type: 'text', text: 'hi' } as const] }]
      const response = { origin: { dialect: 'elsewhere' }, model: 'gpt', candidates }
      return ollama.response.encode(response, contextOf(request)).value
    })
    expect((await whole.chat(QUESTION)).message.content).toBe('hi')
    const failing = clientOf(() =>
      ollama.error.encode(new GatewayError('not_found', "model 'm' not found"), 'r'),
    )
    await expect(failing.chat(QUESTION)).rejects.toMatchObject({
      status_code: 404,
      message: "model 'm' not found",
    })
  })
})
