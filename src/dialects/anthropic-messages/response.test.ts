// Whole answers: usage, finish reasons, seals, and what a message cannot hold.
import { describe, expect, it } from 'vitest'
import { GatewayError } from '../../canonical/errors.ts'
import type { Part } from '../../canonical/part.ts'
import type { ChatResponse, Finish, FinishReason } from '../../canonical/response.ts'
import { type Json, ObjectReader } from '../../wire/json.ts'
import { emptyRequest, plain } from '../dialect.contract.ts'
import { unwrapSeal } from '../lowering/seal.ts'
import { decodeBlock } from './decode-blocks.ts'
import { responseCodec } from './response.ts'
import { decodeUsage, encodeUsage, mergeWireUsage } from './usage.ts'

const REQUEST = emptyRequest('anthropic-messages')
const DECODING = { request: REQUEST, profile: { provider: 'test', flags: {} } }
const ENCODING = { request: REQUEST, requestId: 'req_1', now: () => 0 }

function decode(body: Json | undefined): ChatResponse {
  return responseCodec.decode(
    { status: 200, headers: {}, ...(body === undefined ? {} : { body }) },
    DECODING,
  )
}

/** An answer of another dialect. */
function foreign(parts: readonly Part[], finish?: Finish): ChatResponse {
  const candidate = { index: 0, parts, ...(finish === undefined ? {} : { finish }) }
  return { origin: { dialect: 'other' }, model: 'm', candidates: [candidate] }
}

function encode(response: ChatResponse) {
  const { value, notes } = responseCodec.encode(response, ENCODING)
  return { status: value.status, body: plain(value.body), notes }
}

function stopReason(reason: FinishReason, parts: readonly Part[] = []) {
  return encode(foreign(parts, { reason })).body
}

const CALL: Part = {
  type: 'tool-call',
  kind: 'function',
  callId: 'c',
  name: 'f',
  arguments: { text: '{}', json: {} },
}

function signatureOf(part: Part): string {
  const [block] = ObjectReader.of(encode(foreign([part])).body, '').items('content')
  return ObjectReader.of(block?.value, '').string('signature')
}

describe('usage', () => {
  it('counts what the cache read and wrote as input, and takes it out again', () => {
    const wire = {
      input_tokens: 7,
      cache_read_input_tokens: 9800,
      cache_creation_input_tokens: 200,
      cache_creation: { ephemeral_5m_input_tokens: 150, ephemeral_1h_input_tokens: 50 },
      output_tokens: 50,
    }
    const usage = decodeUsage(wire)
    expect(usage?.input).toEqual({
      total: 10_007,
      cacheRead: 9800,
      cacheWrite: 200,
      cacheWrite5m: 150,
      cacheWrite1h: 50,
    })
    const { raw: _, ...counted } = usage ?? {}
    expect(encodeUsage(counted)).toEqual(wire)
  })

  it('never gives a negative count to a client', () => {
    const usage = { input: { total: 5, cacheRead: 9 }, output: { total: 1 } }
    expect(encodeUsage(usage)).toMatchObject({ input_tokens: 0, cache_read_input_tokens: 9 })
  })

  it('reads thinking tokens, hosted calls and the tier', () => {
    expect(
      decodeUsage({
        output_tokens: 9,
        output_tokens_details: { thinking_tokens: 4 },
        server_tool_use: { web_search_requests: 2 },
        service_tier: 'priority',
      }),
    ).toMatchObject({
      output: { total: 9, reasoning: 4 },
      hosted: { web_search_requests: 2 },
      tier: 'priority',
    })
  })

  it('leaves unknown counts unknown, even where they are no numbers', () => {
    expect(decodeUsage({ input_tokens: null, output_tokens: '3' })).toEqual({
      raw: {
        dialect: 'anthropic-messages',
        value: { input_tokens: null, output_tokens: '3' },
      },
    })
    expect(decodeUsage(null)).toBeUndefined()
  })

  it('does not let a zero at the end erase what was counted', () => {
    const merged = mergeWireUsage({ input_tokens: 25 }, { input_tokens: 0, output_tokens: 0 })
    expect(merged).toEqual({ input_tokens: 25, output_tokens: 0 })
  })

  it('replaces cumulative counts instead of adding them up', () => {
    const start = { input_tokens: 25, output_tokens: 1, cache_read_input_tokens: 3 }
    const merged = mergeWireUsage(start, { output_tokens: 15, cache_read_input_tokens: null })
    expect(merged).toEqual({ input_tokens: 25, output_tokens: 15, cache_read_input_tokens: 3 })
  })
})

