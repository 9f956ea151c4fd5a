// Streams: what runs on and what stands alone, how they end, and what clients of the vendor can read.
import { describe, expect, it } from 'vitest'
import { fixturesOf } from '../../../test/fixtures.ts'
import { GatewayError } from '../../canonical/errors.ts'
import type { ChatEvent } from '../../canonical/event.ts'
import type { Part } from '../../canonical/part.ts'
import { writeFrame } from '../../wire/framing.ts'
import { type Json, type JsonObject, ObjectReader, parseJson } from '../../wire/json.ts'
import {
  collected,
  decodeBytes,
  decodeFrames,
  emptyRequest,
  encodeStream,
  jsonOf,
} from '../dialect.contract.ts'
import { text } from '../lowering/request.arbitrary.ts'
import { gemini } from './dialect.ts'
import { PartialCall } from './partial-call.ts'

const DECODING = { request: emptyRequest('gemini'), profile: { provider: 'p', flags: {} } }
const ENCODING = { request: emptyRequest('gemini'), requestId: 'req_1', now: () => 0 }

function chunk(parts: readonly Json[], more: JsonObject = {}): JsonObject {
  return { candidates: [{ content: { role: 'model', parts }, index: 0, ...more }] }
}

const STOP = { finishReason: 'STOP' }

function decode(...chunks: readonly Json[]): readonly ChatEvent[] {
  return decodeFrames(
    gemini,
    chunks.map((one) => ({ data: JSON.stringify(one) })),
    DECODING,
  )
}

function partsOf(...chunks: readonly Json[]) {
  return collected(gemini, decode(...chunks)).candidates[0]?.parts
}

describe('reading', () => {
  it('joins text and thoughts over chunks, and keeps calls whole', () => {
    const call = { functionCall: { id: 'c', name: 'f', args: { a: 1 } } }
    const parts = partsOf(
      chunk([{ text: 'I ', thought: true }]),
      chunk([{ text: 'think.', thought: true }, { text: 'So' }]),
      chunk([{ text: '.' }, call]),
      chunk([{ text: '' }], STOP),
    )
    expect(parts).toMatchObject([
      { type: 'reasoning', text: 'I think.' },
      text('So.'),
      { type: 'tool-call', callId: 'c', arguments: { json: { a: 1 } } },
    ])
  })

  it('knows a failure by its word where it has no number', () => {
    const events = decode(chunk([{ text: 'Be' }]), {
      error: { message: 'm', status: 'UNAVAILABLE' },
    })
    expect(events.at(-1)).toMatchObject({ type: 'error', error: { kind: 'overloaded' } })
  })

  it('keeps what had come of a call that the output limit cut', () => {
    const begun = { functionCall: { id: 'c', name: 'cook', willContinue: true } }
    const piece = { jsonPath: '$.dish', stringValue: 'lasag', willContinue: true }
    const parts = partsOf(
      chunk([{ text: 'Let me.' }, begun]),
      chunk([{ functionCall: { partialArgs: [piece], willContinue: true } }]),
      chunk([], { finishReason: 'MAX_TOKENS' }),
    )
    expect(parts).toMatchObject([
      text('Let me.'),
      { type: 'tool-call', callId: 'c', name: 'cook', arguments: { json: { dish: 'lasag' } } },
    ])
  })

  it('never joins what is signed with anything else', () => {
    const signed = { text: 'b', thoughtSignature: 'EpYB' }
    const parts = partsOf(
      chunk([{ text: 'a' }, signed, { text: 'c' }]),
      chunk([{ text: 'd' }], STOP),
    )
    expect(parts).toMatchObject([text('a'), { text: 'b', seal: { payload: 'EpYB' } }, text('cd')])
  })

  it('waits for results where there were calls in any chunk', () => {
    const call = { functionCall: { name: 'f', args: {} } }
    const end = decode(chunk([call]), chunk([{ text: '' }], STOP)).at(-2)
    expect(end).toMatchObject({
      type: 'candidate-end',
      finish: { reason: 'tool-calls', raw: 'STOP' },
    })
  })

  it('gives calls without ids the ids that they have in the whole answer', () => {
    const call = { functionCall: { name: 'f', args: {} } }
    const whole = { ...chunk([call, call], STOP), responseId: 'r' }
    const { candidates } = gemini.response.decode(
      { status: 200, headers: {}, body: whole },
      DECODING,
    )
    const [first, second] = [{ ...chunk([call]), responseId: 'r' }, chunk([call], STOP)]
    expect(partsOf(first, second)).toEqual(candidates[0]?.parts)
  })

  it('takes the last of several reasons: some servers give one with every chunk', () => {
    const events = decode(
      chunk([{ text: 'a' }], STOP),
      chunk([{ text: 'b' }], { finishReason: 'MAX_TOKENS' }),
    )
    expect(events.filter(({ type }) => type === 'candidate-end')).toMatchObject([
      { finish: { reason: 'length' } },
    ])
    expect(collected(gemini, events).candidates[0]?.parts).toEqual([text('ab')])
  })

  it('adds up counts of which no chunk has all', () => {
    const counts = (usageMetadata: JsonObject) => ({ ...chunk([]), usageMetadata })
    const events = decode(counts({ promptTokenCount: 5 }), counts({ trafficType: 'ON_DEMAND' }), {
      ...chunk([], STOP),
      usageMetadata: { candidatesTokenCount: 2 },
    })
    expect(collected(gemini, events).usage).toMatchObject({
      input: { total: 5 },
      output: { total: 2 },
    })
  })

  it('gathers arguments that come in pieces', () => {
    const fixture = fixturesOf('gemini').find(({ name }) => name === 'partial-arguments')
    const events = decodeBytes(gemini, [fixture?.stream ?? new Uint8Array()], DECODING)
    expect(collected(gemini, events).candidates).toMatchObject([
      {
        parts: [
          {
            type: 'tool-call',
            callId: 'c1',
            name: 'cook',
            arguments: { json: { steps: ['Heat it.'], minutes: 5, fast: false } },
            seal: { payload: 'EpYBCpMBAdHtim9r' },
          },
        ],
        finish: { reason: 'tool-calls' },
      },
    ])
  })

  it('attaches sources to the text they are about, though a signature comes after it', () => {
    const groundingMetadata = {
      groundingChunks: [{ web: { uri: 'https://a' } }],
      groundingSupports: [{ segment: { endIndex: 1 }, groundingChunkIndices: [0] }],
    }
    const last = chunk([{ text: '', thoughtSignature: 'EpYB' }], { ...STOP, groundingMetadata })
    const [said] = partsOf(chunk([{ text: 'a' }]), last) ?? []
    expect(said).toMatchObject({ text: 'a', citations: [{ url: 'https://a', start: 0, end: 1 }] })
  })

  it.each([
    ['nothing came', []],
    ['there was no reason', [chunk([{ text: 'a' }])]],
    [
      'one of two candidates had none',
      [chunk([{ text: 'a' }], STOP), chunk([{ text: 'b' }], { index: 1 })],
    ],
    ['there were no candidates and no block', [{ candidates: [] }]],
  ])('ends in an error where %s', (_, chunks) => {
    expect(decode(...chunks).at(-1)).toMatchObject({
      type: 'error',
      error: { code: 'upstream_truncated' },
    })
  })

  it('ends in the error that the stream tells of, also where a list holds it', () => {
    const error = { error: { code: 503, message: 'busy', status: 'UNAVAILABLE' } }
    for (const told of [error, [error]]) {
      const events = decode(chunk([{ text: 'a' }]), told, chunk([{ text: 'b' }], STOP))
      expect(events.at(-1)).toMatchObject({ type: 'error', error: { kind: 'overloaded' } })
      expect(events.filter(({ type }) => type === 'error')).toHaveLength(1)
    }
  })
})

