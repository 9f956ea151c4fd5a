// Recorded traffic of the real API and captured requests of real clients.
import { describe, expect, it } from 'vitest'
import { type CorpusCase, capturedRequests, corpusCases } from '../../../test/corpus.ts'
import { explode } from '../../canonical/explode.ts'
import type { ChatRequest } from '../../canonical/request.ts'
import { frameReader } from '../../wire/framing.ts'
import { type Json, type JsonObject, isArray, isObject } from '../../wire/json.ts'
import type { WireRequest } from '../../wire/message.ts'
import type { DecodeContext, EncodeContext } from '../dialect.ts'
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
import { assembleChunks } from './assembled-chunks.contract.ts'
import { gemini } from './dialect.ts'

const PROFILE = { provider: 'recorded', flags: {} }
const cases = corpusCases('gemini')
const chats = cases.filter(({ api }) => /^(?:g|streamG)enerateContent$/.test(api))
const answered = chats.filter(({ status }) => status === 200)
const whole = answered.filter(({ api }) => api === 'generateContent')
const streams = answered.filter(({ api }) => api === 'streamGenerateContent')

function wireOf(path: string, body: Json | undefined): WireRequest {
  const url = new URL(path, 'http://gateway.example')
  const query = Object.fromEntries(url.searchParams)
  return { method: 'POST', path: url.pathname, query, headers: {}, body: body ?? null }
}

function requestOf(one: CorpusCase): ChatRequest {
  if (one.request === undefined) return emptyRequest('gemini')
  return gemini.request.decode(wireOf(one.path, one.request))
}

function decoding(one: CorpusCase): DecodeContext {
  return { request: requestOf(one), profile: PROFILE }
}

function encoding(one: CorpusCase): EncodeContext {
  return { request: requestOf(one), requestId: 'req_corpus', now: () => 1_700_000_000_000 }
}

/** A stream is recorded as events, or as the one array that comes where nobody asked for events. */
function framesOf(one: CorpusCase): ReturnType<typeof encodeStream> {
  const bytes = one.stream ?? new TextEncoder().encode(one.responseText)
  const reader = frameReader(one.stream === undefined ? 'json-array' : 'sse')
  return [...reader.write(bytes), ...reader.finish()]
}

describe.skipIf(cases.length === 0)('recorded traffic', () => {
  it.for(chats.filter((one) => one.request !== undefined))(
    '$name: the request encodes to what it was decoded from, lowered or not',
    (one) => {
      const request = requestOf(one)
      expect(plain(gemini.request.encode(request, PROFILE).body)).toEqual(one.request)
      const lowered = gemini.lower(request, PROFILE)
      expect(plain(gemini.request.encode(lowered.value, PROFILE).body)).toEqual(one.request)
      expect(lowered.notes).toEqual([])
    },
  )

  it.for(whole)('$name: the answer encodes to what it was decoded from', (one) => {
    const body = one.response ?? null
    const decoded = gemini.response.decode({ status: 200, headers: {}, body }, decoding(one))
    const encoded = gemini.response.encode(decoded, encoding(one))
    expect(plain(encoded.value.body)).toEqual(body)
    expect(encoded.notes).toEqual([])
  })

  it.for(whole)('$name: the answer says the same as a stream as it does whole', (one) => {
    const body = one.response ?? null
    const decoded = gemini.response.decode({ status: 200, headers: {}, body }, decoding(one))
    const frames = encodeStream(gemini, [...explode(decoded)], encoding(one))
    const again = collected(gemini, decodeFrames(gemini, frames, decoding(one)))
    expect(essence(again)).toEqual(essence(decoded))
  })

  it.for(streams)('$name: the stream encodes to chunks that amount to the same', (one) => {
    const frames = framesOf(one)
    const events = decodeFrames(gemini, frames, decoding(one))
    expect(events.filter((event) => isEnd(event))).toEqual([{ type: 'response-end' }])
    const again = jsonOf(encodeStream(gemini, events, encoding(one)))
    if (JSON.stringify(jsonOf(frames)).includes('partialArgs')) {
      expect(callsIn(again)).toMatchObject([
        { name: 'cookRecipe', args: { recipe: { name: 'Lasagna' } } },
      ])
    } else expect(assembleChunks(again)).toEqual(assembleChunks(jsonOf(frames)))
  })

  it.for(streams.filter((one) => one.stream !== undefined))(
    '$name: the events do not depend on how the bytes were cut',
    (one) => {
      const bytes = one.stream ?? new Uint8Array()
      const pieces = Array.from({ length: Math.ceil(bytes.length / 7) }, (_, at) =>
        bytes.subarray(at * 7, at * 7 + 7),
      )
      expect(decodeBytes(gemini, pieces, decoding(one))).toEqual(
        decodeBytes(gemini, [bytes], decoding(one)),
      )
    },
  )

  it.for(streams)('$name: the collected stream says what its chunks say together', (one) => {
    const answer = collected(gemini, decodeFrames(gemini, framesOf(one), decoding(one)))
    const { value } = gemini.response.encode(answer, encoding(one))
    expect(essence(gemini.response.decode(value, decoding(one)))).toEqual(essence(answer))
  })

  it.for(cases.filter(({ status }) => status >= 400))(
    '$name: the error keeps its status, word and text for its own client',
    (one) => {
      const body = one.response ?? null
      const error = gemini.error.decode({ status: one.status, headers: {}, body })
      expect(error.message).not.toBe('')
      const ours = ['auth', 'permission', 'quota'].includes(error.kind)
      const wire = gemini.error.encode(error, 'req_corpus')
      expect(wire.status).toBe(ours ? 502 : one.status)
      if (!ours) expect(plain(wire.body)).toEqual(isArray(body) ? body[0] : body)
    },
  )

  it.for(cases.filter(({ api }) => api === 'models'))(
    '$name: the list encodes to what it was',
    (one) => {
      const cards = gemini.models.decodeList(one.response ?? null)
      expect(cards.length).toBeGreaterThan(0)
      const { models } = isObject(one.response) ? one.response : {}
      expect(plain(gemini.models.encodeList(cards))).toEqual({ models })
    },
  )
})

function callsIn(chunks: readonly Json[]): readonly Json[] {
  const found: Json[] = []
  JSON.stringify(chunks, (key: string, value: JsonObject) => {
    if (key === 'functionCall') found.push(value)
    return value
  })
  return found
}

const captured = capturedRequests().filter(
  ({ method, path }) => method === 'POST' && /:(?:g|streamG)enerateContent/.test(path),
)

describe.skipIf(captured.length === 0)('captured requests', () => {
  it('are many', () => {
    expect(captured.length).toBeGreaterThan(50)
  })

  it.for(captured)('$name encodes to what it was decoded from, lowered or not', (one) => {
    const request = gemini.request.decode(wireOf(one.path, one.body))
    expect(plain(gemini.request.encode(request, PROFILE).body)).toEqual(one.body)
    const lowered = gemini.lower(request, PROFILE)
    expect(plain(gemini.request.encode(lowered.value, PROFILE).body)).toEqual(one.body)
    expect(request.stream.enabled).toBe(one.path.includes(':streamGenerateContent'))
    expect(one.path).toContain(request.model)
  })
})
