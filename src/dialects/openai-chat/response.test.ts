// Whole answers: what is read, repaired, kept, and written for clients of other upstreams.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fixturesOf } from '../../../test/fixtures.ts'
import { GatewayError } from '../../canonical/errors.ts'
import type { Part } from '../../canonical/part.ts'
import type { ChatResponse, FinishReason } from '../../canonical/response.ts'
import { WireError } from '../../wire/errors.ts'
import { type Json, type JsonObject, ObjectReader } from '../../wire/json.ts'
import { emptyRequest, plain } from '../dialect.contract.ts'
import { openaiChat } from './dialect.ts'
import { decodeFinish, encodeFinish } from './finish.ts'

const DECODING = { request: emptyRequest('openai-chat'), profile: { provider: 'host', flags: {} } }
const ENCODING = { request: DECODING.request, requestId: 'req_1', now: () => 1_700_000_000_999 }

function read(body: Json, status = 200): ChatResponse {
  return openaiChat.response.decode({ status, headers: {}, body }, DECODING)
}

function message(said: JsonObject, choice: JsonObject = {}): ChatResponse {
  return read({
    id: 'c',
    model: 'm',
    choices: [{ index: 0, message: said, finish_reason: 'stop', ...choice }],
  })
}

function written(parts: readonly Part[], more: Partial<ChatResponse> = {}) {
  const candidates = [{ index: 0, parts, finish: { reason: 'stop' as const } }]
  const answer = { origin: { dialect: 'elsewhere' }, model: 'm', candidates, ...more }
  return openaiChat.response.encode(answer, ENCODING)
}

function contentOf(part: Part): Json | undefined {
  const [choice] = ObjectReader.of(written([part]).value.body, '').items('choices')
  return ObjectReader.of(choice?.value, '').object('message').peek('content')
}

describe('reading', () => {
  it('reads an error in a success as the error it is', () => {
    const body = { error: { code: 429, message: 'slow down' } }
    expect(() => read(body)).toThrow(expect.objectContaining({ kind: 'rate_limit', status: 429 }))
  })

  it.each([null, [], 'text', {}, { choices: {} }, { object: 'list', data: [] }])(
    'refuses %j as the upstream’s fault',
    (body) => {
      expect(() => read(body)).toThrow(expect.objectContaining({ kind: 'upstream' }))
    },
  )

  it('throws nothing but known errors on any JSON', () => {
    const choice = fc.record({
      index: fc.jsonValue(),
      message: fc.jsonValue(),
      logprobs: fc.jsonValue(),
    })
    fc.assert(
      fc.property(fc.array(fc.oneof(choice, fc.jsonValue())), fc.jsonValue(), (choices, usage) => {
        try {
          read(JSON.parse(JSON.stringify({ choices, usage })))
        } catch (error) {
          expect(error instanceof WireError || error instanceof GatewayError).toBe(true)
        }
      }),
      { numRuns: 500 },
    )
  })

  it('keeps unknown fields of answer, choice and message', () => {
    const extra = fc.dictionary(fc.constantFrom('x_one', 'x_two', '__proto__'), fc.jsonValue(), {
      maxKeys: 2,
    })
    const texts = fixturesOf('openai-chat').flatMap(({ response }) =>
      response === undefined ? [] : [response],
    )
    fc.assert(
      fc.property(fc.constantFrom(...texts), fc.tuple(extra, extra, extra), (response, extras) => {
        const [top, side, inner] = extras
        const answer = ObjectReader.of(response, '').source
        const [first] = ObjectReader.of(response, '').items('choices')
        const choice = ObjectReader.of(first?.value, '').source
        const said = ObjectReader.of(choice['message'], '').source
        const choices = [{ ...choice, ...side, message: { ...said, ...inner } }]
        const body = plain(JSON.parse(JSON.stringify({ ...answer, ...top, choices })))
        const encoded = openaiChat.response.encode(read(body ?? null), ENCODING)
        expect(plain(encoded.value.body)).toEqual(body)
      }),
      { numRuns: 200 },
    )
  })

  it('carries thinking and text both, and thinking alone', () => {
    expect(message({ content: 'a', reasoning: 'r' }).candidates[0]?.parts).toMatchObject([
      { type: 'reasoning', text: 'r' },
      { type: 'text', text: 'a' },
    ])
    expect(message({ content: null, reasoning_content: 'r' }).candidates[0]).toMatchObject({
      parts: [{ type: 'reasoning', text: 'r' }],
      finish: { reason: 'stop' },
    })
  })

  it('gives a call without an id one that every client can use', () => {
    const call = { id: '', type: 'function', function: { name: 'f', arguments: '' } }
    const answer = message({ content: null, tool_calls: [call] })
    const { body } = openaiChat.response.encode(answer, ENCODING).value
    expect(plain(body)).toMatchObject({
      choices: [
        {
          message: {
            tool_calls: [
              {
                id: expect.stringMatching(/^[0-9A-Za-z]{9}$/),
                function: { name: 'f', arguments: '{}' },
              },
            ],
          },
          finish_reason: 'tool_calls',
        },
      ],
    })
  })

  it('names the stop string where the host does', () => {
    expect(message({ content: 'a' }, { stop_reason: 'END' }).candidates[0]?.finish).toEqual({
      reason: 'stop-sequence',
      raw: 'stop',
      stopSequence: 'END',
    })
    expect(message({ content: 'a' }, { stop_reason: 151_645 }).candidates[0]?.finish?.reason).toBe(
      'stop',
    )
  })

  it('gives sound the type that was asked for', () => {
    const request = { ...DECODING.request, output: { audio: { format: 'mp3' } } }
    const body = {
      choices: [{ message: { audio: { id: 'a', data: 'AA', expires_at: 1, transcript: 't' } } }],
    }
    const answer = openaiChat.response.decode(
      { status: 200, headers: {}, body },
      { ...DECODING, request },
    )
    expect(answer.candidates[0]?.parts).toMatchObject([
      { type: 'audio', source: { data: 'AA', mediaType: 'audio/mp3' }, transcript: 't' },
    ])
  })
})