/** The arguments that these pieces amount to. */
function pieces(...partialArgs: Json[]): Json | undefined {
  const call = new PartialCall()
  call.take({ functionCall: { name: 'f', willContinue: true } })
  call.take({ functionCall: { partialArgs, willContinue: true } })
  const whole = ObjectReader.of(call.take({ functionCall: {} }), '')
  return whole.object('functionCall').value('args')
}

describe('arguments in pieces', () => {
  it('are placed by their paths, quoted names too', () => {
    expect(
      pieces(
        { jsonPath: "$['odd key'].a[0]", stringValue: 'x' },
        { jsonPath: "$['odd key'].a[1]", nullValue: 'NULL_VALUE' },
        { jsonPath: "$['odd key'].a[0]", stringValue: 'y' },
      ),
    ).toEqual({ 'odd key': { a: ['xy', null] } })
  })

  it('cannot make an object grow without bound, nor reach its prototype', () => {
    const args = pieces(
      { jsonPath: '$.list[4000000000]', stringValue: 'x' },
      { jsonPath: '$.__proto__.polluted', boolValue: true },
      { jsonPath: '$..deep', stringValue: 'x' },
    )
    expect(args).toHaveProperty('list', [])
    expect(Object.prototype).not.toHaveProperty('polluted')
    expect(JSON.stringify(args)).toBe('{"list":[],"__proto__":{"polluted":true}}')
  })
})

const CALL: Part = {
  type: 'tool-call',
  callId: 'c',
  kind: 'function',
  name: 'f',
  arguments: { text: '' },
}
const START: ChatEvent = {
  type: 'response-start',
  origin: { dialect: 'other' },
  id: 'id',
  model: 'm',
}
const END: readonly ChatEvent[] = [
  { type: 'candidate-end', candidate: 0, finish: { reason: 'tool-calls' } },
  { type: 'usage-update', usage: { input: { total: 4 }, output: { total: 2 } } },
  { type: 'response-end' },
]

function begin(index: number, part: Part, candidate = 0): ChatEvent {
  return { type: 'part-start', index, candidate, part }
}

function piece(index: number, value: string): ChatEvent {
  return { type: 'part-delta', index, delta: { kind: 'text', text: value } }
}

