// Recorded traffic of Mistral, and captured requests of its clients.
import { describe, expect, it } from 'vitest'
import { type CorpusCase, capturedRequests, corpusCases } from '../../../test/corpus.ts'
import { GatewayError } from '../../canonical/errors.ts'
import { explode } from '../../canonical/explode.ts'
import type { ChatRequest } from '../../canonical/request.ts'
import { frameReader } from '../../wire/framing.ts'
import { ObjectReader } from '../../wire/json.ts'
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
import { assembleChunks } from './assembled-chunks.contract.ts'
import { mistralChat } from './dialect.ts'
import { faultsOfAnswer, faultsOfModels, faultsOfStream } from './strict-client.contract.ts'

const PROFILE = { provider: 'recorded', flags: {} }
const PATH = '/v1/chat/completions'
const recorded = corpusCases('mistral')
const chats = recorded.filter((one) => one.name.includes('/chat-'))
const answered = chats.filter((one) => one.status === 200)
const whole = answered.filter((one) => one.response !== undefined)
const streams = chats.filter((one) => one.stream !== undefined)

function requestOf(one: CorpusCase): ChatRequest {
  if (one.request === undefined) return emptyRequest('mistral-chat')
  const { request: body } = one
  return mistralChat.request.decode({ method: 'POST', path: PATH, headers: {}, body })
}

function decoding(one: CorpusCase): DecodeContext {
  return { request: requestOf(one), profile: PROFILE }
}

function encoding(one: CorpusCase): EncodeContext {
  return { request: requestOf(one), requestId: 'req_corpus', now: () => 1_700_000_000_000 }
}

describe.skipIf(recorded.length === 0)('recorded traffic', () => {
  it.for(chats.filter((one) => one.request !== undefined))(
    '$name: the request encodes to what it was decoded from, lowered or not',
    (one) => {
      const request = requestOf(one)
      expect(plain(mistralChat.request.encode(request, PROFILE).body)).toEqual(one.request)
      const lowered = mistralChat.lower(request, PROFILE)
      expect(lowered.notes).toEqual([])
      expect(plain(mistralChat.request.encode(lowered.value, PROFILE).body)).toEqual(one.request)
    },
  )

  it.for(whole)('$name: the answer encodes to what it was decoded from', (one) => {
    const body = one.response ?? null
    const decoded = mistralChat.response.decode({ status: 200, headers: {}, body }, decoding(one))
    const encoded = mistralChat.response.encode(decoded, encoding(one))
    expect(plain(encoded.value.body)).toEqual(body)
    expect(encoded.notes).toEqual([])
    expect(faultsOfAnswer(encoded.value.body)).toEqual([])
  })

  it.for(whole)('$name: the answer says the same as a stream as it does whole', (one) => {
    const body = one.response ?? null
    const context = decoding(one)
    const decoded = mistralChat.response.decode({ status: 200, headers: {}, body }, context)
    const frames = encodeStream(mistralChat, [...explode(decoded)], encoding(one))
    expect(faultsOfStream(frames)).toEqual([])
    const again = collected(mistralChat, decodeFrames(mistralChat, frames, context))
    expect(essence(again)).toEqual(essence(decoded))
  })

  it.for(streams)('$name: the stream encodes to frames that amount to the same', (one) => {
    const bytes = one.stream ?? new Uint8Array()
    const events = decodeBytes(mistralChat, [bytes], decoding(one))
    expect(events.filter((event) => isEnd(event))).toHaveLength(1)
    const frames = encodeStream(mistralChat, events, encoding(one))
    const original = frameReader('sse').write(bytes)
    expect(assembleChunks(jsonOf(frames))).toEqual(assembleChunks(jsonOf(original)))
    expect(faultsOfStream(frames)).toEqual([])
  })

  it.for(streams)('$name: the events do not depend on how the bytes were cut', (one) => {
    const bytes = one.stream ?? new Uint8Array()
    const pieces = Array.from({ length: Math.ceil(bytes.length / 7) }, (_, at) =>
      bytes.subarray(at * 7, at * 7 + 7),
    )
    const context = decoding(one)
    expect(decodeBytes(mistralChat, pieces, context)).toEqual(
      decodeBytes(mistralChat, [bytes], context),
    )
  })

  it.for(recorded.filter((one) => one.status >= 400))('$name: the error keeps its words', (one) => {
    const wire = { status: one.status, headers: one.responseHeaders, body: one.response ?? null }
    const decoded = mistralChat.error.decode(wire)
    const body = ObjectReader.of(one.response, '')
    expect(decoded.message).toBe(body.string('message'))
    expect(decoded.code).toBe(body.string('code'))
    const client = new GatewayError(decoded.kind, decoded.message, { code: decoded.code ?? '' })
    const again = mistralChat.error.decode(mistralChat.error.encode(client, 'req_1'))
    expect([again.kind, again.message, again.code]).toEqual([
      decoded.kind,
      decoded.message,
      decoded.code,
    ])
  })

  it.for(recorded.filter((one) => one.name.includes('/models-')))(
    '$name: the model list encodes to what it was decoded from',
    (one) => {
      const cards = mistralChat.models.decodeList(one.response ?? null)
      expect(cards.length).toBeGreaterThan(5)
      expect(plain(mistralChat.models.encodeList(cards))).toEqual(one.response)
      expect(faultsOfModels(mistralChat.models.encodeList(cards))).toEqual([])
    },
  )
})

const captured = capturedRequests().filter(
  (one) => one.path.startsWith(PATH) && /mistral|print_mis/.test(one.name),
)

describe.skipIf(captured.length === 0)('captured requests', () => {
  it('are of every client of Mistral', () => {
    const clients = new Set(captured.map((one) => one.name.split('/')[0]))
    expect([...clients]).toEqual(
      expect.arrayContaining(['ai-sdk-mistral', 'langchain-mistralai', 'mistralai', 'pi']),
    )
  })

  it.for(captured)('$name encodes to what it was decoded from, lowered or not', (one) => {
    const body = one.body ?? null
    const wire = { method: 'POST', path: one.path, headers: {}, body }
    const request = mistralChat.request.decode(wire)
    expect(plain(mistralChat.request.encode(request, PROFILE).body)).toEqual(body)
    const lowered = mistralChat.lower(request, PROFILE)
    expect(lowered.notes).toEqual([])
    expect(plain(mistralChat.request.encode(lowered.value, PROFILE).body)).toEqual(body)
  })
})
