// Whole answers: why they ended, what they cost, where their statements come from, and what foreign ones become.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { GatewayError } from '../../canonical/errors.ts'
import type { Part } from '../../canonical/part.ts'
import type { ChatResponse, FinishReason } from '../../canonical/response.ts'
import type { Json, JsonObject } from '../../wire/json.ts'
import { text } from '../lowering/request.arbitrary.ts'
import { emptyRequest, plain } from '../dialect.contract.ts'
import { bytesBefore, indexAtByte } from './byte-offsets.ts'
import { gemini } from './dialect.ts'

const DECODING = { request: emptyRequest('gemini'), profile: { provider: 'p', flags: {} } }
const ENCODING = { request: emptyRequest('gemini'), requestId: 'req_1', now: () => 0 }

function decode(body: Json): ChatResponse {
  return gemini.response.decode({ status: 200, headers: {}, body }, DECODING)
}

/** An answer of one candidate. */
function answer(parts: readonly Json[], more: JsonObject = {}): Json {
  return { candidates: [{ content: { role: 'model', parts }, finishReason: 'STOP', ...more }] }
}

function encode(response: Partial<ChatResponse>) {
  return gemini.response.encode(
    { origin: { dialect: 'other' }, model: 'm', candidates: [], ...response },
    ENCODING,
  )
}

/** What a foreign answer of these parts is printed as. */
function printed(parts: readonly Part[], reason: FinishReason = 'stop') {
  const { value, notes } = encode({ candidates: [{ index: 0, parts, finish: { reason } }] })
  return { body: plain(value.body), status: value.status, notes }
}

describe('the end', () => {
  it.each<[string | number, FinishReason]>([
    ['STOP', 'stop'],
    ['MAX_TOKENS', 'length'],
    ['SAFETY', 'content-filter'],
    ['RECITATION', 'content-filter'],
    ['IMAGE_PROHIBITED_CONTENT', 'content-filter'],
    ['UNEXPECTED_TOOL_CALL', 'malformed-tool-call'],
    ['MALFORMED_RESPONSE', 'error'],
    ['SOMETHING_NEW', 'other'],
    [2, 'length'],
    [99, 'other'],
  ])('%s is %s', (finishReason, reason) => {
    expect(decode(answer([], { finishReason })).candidates[0]?.finish?.reason).toBe(reason)
  })

  it('that is null is none, and stays null', () => {
    const body = answer([{ text: 'a' }], { finishReason: null })
    expect(decode(body).candidates[0]?.finish).toBeUndefined()
    expect(plain(gemini.response.encode(decode(body), ENCODING).value.body)).toEqual(body)
  })

  it('with calls is a wait for their results, unless the answer was cut', () => {
    const call = { functionCall: { name: 'f', args: {} } }
    expect(decode(answer([call])).candidates[0]?.finish).toEqual({
      reason: 'tool-calls',
      raw: 'STOP',
    })
    const cut = decode(answer([call], { finishReason: 'MAX_TOKENS' }))
    expect(cut.candidates[0]?.finish?.reason).toBe('length')
  })

  it('of a blocked prompt is a filtered candidate that is never printed', () => {
    const body = { promptFeedback: { blockReason: 'SAFETY' } }
    const decoded = decode(body)
    expect(decoded.candidates).toMatchObject([
      { parts: [], finish: { reason: 'content-filter', raw: 'SAFETY' } },
    ])
    expect(plain(gemini.response.encode(decoded, ENCODING).value.body)).toEqual(body)
  })

  it.each<[FinishReason, string]>([
    ['stop-sequence', 'STOP'],
    ['tool-calls', 'STOP'],
    ['context-length', 'MAX_TOKENS'],
    ['content-filter', 'SAFETY'],
    ['malformed-tool-call', 'MALFORMED_FUNCTION_CALL'],
    ['compaction', 'OTHER'],
  ])('%s of another wire is said as %s', (reason, finishReason) => {
    expect(printed([text('a')], reason).body).toMatchObject({ candidates: [{ finishReason }] })
  })

  it.each<FinishReason>(['error', 'cancelled'])('%s of another wire is an error', (reason) => {
    expect(printed([text('a')], reason)).toMatchObject({
      status: 502,
      body: { error: { code: 502, status: 'UNAVAILABLE' } },
    })
  })
})

