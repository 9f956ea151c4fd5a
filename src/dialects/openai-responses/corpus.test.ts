// Recorded traffic of OpenAI and compatible hosts, and captured requests of real clients.
import { describe, expect, it } from 'vitest'
import { type CorpusCase, capturedRequests, corpusCases } from '../../../test/corpus.ts'
import { explode } from '../../canonical/explode.ts'
import type { ChatRequest } from '../../canonical/request.ts'
import { frameReader } from '../../wire/framing.ts'
import type { Json } from '../../wire/json.ts'
import {
  collected,
  decodeBytes,
  decodeFrames,
  emptyRequest,
  encodeStream,
  essence,
  isEnd,
  jsonOf,
  plain,
} from '../dialect.contract.ts'
import type { DecodeContext, EncodeContext } from '../dialect.ts'
import { assembleResponse } from './assembled-response.contract.ts'
import { openaiResponses } from './dialect.ts'

const PROFILE = { provider: 'recorded', flags: {} }
const cases = [...corpusCases('openai-responses'), ...corpusCases('openai-compatible')].filter(
  (one) => one.api === 'responses',
)
const answered = cases.filter((one) => one.status === 200)

function requestOf(one: CorpusCase): ChatRequest {
  if (one.request === undefined) return emptyRequest('openai-responses')
  return openaiResponses.request.decode({
    method: 'POST',
    path: '/v1/responses',
    headers: {},
    body: one.request,
  })
}

function decoding(one: CorpusCase): DecodeContext {
  return { request: requestOf(one), profile: PROFILE }
}

function encoding(one: CorpusCase): EncodeContext {
  return { request: requestOf(one), requestId: 'req_corpus', now: () => 1_700_000_000_000 }
}

describe.skipIf(cases.length === 0)('recorded traffic', () => {
  it.for(answered.filter((one) => one.request !== undefined))(
    '$name: the request encodes to what it was decoded from, lowered or not',
    (one) => {
      const request = requestOf(one)
      expect(plain(openaiResponses.request.encode(request, PROFILE).body)).toEqual(one.request)
      const lowered = openaiResponses.lower(request, PROFILE)
      expect(plain(openaiResponses.request.encode(lowered.value, PROFILE).body)).toEqual(
        one.request,
      )
      expect(lowered.notes).toEqual([])
    },
  )

  const whole = answered.filter((one) => one.response !== undefined)

  it.for(whole)('$name: the answer encodes to what it was decoded from', (one) => {
    const body = one.response ?? null
    const wire = { status: 200, headers: {}, body }
    const decoded = openaiResponses.response.decode(wire, decoding(one))
    const encoded = openaiResponses.response.encode(decoded, encoding(one))
    expect(plain(encoded.value.body)).toEqual(plain(body))
    expect(encoded.notes).toEqual([])
  })

  it.for(whole)('$name: the answer says the same as a stream as it does whole', (one) => {
    const wire = { status: 200, headers: {}, body: one.response ?? null }
    const decoded = openaiResponses.response.decode(wire, decoding(one))
    const frames = encodeStream(openaiResponses, [...explode(decoded)], encoding(one))
    const again = decodeFrames(openaiResponses, frames, decoding(one))
    expect(essence(collected(openaiResponses, again))).toEqual(essence(decoded))
  })

  const streams = cases.filter((one) => one.stream !== undefined)

  /** What a provider says of our own account is not told to clients. */
  const told = streams.filter((one) => !one.features.includes('error_in_stream'))

  it.for(told)('$name: the stream encodes to frames that amount to the same', (one) => {
    const bytes = one.stream ?? new Uint8Array()
    const events = decodeBytes(openaiResponses, [bytes], decoding(one))
    const frames = jsonOf(encodeStream(openaiResponses, events, encoding(one)))
    const reader = frameReader('sse')
    const original = jsonOf([...reader.write(bytes), ...reader.finish()])
    expect(assembleResponse(frames)).toEqual(assembleResponse(original))
  })

  it.for(streams)('$name: the events end once, and do not depend on the cuts', (one) => {
    const bytes = one.stream ?? new Uint8Array()
    const events = decodeBytes(openaiResponses, [bytes], decoding(one))
    expect(events.filter((event) => isEnd(event))).toHaveLength(1)
    expect(isEnd(events.at(-1))).toBe(true)
    const pieces = Array.from({ length: Math.ceil(bytes.length / 7) }, (_, at) =>
      bytes.subarray(at * 7, at * 7 + 7),
    )
    expect(decodeBytes(openaiResponses, pieces, decoding(one))).toEqual(events)
  })

  it.for(streams)('$name: read again from its own frames it collects to the same answer', (one) => {
    const events = decodeBytes(openaiResponses, [one.stream ?? new Uint8Array()], decoding(one))
    const frames = encodeStream(openaiResponses, events, encoding(one))
    const again = decodeFrames(openaiResponses, frames, decoding(one))
    expect(essence(collected(openaiResponses, again))).toEqual(
      essence(collected(openaiResponses, events)),
    )
  })

  it.for(cases.filter((one) => one.status >= 400))('$name: the error has a kind', (one) => {
    const { status, response, responseText: text = '' } = one
    const body: { readonly body?: Json } = response === undefined ? {} : { body: response }
    const decoded = openaiResponses.error.decode({ status, headers: {}, text, ...body })
    expect(decoded.status).toBe(status)
    expect(decoded.kind).not.toBe('upstream')
  })
})

const captured = capturedRequests().filter(
  (one) => one.method === 'POST' && /\/responses(?:\?|$)/.test(one.path),
)

describe.skipIf(captured.length === 0)('captured requests', () => {
  it('are many', () => {
    expect(captured.length).toBeGreaterThan(100)
  })

  it.for(captured)('$name encodes to what it was decoded from, lowered or not', (one) => {
    const body = one.body ?? null
    const wire = { method: 'POST', path: one.path, headers: {}, body } as const
    const request = openaiResponses.request.decode(wire)
    expect(plain(openaiResponses.request.encode(request, PROFILE).body)).toEqual(body)
    const lowered = openaiResponses.lower(request, PROFILE)
    expect(plain(openaiResponses.request.encode(lowered.value, PROFILE).body)).toEqual(body)
  })
})