it.each([
  ['a place', { url: 'https://example.com/rain', title: 'Rain' }, 'start_index'],
  ['a title', { url: 'https://example.com/rain', start_index: 0, end_index: 4 }, 'title'],
])('a citation that came without %s goes back without one', (_, url_citation, absent) => {
  const annotations = [{ type: 'url_citation', url_citation }]
  const message = { role: 'assistant', content: 'Rain.', annotations }
  const body = { choices: [{ index: 0, message, finish_reason: 'stop' }] }
  const context = { request: emptyRequest('openai-chat'), profile: { provider: 'p', flags: {} } }
  const answer = openaiChat.response.decode({ status: 200, headers: {}, body }, context)
  const { value } = openaiChat.response.encode(answer, { ...context, requestId: 'r', now: () => 0 })
  expect(plain(value.body)).toMatchObject({ choices: [{ message }] })
  expect(JSON.stringify(value.body)).not.toContain(`"${absent}"`)
})

describe('why it ended', () => {
  it.each([
    ['stop', 'stop'],
    ['STOP', 'stop'],
    ['eos', 'stop'],
    ['end_turn', 'stop'],
    ['length', 'length'],
    ['max_tokens', 'length'],
    ['model_length', 'context-length'],
    ['content_filter', 'content-filter'],
    ['insufficient_system_resource', 'error'],
    ['abort', 'cancelled'],
    ['repetition', 'other'],
    ['tool_calls', 'stop'],
    ['', 'stop'],
  ] satisfies readonly (readonly [string, FinishReason])[])(
    '%j without calls is %s',
    (raw, reason) => {
      expect(decodeFinish(raw, [{ type: 'text' }]).reason).toBe(reason)
    },
  )

  it.each([
    ['stop', 'tool-calls'],
    ['tool_calls', 'tool-calls'],
    ['function_call', 'tool-calls'],
    [undefined, 'tool-calls'],
    ['length', 'length'],
    ['content_filter', 'content-filter'],
  ] satisfies readonly (readonly [string | undefined, FinishReason])[])(
    '%j with calls is %s',
    (raw, reason) => {
      expect(decodeFinish(raw, [{ type: 'tool-call' }]).reason).toBe(reason)
    },
  )

  it('says the host’s own word again only where it came on this wire and was right', () => {
    const spelling = { own: true, legacyCalls: false }
    expect(encodeFinish({ reason: 'stop', raw: 'eos' }, spelling)).toBe('eos')
    expect(encodeFinish({ reason: 'stop', raw: 'eos' }, { ...spelling, own: false })).toBe('stop')
    expect(encodeFinish({ reason: 'tool-calls', raw: 'stop' }, spelling)).toBe('tool_calls')
    expect(encodeFinish({ reason: 'tool-calls' }, { own: false, legacyCalls: true })).toBe(
      'function_call',
    )
  })
})