describe('finish reasons', () => {
  it.each([
    ['stop', 'end_turn'],
    ['stop-sequence', 'stop_sequence'],
    ['length', 'max_tokens'],
    ['context-length', 'model_context_window_exceeded'],
    ['content-filter', 'refusal'],
    ['refusal', 'refusal'],
    ['pause', 'pause_turn'],
    ['compaction', 'compaction'],
    ['other', 'end_turn'],
  ] as const)('%s is printed as %s', (reason, word) => {
    expect(stopReason(reason)).toMatchObject({ stop_reason: word, stop_sequence: null })
  })

  it.each(['error', 'malformed-tool-call', 'cancelled'] as const)(
    '%s becomes an error instead of an invented stop reason',
    (reason) => {
      const { status, body } = encode(foreign([], { reason }))
      expect(status).toBe(502)
      expect(body).toMatchObject({ type: 'error', error: { type: 'api_error' } })
    },
  )

  it('says tool_use when tools were called and the provider said only stop', () => {
    expect(stopReason('stop', [CALL])).toMatchObject({ stop_reason: 'tool_use' })
  })

  it('keeps length when a call was cut by it', () => {
    expect(stopReason('length', [CALL])).toMatchObject({ stop_reason: 'max_tokens' })
  })

  it('keeps a reason that is not known for clients of the same protocol', () => {
    const body = { id: 'i', type: 'message', role: 'assistant', model: 'm', content: [] }
    const decoded = decode({ ...body, stop_reason: 'tired', stop_sequence: null, usage: {} })
    expect(decoded.candidates[0]?.finish).toEqual({ reason: 'other', raw: 'tired' })
    expect(encode(decoded).body).toMatchObject({ stop_reason: 'tired' })
  })
})

describe('reasoning in an answer', () => {
  it("wraps another provider's seal into the signature", () => {
    const seal = { payload: 'enc', format: 'f', origin: { dialect: 'other', provider: 'p' } }
    expect(unwrapSeal(signatureOf({ type: 'reasoning', text: 'a', seal }))).toEqual(seal)
  })

  it('marks thinking without a seal, so that the next request shows it as foreign', () => {
    const signature = signatureOf({ type: 'reasoning', text: 'a' })
    const value = { type: 'thinking', thinking: 'a', signature }
    expect(decodeBlock({ value, path: '' }).seal?.origin).toEqual({ dialect: 'other' })
  })

  it('keeps redacted thinking as it is', () => {
    const data = 'ZW5j'
    const block = { type: 'redacted_thinking', data }
    const body = { id: 'i', type: 'message', role: 'assistant', model: 'm', content: [block] }
    const decoded = decode({ ...body, stop_reason: 'end_turn', stop_sequence: null, usage: {} })
    expect(encode(decoded).body).toMatchObject({ content: [block] })
  })
})

describe('an answer of another protocol', () => {
  it('gets an id from the request where the provider gave none', () => {
    expect(encode(foreign([])).body).toMatchObject({
      id: 'msg_req_1',
      type: 'message',
      role: 'assistant',
      usage: { input_tokens: 0, output_tokens: 0, cache_read_input_tokens: null },
    })
  })

  it('says what a message cannot hold', () => {
    const source = { kind: 'base64' as const, data: 'AA==' }
    const { body, notes } = encode(
      foreign([
        { type: 'image', source },
        { type: 'audio', source, transcript: 'Hello.' },
        { type: 'opaque', origin: { dialect: 'other' }, what: 'hosted', native: {} },
      ]),
    )
    expect(body).toMatchObject({ content: [{ type: 'text', text: 'Hello.' }] })
    expect(notes.map(({ action, feature, path }) => `${action} ${feature} ${path}`)).toEqual([
      'dropped image candidates[0].parts[0]',
      'approximated audio candidates[0].parts[1]',
      'dropped hosted candidates[0].parts[2]',
      'synthesized usage usage',
    ])
  })

  it('does not replace malformed arguments by none in silence', () => {
    const { body, notes } = encode(foreign([{ ...CALL, arguments: { text: '{"a":' } }]))
    expect(body).toMatchObject({ content: [{ input: { value: '{"a":' } }] })
    expect(notes).toMatchObject([
      { action: 'approximated', feature: 'tool_arguments' },
      { feature: 'usage' },
    ])
  })

  it('stops for tools only where it calls one', () => {
    const finish = { reason: 'tool-calls' } as const
    const ended = (parts: readonly Part[]): unknown =>
      encode({ ...foreign([]), candidates: [{ index: 0, parts, finish }] }).body
    expect(ended([CALL])).toMatchObject({ stop_reason: 'tool_use' })
    expect(ended([])).toMatchObject({ stop_reason: 'end_turn' })
  })

  it('is an error when it broke off', () => {
    const error = new GatewayError('overloaded', 'Busy.', { origin: 'upstream' })
    expect(encode({ ...foreign([]), error }).status).toBe(529)
  })
})

describe('an answer that is none', () => {
  it('is the error that it holds, even under status 200', () => {
    const body = { type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' } }
    expect(() => decode(body)).toThrow(expect.objectContaining({ kind: 'overloaded' }))
  })

  it.each([[undefined], [null], [[]], [{ content: 'text' }], [{ content: [{}] }]])(
    'is the fault of the provider: %j',
    (body) => {
      expect(() => decode(body)).toThrow(
        expect.objectContaining({ kind: 'upstream', code: 'upstream_bad_response' }),
      )
    },
  )
})

it('a citation of another maker that names nothing is not told, with a note', () => {
  const citations = [{ kind: 'other' as const }, { kind: 'url' as const, url: 'https://a' }]
  const encoded = responseCodec.encode(
    {
      origin: { dialect: 'other' },
      model: 'm',
      candidates: [{ index: 0, parts: [{ type: 'text', text: 'a', citations }] }],
    },
    { request: emptyRequest('anthropic-messages'), requestId: 'r', now: () => 0 },
  )
  const told = JSON.stringify(encoded.value.body)
  expect(told).toContain('"url":"https://a"')
  expect(told).not.toContain('"url":""')
  expect(encoded.notes.map(({ feature, action }) => `${action} ${feature}`)).toContain(
    'dropped citations',
  )
})
