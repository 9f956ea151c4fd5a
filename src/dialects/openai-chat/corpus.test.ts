// Recorded traffic of OpenAI and compatible hosts, and captured requests of real clients.
import { describe, expect, it } from 'vitest'
import { type CorpusCase, capturedRequests, corpusCases } from '../../../test/corpus.ts'
import { explode } from '../../canonical/explode.ts'
import type { ChatRequest } from '../../canonical/request.ts'
import type { ChatResponse } from '../../canonical/response.ts'
import { frameReader } from '../../wire/framing.ts'
import { type Json, ObjectReader, isObject } from '../../wire/json.ts'
import {
  collected,
  decodeBytes,
  emptyRequest,
  encodeStream,
  essence,
  isEnd,
  jsonOf,
  plain,
} from '../dialect.contract.ts'
import type { DecodeContext, EncodeContext } from '../dialect.ts'
import { assembleChunks } from './assembled-chunks.contract.ts'
import { openaiChat } from './dialect.ts'

const PROFILE = { provider: 'recorded', flags: {} }
const chats = [...corpusCases('openai-chat'), ...corpusCases('openai-compatible')].filter(
  (one) => one.name.includes('/chat-') || one.name.includes('/mock-'),
)
const answered = chats.filter((one) => one.status === 200)

function requestOf(one: CorpusCase): ChatRequest {
  if (one.request === undefined) return emptyRequest('openai-chat')
  return openaiChat.request.decode({
    method: 'POST',
    path: '/v1/chat/completions',
    headers: {},
    body: one.request,
  })
}

function decoding(one: CorpusCase): DecodeContext {
  return { request: requestOf(one), profile: PROFILE }
}

/** A client that wants to know what it cost. */
function encoding(one: CorpusCase): EncodeContext {
  return {
    request: { ...requestOf(one), stream: { enabled: true, includeUsage: true } },
    requestId: 'req_corpus',
    now: () => 1_700_000_000_000,
  }
}

/** What is put right on the way: an id where there was none, text where JSON stood as an object. */
function repaired(body: Json): Json {
  return JSON.parse(JSON.stringify(body), (key: string, value: Json) => {
    if (key === 'id' && value === '') return 'minted'
    if (key === 'content' && isObject(value)) return JSON.stringify(value)
    return value
  })
}