describe('writing', () => {
  it('has every key the SDKs promise, and numbers for usage only when they are known', () => {
    expect(plain(written([{ type: 'text', text: 'hi' }]).value.body)).toEqual({
      id: 'chatcmpl-req_1',
      object: 'chat.completion',
      created: 1_700_000_000,
      model: 'm',
      choices: [
        {
          index: 0,
          message: { role: 'assistant', content: 'hi', refusal: null },
          logprobs: null,
          finish_reason: 'stop',
        },
      ],
    })
  })

  it('writes several texts as one, with citations where they belong', () => {
    const cited = { kind: 'url' as const, url: 'https://example.com', title: 'E' }
    const body = written([
      { type: 'text', text: 'One. ' },
      { type: 'text', text: 'Two.', citations: [cited, { kind: 'document', title: 'D' }] },
    ]).value.body
    expect(plain(body)).toMatchObject({
      choices: [
        {
          message: {
            content: 'One. Two.',
            annotations: [
              {
                type: 'url_citation',
                url_citation: { start_index: 5, end_index: 9, url: cited.url, title: 'E' },
              },
            ],
          },
        },
      ],
    })
  })

  it('writes an empty title where another wire has none: clients take no citation without', () => {
    const citations = [{ kind: 'url' as const, url: 'https://example.com' }]
    const { body } = written([{ type: 'text', text: 'Two.', citations }]).value
    expect(plain(body)).toMatchObject({
      choices: [{ message: { annotations: [{ url_citation: { title: '' } }] } }],
    })
  })

  it('says null, not an empty text, beside calls and refusals', () => {
    const call = {
      type: 'tool-call',
      callId: 'c',
      kind: 'function',
      name: 'f',
      arguments: { text: '{}' },
    } as const
    expect(contentOf(call)).toBeNull()
    expect(contentOf({ type: 'refusal', text: 'no' })).toBeNull()
    expect(contentOf({ type: 'reasoning', text: 'r' })).toBe('')
  })

  it('notes what it cannot say', () => {
    const image = { type: 'image' as const, source: { kind: 'base64' as const, data: 'AA' } }
    const native = {
      type: 'opaque',
      origin: { dialect: 'elsewhere' },
      what: 'w',
      native: {},
    } as const
    expect(written([image, native]).notes.map(({ feature, weight }) => [feature, weight])).toEqual([
      ['image', 3],
      ['w', 1],
    ])
  })

  it('writes an answer that broke off as the error that broke it', () => {
    const error = new GatewayError('overloaded', 'Busy.')
    expect(written([], { error }).value.status).toBe(503)
  })

  it('answers in the deprecated form to a client that speaks it', () => {
    const request = openaiChat.request.decode({
      method: 'POST',
      path: '',
      headers: {},
      body: { model: 'm', messages: [], functions: [{ name: 'f' }] },
    })
    const call = {
      type: 'tool-call',
      callId: 'c',
      kind: 'function',
      name: 'f',
      arguments: { text: '{}' },
    } as const
    const answer: ChatResponse = {
      origin: { dialect: 'elsewhere' },
      model: 'm',
      candidates: [{ index: 0, parts: [call], finish: { reason: 'tool-calls' } }],
    }
    expect(
      plain(openaiChat.response.encode(answer, { ...ENCODING, request }).value.body),
    ).toMatchObject({
      choices: [
        {
          message: { function_call: { name: 'f', arguments: '{}' } },
          finish_reason: 'function_call',
        },
      ],
    })
  })
})