/** The parts of each chunk, without what every chunk repeats. */
function said(...events: readonly ChatEvent[]): readonly unknown[] {
  return jsonOf(encodeStream(gemini, [START, ...events], ENCODING)).flatMap((one) =>
    (ObjectReader.of(one, '').optionalItems('candidates') ?? []).map(({ value }) => {
      const candidate = ObjectReader.of(value, '')
      return candidate.optionalObject('content')?.peek('parts') ?? candidate.source
    }),
  )
}

describe('writing', () => {
  it('says text as it comes and calls when they are whole, however they interleave', () => {
    const parts = said(
      begin(0, text('')),
      piece(0, 'a'),
      begin(1, CALL),
      begin(2, { ...CALL, callId: 'd' }),
      piece(1, '{"x"'),
      piece(2, '{}'),
      piece(1, ':1}'),
      { type: 'part-end', index: 2 },
      { type: 'part-end', index: 1 },
      piece(0, 'b'),
      ...END,
    )
    expect(parts).toEqual([
      [{ text: 'a' }],
      [{ functionCall: { id: 'd', name: 'f', args: {} } }],
      [
        {
          functionCall: { id: 'c', name: 'f', args: { x: 1 } },
          thoughtSignature: 'skip_thought_signature_validator',
        },
      ],
      [{ text: 'b' }],
      [{ text: '' }],
    ])
  })

  it('says a seal that comes late in an empty part of the same kind', () => {
    const seal = { payload: 's', format: 'f', origin: { dialect: 'other' } }
    const parts = said(
      begin(0, { type: 'reasoning', text: '' }),
      piece(0, 'a'),
      { type: 'part-delta', index: 0, delta: { kind: 'seal', seal } },
      { type: 'part-end', index: 0 },
      ...END,
    )
    expect(parts).toEqual([
      [{ text: 'a', thought: true }],
      [{ text: '', thought: true, thoughtSignature: expect.any(String) }],
      [{ text: '' }],
    ])
  })

  it('ends in one chunk with the reason, the counts and nothing after it', () => {
    const frames = encodeStream(gemini, [START, begin(0, text('a')), ...END, ...END], ENCODING)
    expect(frames.every(({ event, data }) => event === undefined && data !== '[DONE]')).toBe(true)
    expect(parseJson(frames.at(-1)?.data ?? '')).toEqual({
      candidates: [
        { content: { parts: [{ text: '' }], role: 'model' }, finishReason: 'STOP', index: 0 },
      ],
      usageMetadata: { promptTokenCount: 4, candidatesTokenCount: 2, totalTokenCount: 6 },
      modelVersion: 'm',
      responseId: 'id',
    })
    expect(frames).toHaveLength(2)
  })

  it('gives each candidate its index and its end', () => {
    const last = jsonOf(
      encodeStream(
        gemini,
        [
          START,
          begin(0, text('a')),
          begin(1, text('b'), 1),
          { type: 'candidate-end', candidate: 0, finish: { reason: 'stop' } },
          { type: 'candidate-end', candidate: 1, finish: { reason: 'length' } },
          { type: 'response-end' },
        ],
        ENCODING,
      ),
    )
    expect(last.at(1)).toMatchObject({ candidates: [{ index: 1 }] })
    expect(last.at(-1)).toMatchObject({
      candidates: [
        { index: 0, finishReason: 'STOP' },
        { index: 1, finishReason: 'MAX_TOKENS' },
      ],
    })
  })

  it('says a failure as data without an event name, and nothing after it', () => {
    const error = new GatewayError('overloaded', 'busy', { origin: 'upstream' })
    const frames = encodeStream(gemini, [START, { type: 'error', error }, ...END], ENCODING)
    expect(frames).toEqual([
      { data: '{"error":{"code":503,"message":"busy","status":"UNAVAILABLE"}}' },
    ])
  })

  it('is kept alive by comments, which the vendor’s client passes over', () => {
    const encoder = gemini.stream.encoder(ENCODING)
    const frame = encoder.keepAlive()
    expect(frame === undefined ? '' : writeFrame('sse', frame)).toBe(': keep-alive\n\n')
    encoder.finish()
    expect(encoder.keepAlive()).toBeUndefined()
  })

  it('has content in every chunk: the vendor’s client forgets an answer in which one has none', () => {
    const encoder = gemini.stream.encoder(ENCODING)
    const logprobs = [{ token: 'a', logprob: -1, top: [] }]
    const told = { type: 'logprobs', candidate: 0, logprobs } as const
    const events = [START, begin(0, { type: 'text', text: 'a' }), told, ...END]
    const chunks = events.flatMap((event) => [...encoder.write(event)])
    expect(chunks.length).toBeGreaterThan(2)
    expect(chunks.filter(({ data }) => !data.includes('"content":{"parts":[{'))).toEqual([])
  })

  it('notes what it could not say', () => {
    const encoder = gemini.stream.encoder(ENCODING)
    const opaque: Part = {
      type: 'opaque',
      origin: { dialect: 'other' },
      what: 'search',
      native: {},
    }
    for (const event of [START, begin(0, opaque), ...END]) encoder.write(event)
    expect(encoder.notes).toMatchObject([{ feature: 'search', weight: 1 }])
  })
})
