// Recorded traffic and real clients' requests: nothing of them is lost on the way through and back.
import { describe, expect, it } from 'vitest'
import { type CorpusCase, capturedRequests, corpusCases, hasCorpus } from '../../../test/corpus.ts'
import { GatewayError } from '../../canonical/errors.ts'
import type { ChatEvent } from '../../canonical/event.ts'
import { frameReader } from '../../wire/framing.ts'
import { type Json, type JsonObject, ObjectReader, isObject } from '../../wire/json.ts'
import {
  collected,
  decodeBytes,
  emptyRequest,
  encodeStream,
  isEnd,
  jsonOf,
  plain,
} from '../dialect.contract.ts'
import { anthropicMessages } from './dialect.ts'

const PROFILE = { provider: 'corpus', flags: {} }
const CONTEXT = { request: emptyRequest('anthropic-messages'), profile: PROFILE }
const ENCODING = { request: CONTEXT.request, requestId: 'req_corpus', now: () => 0 }

const cases: readonly CorpusCase[] = [
  ...corpusCases('anthropic-messages'),
  ...corpusCases('openai-compatible').filter((one) => one.name.includes('/messages-')),
]
/** The folder also holds the vendor's older completions and its files, batches and token counts. */
const messages = cases.filter((one) => /(?:messages|mock)-/.test(one.name.split('/').at(-1) ?? ''))

interface Named<T> {
  readonly name: string
  readonly value: T
}

function having<T>(read: (one: CorpusCase) => T | undefined): readonly Named<T>[] {
  return messages.flatMap((one) => {
    const value = read(one)
    return value === undefined ? [] : [{ name: one.name, value }]
  })
}

const requests = having((one) => one.request)
const answers = having((one) => (one.status < 400 ? one.response : undefined))
const streams = having((one) => one.stream)
const faithful = having((one) => (one.features.includes('quirk') ? undefined : one.stream))
const errors = cases.filter((one) => one.status >= 400)

const captured = capturedRequests().filter(
  ({ method, path }) => method === 'POST' && /\/messages(?:\?|$)/.test(path),
)

function decodeRequest(body: Json, headers: Readonly<Record<string, string>> = {}) {
  return anthropicMessages.request.decode({ method: 'POST', path: '/v1/messages', headers, body })
}

function decode(stream: Uint8Array): readonly ChatEvent[] {
  return decodeBytes(anthropicMessages, [stream], CONTEXT)
}

/** The frames of a stream as JSON, keep-alives and our own request id aside. */
function comparable(values: readonly Json[]): readonly JsonObject[] {
  return values.flatMap((value) => {
    if (!isObject(value) || value['type'] === 'ping') return []
    const { request_id: _, ...rest } = value
    return [rest]
  })
}

describe.skipIf(!hasCorpus())('the recorded corpus of the Messages protocol', () => {
  it('has cases of every kind', () => {
    expect(requests.length).toBeGreaterThan(20)
    expect(answers.length).toBeGreaterThan(12)
    expect(streams.length).toBeGreaterThan(17)
    expect(errors.length).toBeGreaterThan(5)
    expect(captured.length).toBeGreaterThan(100)
  })

  it.each(requests)('$name: the request comes back as it was', ({ value }) => {
    const decoded = decodeRequest(value)
    expect(plain(anthropicMessages.request.encode(decoded, PROFILE).body)).toEqual(value)
  })

  it.each(requests)('$name: the request is printable as it is', ({ value }) => {
    const { value: lowered, notes } = anthropicMessages.lower(decodeRequest(value), PROFILE)
    expect(notes).toEqual([])
    expect(plain(anthropicMessages.request.encode(lowered, PROFILE).body)).toEqual(value)
  })

  it.each(answers)('$name: the answer comes back as it was', ({ value }) => {
    const wire = { status: 200, headers: {}, body: value }
    const decoded = anthropicMessages.response.decode(wire, CONTEXT)
    const again = anthropicMessages.response.encode(decoded, ENCODING)
    expect(plain(again.value.body)).toEqual(value)
    expect(again.notes).toEqual([])
  })

  it.each(streams)('$name: the stream ends once, and is the same byte by byte', ({ value }) => {
    const events = decode(value)
    expect(events.filter((event) => isEnd(event))).toHaveLength(1)
    const bytes = [...value].map((byte) => Uint8Array.of(byte))
    expect(decodeBytes(anthropicMessages, bytes, CONTEXT)).toEqual(events)
  })

  it.each(faithful)('$name: the stream comes back frame by frame', ({ value }) => {
    const frames = jsonOf(frameReader('sse').write(value))
    const again = jsonOf(encodeStream(anthropicMessages, decode(value), ENCODING))
    expect(comparable(again)).toEqual(comparable(frames))
  })

  it.each(faithful)('$name: the stream amounts to an answer that is printed whole', ({ value }) => {
    const response = collected(anthropicMessages, decode(value))
    const { status, body } = anthropicMessages.response.encode(response, ENCODING).value
    const failed = response.error !== undefined
    expect(status).toBe(failed ? 529 : 200)
    expect(ObjectReader.of(body, '').string('type')).toBe(failed ? 'error' : 'message')
  })

  it.each(errors)('$name: the error is understood', (one) => {
    const { status, responseHeaders: headers, response: body } = one
    const error = anthropicMessages.error.decode({
      status,
      headers,
      ...(body === undefined ? {} : { body }),
    })
    expect(error).toBeInstanceOf(GatewayError)
    expect(error.upstream?.status).toBe(status)
    expect(
      anthropicMessages.error.decode(
        anthropicMessages.error.encode(
          new GatewayError(error.kind, error.message, { origin: 'client' }),
          'req',
        ),
      ).kind,
    ).toBe(error.kind)
  })

  it.each(captured)(
    '$name: what a real client sent is accepted and printed again',
    ({ body, headers }) => {
      const lower = Object.fromEntries(headers.map(([name, value]) => [name.toLowerCase(), value]))
      const decoded = decodeRequest(body ?? null, lower)
      const wire = anthropicMessages.request.encode(decoded, PROFILE)
      expect(plain(wire.body)).toEqual(body)
      expect(wire.headers['anthropic-beta']).toBe(lower['anthropic-beta'])
      expect(anthropicMessages.lower(decoded, PROFILE).value).toEqual(decoded)
    },
  )
})