describe.skipIf(chats.length === 0)('recorded traffic', () => {
  it.for(answered.filter((one) => one.request !== undefined))(
    '$name: the request encodes to what it was decoded from, lowered or not',
    (one) => {
      const request = requestOf(one)
      expect(plain(openaiChat.request.encode(request, PROFILE).body)).toEqual(one.request)
      const lowered = openaiChat.lower(request, PROFILE)
      expect(plain(openaiChat.request.encode(lowered.value, PROFILE).body)).toEqual(one.request)
      expect(lowered.notes).toEqual([])
    },
  )

  it.for(answered.filter((one) => one.response !== undefined))(
    '$name: the answer encodes to what it was decoded from',
    (one) => {
      const body = one.response ?? null
      const decoded = openaiChat.response.decode({ status: 200, headers: {}, body }, decoding(one))
      const encoded = openaiChat.response.encode(decoded, encoding(one))
      const minted = decoded.candidates
        .flatMap((candidate) => candidate.parts)
        .flatMap((part) => (part.type === 'tool-call' && part.callIdMinted ? [part.callId] : []))
      const again = JSON.stringify(encoded.value.body).replaceAll(
        new RegExp(`"(?:${minted.join('|')})"`, 'g'),
        minted.length === 0 ? '$&' : '"minted"',
      )
      expect(JSON.parse(again)).toEqual(repaired(body))
      expect(encoded.notes).toEqual([])
    },
  )

  it.for(answered.filter((one) => one.response !== undefined))(
    '$name: the answer says the same as a stream as it does whole',
    (one) => {
      const body = one.response ?? null
      const context = decoding(one)
      const decoded = openaiChat.response.decode({ status: 200, headers: {}, body }, context)
      const decoder = openaiChat.stream.decoder(context)
      const frames = encodeStream(openaiChat, [...explode(decoded)], encoding(one))
      const again = [...frames.flatMap((frame) => decoder.write(frame)), ...decoder.finish()]
      expect(unminted(collected(openaiChat, again))).toEqual(unminted(decoded))
    },
  )

  const streams = chats.filter((one) => one.stream !== undefined)
  it.for(streams)('$name: the stream encodes to frames that amount to the same', (one) => {
    const bytes = one.stream ?? new Uint8Array()
    const events = decodeBytes(openaiChat, [bytes], decoding(one))
    const frames = jsonOf(encodeStream(openaiChat, events, encoding(one)))
    const reader = frameReader('sse')
    const original = withFinish(
      assembleChunks(jsonOf([...reader.write(bytes), ...reader.finish()])),
    )
    // Snowflake gives no id; its clients get one.
    const minted = isObject(original) && original['id'] === undefined
    expect(assembleChunks(frames)).toEqual(
      minted ? expect.objectContaining(ObjectReader.of(original, '').source) : original,
    )
  })

  it.for(streams)('$name: every chunk has one id, and the events end once', (one) => {
    const events = decodeBytes(openaiChat, [one.stream ?? new Uint8Array()], decoding(one))
    expect(events.filter((event) => isEnd(event))).toHaveLength(1)
    expect(isEnd(events.at(-1))).toBe(true)
    const frames = jsonOf(encodeStream(openaiChat, events, encoding(one)))
    const heads = frames.filter((frame) => isObject(frame) && frame['error'] === undefined)
    const ids = new Set(heads.map((frame) => isObject(frame) && frame['id']))
    expect(ids.size).toBeLessThanOrEqual(1)
    expect(ids.has('')).toBe(false)
  })

  it.for(streams)('$name: the events do not depend on how the bytes were cut', (one) => {
    const bytes = one.stream ?? new Uint8Array()
    const context = decoding(one)
    const pieces = Array.from({ length: Math.ceil(bytes.length / 7) }, (_, at) =>
      bytes.subarray(at * 7, at * 7 + 7),
    )
    expect(decodeBytes(openaiChat, pieces, context)).toEqual(
      decodeBytes(openaiChat, [bytes], context),
    )
  })

  it.for(streams)('$name: read again from its own frames it collects to the same answer', (one) => {
    const context = decoding(one)
    const events = decodeBytes(openaiChat, [one.stream ?? new Uint8Array()], context)
    const frames = encodeStream(openaiChat, events, encoding(one))
    const decoder = openaiChat.stream.decoder(context)
    const again = [...frames.flatMap((frame) => decoder.write(frame)), ...decoder.finish()]
    expect(unminted(collected(openaiChat, again))).toEqual(unminted(collected(openaiChat, events)))
  })
})

/** Once it has been said, an id that was made here is as good as any. */
function unminted(response: ChatResponse): Json {
  return JSON.parse(JSON.stringify(essence(response)).replaceAll('"callIdMinted":true,', ''))
}

/** Hosts that never say why they stopped get the reason that their parts show. */
function withFinish(assembled: Json): Json {
  if (!isObject(assembled) || assembled['error'] !== null) return assembled
  const choices = assembled['choices']
  if (!Array.isArray(choices)) return assembled
  return {
    ...assembled,
    choices: choices.map((choice: Json) => {
      if (!isObject(choice)) return choice
      const delta = choice['delta']
      const calls = isObject(delta) && delta['tool_calls'] !== undefined
      const said = choice['finish_reason'] ?? 'stop'
      return { ...choice, finish_reason: calls && said === 'stop' ? 'tool_calls' : said }
    }),
  }
}

const captured = capturedRequests().filter((one) => /\/chat\/completions/.test(one.path))

describe.skipIf(captured.length === 0)('captured requests', () => {
  it('are many', () => {
    expect(captured.length).toBeGreaterThan(50)
  })

  it.for(captured)('$name encodes to what it was decoded from, lowered or not', (one) => {
    const body = one.body ?? null
    const request = openaiChat.request.decode({ method: 'POST', path: one.path, headers: {}, body })
    expect(plain(openaiChat.request.encode(request, PROFILE).body)).toEqual(body)
    const lowered = openaiChat.lower(request, PROFILE)
    expect(plain(openaiChat.request.encode(lowered.value, PROFILE).body)).toEqual(body)
  })
})