describe('an error inside a success', () => {
  it('is thrown, also out of a list', () => {
    const body = { error: { code: 429, message: 'slow', status: 'RESOURCE_EXHAUSTED' } }
    for (const sent of [body, [body]]) {
      expect(() => decode(sent)).toThrow(expect.objectContaining({ kind: 'rate_limit' }))
    }
  })
})

describe('counts', () => {
  const usageMetadata = {
    promptTokenCount: 10,
    toolUsePromptTokenCount: 5,
    cachedContentTokenCount: 4,
    candidatesTokenCount: 3,
    thoughtsTokenCount: 7,
    totalTokenCount: 25,
    promptTokensDetails: [
      { modality: 'TEXT', tokenCount: 8 },
      { modality: 'IMAGE', tokenCount: 2 },
    ],
  }

  it('have thoughts within the answer, and what tools have read within the input', () => {
    expect(decode({ candidates: [], usageMetadata }).usage).toMatchObject({
      input: { total: 15, cacheRead: 4, text: 8, image: 2 },
      output: { total: 10, reasoning: 7 },
      total: 25,
    })
  })

  it('that are left out beside others are 0, and unknown where there are none', () => {
    expect(decode({ usageMetadata: { thoughtsTokenCount: 7 } }).usage?.output?.total).toBe(7)
    expect(decode({ usageMetadata: { promptTokenCount: 7 } }).usage?.output).toBeUndefined()
    expect(decode({ candidates: [] }).usage).toBeUndefined()
  })

  it('of another wire never add up to more than was written, however a host counts thoughts', () => {
    const usage = { output: { total: 16, reasoning: 19 } }
    expect(plain(encode({ usage }).value.body)).toMatchObject({
      usageMetadata: { candidatesTokenCount: 0, thoughtsTokenCount: 16 },
    })
  })

  it('of another wire have their thoughts taken out of the answer again', () => {
    const usage = { input: { total: 10, cacheRead: 4 }, output: { total: 9, reasoning: 7 } }
    expect(plain(encode({ usage }).value.body)).toMatchObject({
      usageMetadata: {
        promptTokenCount: 10,
        cachedContentTokenCount: 4,
        candidatesTokenCount: 2,
        thoughtsTokenCount: 7,
        totalTokenCount: 19,
      },
    })
  })
})

function cited(url: string, start: number, end: number) {
  return { kind: 'url', url, title: 'T', start, end } as const
}

describe('citations', () => {
  it('are found by bytes and told in UTF-16 units of the whole text', () => {
    const groundingMetadata = {
      groundingChunks: [
        { web: { uri: 'https://a.example', title: 'A' } },
        { retrievedContext: { uri: 'store/1', title: 'B' } },
      ],
      groundingSupports: [
        { segment: { startIndex: 5, endIndex: 9, text: '👋' }, groundingChunkIndices: [0, 1, 7] },
        {
          segment: { partIndex: 1, startIndex: 0, endIndex: 4, text: ' Bye' },
          groundingChunkIndices: [0],
        },
      ],
    }
    const parts = [{ text: 'Né. 👋' }, { text: ' Bye' }]
    expect(decode(answer(parts, { groundingMetadata })).candidates[0]?.parts).toEqual([
      {
        type: 'text',
        text: 'Né. 👋',
        citations: [
          { kind: 'url', url: 'https://a.example', title: 'A', start: 4, end: 6 },
          { kind: 'document', url: 'store/1', title: 'B', start: 4, end: 6 },
        ],
      },
      {
        type: 'text',
        text: ' Bye',
        citations: [{ kind: 'url', url: 'https://a.example', title: 'A', start: 6, end: 10 }],
      },
    ])
  })

  it('of another wire become chunks and supports, in bytes', () => {
    const parts: Part[] = [
      {
        type: 'text',
        text: 'é👋b',
        citations: [cited('https://a', 1, 3), cited('https://b', 3, 4)],
      },
      { type: 'text', text: 'c', citations: [{ kind: 'url', url: 'https://a' }] },
    ]
    expect(printed(parts).body).toMatchObject({
      candidates: [
        {
          groundingMetadata: {
            groundingChunks: [
              { web: { uri: 'https://a', title: 'T' } },
              { web: { uri: 'https://b', title: 'T' } },
            ],
            groundingSupports: [
              { segment: { startIndex: 2, endIndex: 6, text: '👋' }, groundingChunkIndices: [0] },
              { segment: { startIndex: 6, endIndex: 7, text: 'b' }, groundingChunkIndices: [1] },
              { segment: { startIndex: 7, endIndex: 8, text: 'c' }, groundingChunkIndices: [0] },
            ],
          },
        },
      ],
    })
  })

  it('have offsets that survive the way there and back', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.nat(20), (value, count) => {
        const index = Array.from(value).slice(0, count).join('').length
        expect(indexAtByte(value, bytesBefore(value, index))).toBe(index)
      }),
    )
  })
})

