// Whole answers: what they mean, and what a client gets that asked for one.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { GatewayError } from '../../canonical/errors.ts'
import type { Part } from '../../canonical/part.ts'
import type { ChatResponse } from '../../canonical/response.ts'
import { WireError } from '../../wire/errors.ts'
import { type Json, type JsonObject, ObjectReader } from '../../wire/json.ts'
import { emptyRequest } from '../dialect.contract.ts'
import { ollama } from './dialect.ts'

const DECODING = { request: emptyRequest('ollama'), profile: { provider: 'home', flags: {} } }
const NOW = Date.parse('2026-05-05T10:00:00Z')
const ENCODING = { request: DECODING.request, requestId: 'r', now: () => NOW }

function decode(body: Json): ChatResponse {
  return ollama.response.decode({ status: 200, headers: {}, body }, DECODING)
}

function answer(message: JsonObject, more: JsonObject = {}): JsonObject {
  const created_at = '2026-05-05T09:00:00.123456789Z'
  return { model: 'm', created_at, message, done: true, done_reason: 'stop', ...more }
}

function foreign(parts: readonly Part[], more: Partial<ChatResponse> = {}): ChatResponse {
  const finish = { reason: 'stop', raw: 'end_turn' } as const
  const candidates = [{ index: 0, parts, finish }]
  return { origin: { dialect: 'elsewhere' }, model: 'gpt', candidates, ...more }
}

function printed(response: ChatResponse): JsonObject {
  return ObjectReader.of(ollama.response.encode(response, ENCODING).value.body, '').source
}

function failure(run: () => unknown): GatewayError {
  try {
    run()
  } catch (error) {
    if (error instanceof GatewayError) return error
  }
  throw new Error('it did not fail with a GatewayError')
}

const call = (callId: string): Part => ({
  type: 'tool-call',
  kind: 'function',
  callId,
  callIdMinted: true,
  name: 'f',
  arguments: { text: '{"a":1}' },
})

describe('reading', () => {
  it('finds tool calls behind a plain stop', () => {
    const tool_calls = [{ function: { name: 'f', arguments: { a: 1 } } }]
    const [candidate] = decode(answer({ role: 'assistant', content: '', tool_calls })).candidates
    expect(candidate?.finish).toEqual({ reason: 'tool-calls', raw: 'stop' })
    expect(candidate?.parts).toMatchObject([
      {
        type: 'tool-call',
        name: 'f',
        callIdMinted: true,
        arguments: { text: '{"a":1}', json: { a: 1 } },
      },
    ])
  })

  it.each([
    ['length', 'length'],
    ['load', 'other'],
    ['unload', 'other'],
    ['', 'cancelled'],
    ['novel', 'other'],
  ])('reads done_reason %j as %s', (raw, reason) => {
    const body = answer({ role: 'assistant', content: '' }, { done_reason: raw })
    expect(decode(body).candidates[0]?.finish).toEqual({ reason, raw })
    expect(printed(decode(body))['done_reason']).toBe(raw)
  })

  it('is complete without a done_reason, as older servers answer', () => {
    const { done_reason: _, ...body } = answer({ role: 'assistant', content: 'hi' })
    expect(decode(body).candidates[0]?.finish).toEqual({ reason: 'stop' })
    expect(printed(decode(body))).toEqual(body)
  })

  it('keeps thinking apart from an empty content', () => {
    const body = answer({ role: 'assistant', content: '', thinking: 'only this' })
    expect(decode(body).candidates[0]?.parts).toEqual([{ type: 'reasoning', text: 'only this' }])
  })

  it('knows when it was made, and keeps the nanoseconds', () => {
    const response = decode(answer({ role: 'assistant', content: 'hi' }))
    expect(response.createdMs).toBe(Date.parse('2026-05-05T09:00:00.123Z'))
    expect(printed(response)['created_at']).toBe('2026-05-05T09:00:00.123456789Z')
  })

  it('fails where the body is an error in spite of its status, or says that it is not done', () => {
    expect(failure(() => decode({ error: 'model is overloaded' })).message).toBe(
      'model is overloaded',
    )
    const half = answer({ role: 'assistant', content: 'ha' }, { done: false })
    expect(failure(() => decode(half)).code).toBe('upstream_truncated')
    expect(decode({ ...answer({ role: 'assistant', content: 'a' }), error: null }).model).toBe('m')
  })

  it('refuses any other JSON in a known way', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const body: Json = JSON.parse(JSON.stringify(value))
        try {
          decode(body)
        } catch (error) {
          if (!(error instanceof WireError || error instanceof GatewayError)) throw error
        }
      }),
    )
  })
})

