// Recorded traffic and real clients' requests: nothing of them is lost on the way through and back.
import { describe, expect, it } from 'vitest'
import { type CorpusCase, capturedRequests, corpusCases, hasCorpus } from '../../../test/corpus.ts'
import type { ChatEvent } from '../../canonical/event.ts'
import type { Json } from '../../wire/json.ts'
import type { WireRequest } from '../../wire/message.ts'
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
import { frameReader } from '../../wire/framing.ts'
import { anthropicMessages } from './dialect.ts'

const PROFILE = { provider: 'corpus', flags: {} }
const CONTEXT = { request: emptyRequest('anthropic-messages'), profile: PROFILE }
const ENCODING = { request: CONTEXT.request, requestId: 'req_corpus', now: () => 0 }

const cases: readonly CorpusCase[] = [
  ...corpusCases('anthropic-messages'),
  ...corpusCases('openai-compatible').filter((one) => one.path.endsWith('/messages')),
]
const messages = cases.filter((one) => one.path.endsWith('/messages') || one.api === 'messages')

function wireOf(body: Json): WireRequest {
  return { method: 'POST', path: '/v1/messages', headers: {}, body }
}

function decode(stream: Uint8Array): readonly ChatEvent[] {
  return decodeBytes(anthropicMessages, [stream], CONTEXT)
}

/** Keep-alives and the event's own padding aside. */
function withoutPings(values: readonly Json[]): readonly Json[] {
  return values.filter((value) => JSON.stringify(value) !== '{"type":"ping"}')
}

describe.skipIf(!hasCorpus())('the recorded corpus', () => {
  it('has cases of every kind', () => {
    expect(messages.filter((one) => one.request !== undefined).length).toBeGreaterThan(20)
    expect(messages.filter((one) => one.stream !== undefined).length).toBeGreaterThan(14)
    expect(messages.filter((one) => one.status >= 400).length).toBeGreaterThan(2)
  })

  for (const one of messages) {
    const { request, response, stream } = one
    if (request !== undefined) {
      it(`${one.name}: the request comes back as it was`, () => {
        const decoded = anthropicMessages.request.decode(wireOf(request))
        expect(plain(anthropicMessages.request.encode(decoded, PROFILE).body)).toEqual(request)
      })
    }
    if (response !== undefined && one.status < 400) {
      it(`${one.name}: the answer comes back as it was`, () => {
        const decoded = anthropicMessages.response.decode(
          { status: 200, headers: {}, body: response },
          CONTEXT,
        )
        const again = anthropicMessages.response.encode(decoded, ENCODING).value
        expect(plain(again.body)).toEqual(response)
      })
    }
    if (stream !== undefined) {
      it(`${one.name}: the stream ends once, and the same byte by byte`, () => {
        const events = decode(stream)
        expect(events.filter((event) => isEnd(event))).toHaveLength(1)
        const bytes = [...stream].map((byte) => Uint8Array.of(byte))
        expect(decodeBytes(anthropicMessages, bytes, CONTEXT)).toEqual(events)
      })
    }
    if (stream !== undefined && !one.features.includes('quirk')) {
      it(`${one.name}: the stream comes back frame by frame`, () => {
        const frames = jsonOf(frameReader('sse').write(stream))
        const again = jsonOf(encodeStream(anthropicMessages, decode(stream), ENCODING))
        const seen = one.features.includes('error_in_stream')
          ? again.map((value) => ({ ...Object(value), request_id: undefined }))
          : again
        expect(plain(withoutPings(seen))).toEqual(withoutPings(frames))
      })
    }
  }
})
void collected
void essence
void capturedRequests