describe('a foreign answer', () => {
  it('says its parts in order, thoughts marked and calls with their ids', () => {
    const parts: Part[] = [
      { type: 'reasoning', text: 't' },
      text('a'),
      { type: 'refusal', text: 'r' },
      {
        type: 'tool-call',
        callId: 'c',
        kind: 'function',
        name: 'f',
        arguments: { text: '{"x":1}' },
      },
      { type: 'image', source: { kind: 'base64', data: 'AAAA', mediaType: 'image/png' } },
    ]
    expect(printed(parts).body).toMatchObject({
      candidates: [
        {
          content: {
            role: 'model',
            parts: [
              { text: 't', thought: true },
              { text: 'a' },
              { text: 'r' },
              { functionCall: { id: 'c', name: 'f', args: { x: 1 } } },
              { inlineData: { mimeType: 'image/png', data: 'AAAA' } },
            ],
          },
          index: 0,
        },
      ],
      modelVersion: 'm',
      responseId: 'req_1',
    })
  })

  it('notes what it cannot say', () => {
    const opaque: Part = {
      type: 'opaque',
      origin: { dialect: 'other' },
      what: 'search',
      native: {},
    }
    const call: Part = {
      type: 'tool-call',
      callId: 'c',
      kind: 'function',
      name: 'f',
      arguments: { text: '[1' },
    }
    const { notes, body } = printed([opaque, call])
    expect(notes).toMatchObject([
      { action: 'dropped', feature: 'search', weight: 1 },
      { action: 'approximated', feature: 'tool_arguments', weight: 3 },
    ])
    expect(body).toMatchObject({
      candidates: [{ content: { parts: [{ functionCall: { args: { value: '[1' } } }] } }],
    })
  })

  it('has its seals in envelopes that this wire reads again', () => {
    const seal = { payload: 's/+', format: 'f', origin: { dialect: 'other', model: 'm' } }
    const { body } = printed([{ type: 'reasoning', text: 't', seal }])
    const replayed = gemini.request.decode({
      method: 'POST',
      path: '/v1beta/models/m:generateContent',
      headers: {},
      body: { contents: [Object(body).candidates[0].content] },
    })
    expect(replayed.turns[0]?.parts).toEqual([{ type: 'reasoning', text: 't', seal }])
  })

  it('that was cut by a failure is that failure', () => {
    const error = new GatewayError('overloaded', 'busy', { origin: 'upstream' })
    expect(encode({ error }).value.status).toBe(503)
  })

  it('has its probabilities in the form of this wire', () => {
    const logprobs = [{ token: 'a', logprob: -1, top: [{ token: 'b', logprob: -2 }] }]
    const { value } = encode({ candidates: [{ index: 0, parts: [text('a')], logprobs }] })
    expect(decode(plain(value.body) ?? null).candidates[0]?.logprobs).toEqual(logprobs)
  })
})
