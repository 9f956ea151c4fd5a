// Whatever this wire says comes back as it was: unknown fields at any level, any answer of any provider, whole or streamed.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fixturesOf } from '../../../test/fixtures.ts'
import { explode } from '../../canonical/explode.ts'
import { responseArbitrary } from '../../canonical/response.arbitrary.ts'
import type { ChatResponse } from '../../canonical/response.ts'
import { totalTokens } from '../../canonical/usage.ts'
import { type Json, isArray, isObject } from '../../wire/json.ts'
import {
  collected,
  decodeBytes,
  decodeFrames,
  emptyRequest,
  encodeStream,
  plain,
} from '../dialect.contract.ts'
import { mistralChat } from './dialect.ts'
import { faultsOfAnswer, faultsOfStream } from './strict-client.contract.ts'

const PROFILE = { provider: 'host', flags: {} }
const DECODING = { request: emptyRequest('mistral-chat'), profile: PROFILE }
const ENCODING = {
  request: DECODING.request,
  requestId: 'req_1',
  now: () => 1_700_000_000_000,
}

const fixtures = fixturesOf('mistral-chat')

/** An unknown key in each object where `choose` says so. */
function sprinkled(value: Json, choose: () => Json | undefined): Json {
  if (isArray(value)) return value.map((item) => sprinkled(item, choose))
  if (!isObject(value)) return value
  const entries = Object.entries(value).map(([key, inner]): [string, Json] => [
    key,
    sprinkled(inner ?? null, choose),
  ])
  const extra = choose()
  return Object.fromEntries(extra === undefined ? entries : [...entries, ['x_unknown', extra]])
}

const choices = fc.infiniteStream(
  fc.option(fc.constantFrom<Json>(null, '', 0, false, 'x', [], {}, [1], { a: [null] }), {
    nil: undefined,
  }),
)

describe('unknown fields at every level', () => {
  const requests = fixtures.flatMap(({ request }) => (request === undefined ? [] : [request]))
  it('are printed again in requests', () => {
    fc.assert(
      fc.property(fc.constantFrom(...requests), choices, (request, stream) => {
        const body = sprinkled(request, () => stream.next().value)
        const decoded = mistralChat.request.decode({ method: 'POST', path: '', headers: {}, body })
        expect(plain(mistralChat.request.encode(decoded, PROFILE).body)).toEqual(body)
        const lowered = mistralChat.lower(decoded, PROFILE)
        expect(lowered.notes).toEqual([])
        expect(plain(mistralChat.request.encode(lowered.value, PROFILE).body)).toEqual(body)
      }),
      { numRuns: 300 },
    )
  })

  const answers = fixtures.flatMap(({ response }) => (response === undefined ? [] : [response]))
  it('are printed again in answers', () => {
    fc.assert(
      fc.property(fc.constantFrom(...answers), choices, (answer, stream) => {
        const body = sprinkled(answer, () => stream.next().value)
        const decoded = mistralChat.response.decode({ status: 200, headers: {}, body }, DECODING)
        const encoded = mistralChat.response.encode(decoded, ENCODING)
        expect(plain(encoded.value.body)).toEqual(body)
        expect(encoded.notes).toEqual([])
      }),
      { numRuns: 300 },
    )
  })
})

/** What must be the same by whichever way an answer went. */
function gist(response: ChatResponse): Json {
  return response.candidates.map(({ index, parts, finish }) => ({
    index,
    text: parts.map((part) => (part.type === 'text' ? part.text : '')).join(''),
    thinking: parts.map((part) => (part.type === 'reasoning' ? part.text : '')).join(''),
    seals: parts.flatMap((part) =>
      part.type === 'reasoning' && part.seal !== undefined ? [part.seal.payload] : [],
    ),
    calls: parts.flatMap((part) =>
      part.type === 'tool-call' ? [[part.callId, part.name, part.arguments.text]] : [],
    ),
    media: parts.filter((part) => part.type === 'image' || part.type === 'audio').length,
    finish: finish?.reason ?? null,
  }))
}

/** A call without a name is no call. */
function hasNames({ candidates }: ChatResponse): boolean {
  return candidates.every(({ parts }) =>
    parts.every((part) => part.type !== 'tool-call' || part.name !== ''),
  )
}

describe('answers of any provider', () => {
  it('satisfy the strict client, whole and streamed, and say the same both ways', () => {
    fc.assert(
      fc.property(responseArbitrary.filter(hasNames), (response) => {
        const whole = mistralChat.response.encode(response, ENCODING)
        expect(faultsOfAnswer(plain(whole.value.body))).toEqual([])
        const once = mistralChat.response.decode(whole.value, DECODING)
        const frames = encodeStream(mistralChat, [...explode(response)], ENCODING)
        expect(faultsOfStream(frames)).toEqual([])
        if (response.candidates.length === 0) return
        const again = collected(mistralChat, decodeFrames(mistralChat, frames, DECODING))
        expect(again.error).toBeUndefined()
        expect(gist(again)).toEqual(gist(once))
        if (response.usage !== undefined) {
          expect(totalTokens(again.usage)).toBe(totalTokens(once.usage))
        }
      }),
      { numRuns: 400 },
    )
  })

  const streams = fixtures.flatMap(({ name, stream }) =>
    stream === undefined || name.startsWith('error') ? [] : [{ name, stream }],
  )
  it.for(streams)('$name: our own stream satisfies the strict client', ({ stream }) => {
    const events = decodeBytes(mistralChat, [stream], DECODING)
    expect(faultsOfStream(encodeStream(mistralChat, events, ENCODING))).toEqual([])
  })
})