describe('writing', () => {
  it('has everything a client reads, and no count that nobody knows', () => {
    expect(printed(foreign([{ type: 'text', text: 'hi' }]))).toEqual({
      model: 'gpt',
      created_at: '2026-05-05T10:00:00.000Z',
      message: { role: 'assistant', content: 'hi' },
      done: true,
      done_reason: 'stop',
    })
  })

  it('has counts and durations in nanoseconds where they are known', () => {
    const usage = { input: { total: 5 }, output: { total: 2 }, timing: { totalMs: 1.5 } }
    expect(printed(foreign([], { usage }))).toMatchObject({
      prompt_eval_count: 5,
      eval_count: 2,
      total_duration: 1_500_000,
    })
  })

  it('numbers calls and keeps the ids that others gave, minted ones too', () => {
    expect(printed(foreign([call('x'), call('y')]))['message']).toEqual({
      role: 'assistant',
      content: '',
      tool_calls: [
        { id: 'x', function: { index: 0, name: 'f', arguments: { a: 1 } } },
        { id: 'y', function: { index: 1, name: 'f', arguments: { a: 1 } } },
      ],
    })
  })

  it('notes what it cannot say', () => {
    const parts: readonly Part[] = [
      { type: 'refusal', text: 'No.' },
      { type: 'opaque', origin: { dialect: 'elsewhere' }, what: 'web_search', native: {} },
      { type: 'image', source: { kind: 'url', url: 'https://a.example/b.png' } },
      { type: 'tool-call', kind: 'function', callId: 'c', name: 'f', arguments: { text: 'free' } },
      { type: 'audio', source: { kind: 'base64', data: 'AAAA' }, transcript: 'Hello.' },
      { type: 'audio', source: { kind: 'base64', data: 'BBBB' } },
    ]
    const response = foreign(parts)
    const more = { ...response, candidates: [...response.candidates, { index: 1, parts: [] }] }
    const { value, notes } = ollama.response.encode(more, ENCODING)
    expect(notes.map((note) => `${note.path} ${note.action} ${note.feature}`)).toEqual([
      'candidates[0].parts[0] approximated refusal',
      'candidates[0].parts[1] dropped web_search',
      'candidates[0].parts[2] dropped image',
      'candidates[0].parts[3] approximated tool_arguments',
      'candidates[0].parts[4] approximated audio',
      'candidates[0].parts[5] dropped audio',
      'candidates[1] dropped n',
    ])
    expect(value.body).toMatchObject({
      message: {
        content: 'No.Hello.',
        tool_calls: [{ function: { arguments: { value: 'free' } } }],
      },
    })
    expect(value.body).not.toHaveProperty('message.images')
  })

  it('answers a generate request in its shape', () => {
    const request = ollama.request.decode({
      method: 'POST',
      path: '/api/generate',
      headers: {},
      body: { model: 'm', prompt: 'x', stream: false },
    })
    const response = foreign([
      { type: 'reasoning', text: 'hm' },
      { type: 'text', text: 'hi' },
    ])
    const { value } = ollama.response.encode(response, { ...ENCODING, request })
    expect(value.body).toMatchObject({ response: 'hi', thinking: 'hm', done: true })
    expect(value.body).not.toHaveProperty('message')
  })

  it('is an error with its status where the answer was cut or ended in failure', () => {
    const error = new GatewayError('timeout', 'too slow', { origin: 'upstream' })
    const cut = ollama.response.encode(foreign([], { error }), ENCODING).value
    expect([cut.status, cut.body]).toEqual([504, { error: 'too slow' }])
    const candidates = [{ index: 0, parts: [], finish: { reason: 'error' } as const }]
    expect(ollama.response.encode(foreign([], { candidates }), ENCODING).value.status).toBe(502)
  })

  it('has a time that is one, whatever number it is given', () => {
    fc.assert(
      fc.property(fc.double(), (createdMs) => {
        const time = printed(foreign([], { createdMs }))['created_at']
        expect(time).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
      }),
    )
  })
})
