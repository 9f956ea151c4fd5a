// The suite that every dialect passes, over its own fixtures: identity, streams under any chunking, truncation, total decoders.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Fixture } from '../../test/fixtures.ts'
import { Collector } from '../canonical/collect.ts'
import { GatewayError, type ErrorKind } from '../canonical/errors.ts'
import type { ChatEvent } from '../canonical/event.ts'
import { explode } from '../canonical/explode.ts'
import type { ChatRequest } from '../canonical/request.ts'
import type { ChatResponse } from '../canonical/response.ts'
import { WireError } from '../wire/errors.ts'
import type { Frame } from '../wire/frame.ts'
import { frameReader, writeFrame } from '../wire/framing.ts'
import { type Json, ObjectReader } from '../wire/json.ts'
import type { DecodeContext, Dialect, EncodeContext } from './dialect.ts'

export interface ContractSubject {
  readonly dialect: Dialect
  readonly fixtures: readonly Fixture[]
  /** The path a fixture's request came on; the dialect's chat endpoint unless the fixture says otherwise. */
  readonly pathOf?: (fixture: Fixture) => string
  /** Independent of the dialect's own code: what a sequence of wire frames amounts to, as one JSON value. */
  readonly assemble: (frames: readonly Json[]) => Json
  /** Kinds that this wire cannot tell from another, by kind: `quota` read back as `rate_limit`. */
  readonly mergedKinds?: Partial<Record<ErrorKind, ErrorKind>>
}

const PROFILE = { provider: 'contract', flags: {} }

export function emptyRequest(dialect: string): ChatRequest {
  return { origin: { dialect }, model: 'm', turns: [], sampling: {}, stream: { enabled: true } }
}

export function dialectContract(subject: ContractSubject): void {
  const { dialect, fixtures } = subject
  const path = (fixture: Fixture): string => subject.pathOf?.(fixture) ?? chatPath(dialect)
  const requestOf = (fixture: Fixture): ChatRequest =>
    fixture.request === undefined
      ? { ...emptyRequest(dialect.id), stream: { enabled: true, includeUsage: true } }
      : dialect.request.decode({
          method: 'POST',
          path: path(fixture),
          headers: {},
          body: fixture.request,
        })
  const decoding = (fixture: Fixture): DecodeContext => ({
    request: requestOf(fixture),
    profile: PROFILE,
  })
  const encoding = (fixture: Fixture): EncodeContext => ({
    request: requestOf(fixture),
    requestId: 'req_contract',
    now: () => 1_700_000_000_000,
  })

  describe(`${dialect.id}: requests`, () => {
    for (const fixture of fixtures.filter((one) => one.request !== undefined)) {
      it(`${fixture.name} decodes and encodes to the same JSON`, () => {
        const wire = dialect.request.encode(requestOf(fixture), PROFILE)
        expect(plain(wire.body)).toEqual(fixture.request)
      })
      it(`${fixture.name} is already what its own dialect can say`, () => {
        const request = requestOf(fixture)
        const lowered = dialect.lower(request, PROFILE)
        expect(lowered.notes.filter((note) => note.weight > 0)).toEqual([])
        expect(plain(dialect.request.encode(lowered.value, PROFILE).body)).toEqual(
          plain(dialect.request.encode(request, PROFILE).body),
        )
      })
    }
    it('refuses any other JSON with a path, and never in another way', () => {
      fc.assert(
        fc.property(fc.jsonValue(), (body) => {
          const read: Json = JSON.parse(JSON.stringify(body))
          expectTotal(() =>
            dialect.request.decode({
              method: 'POST',
              path: chatPath(dialect),
              headers: {},
              body: read,
            }),
          )
        }),
        { numRuns: 500 },
      )
    })
  })

  describe(`${dialect.id}: answers`, () => {
    for (const fixture of fixtures) {
      const { response } = fixture
      if (response === undefined) continue
      it(`${fixture.name} decodes and encodes to the same JSON`, () => {
        const decoded = dialect.response.decode(
          { status: 200, headers: {}, body: response },
          decoding(fixture),
        )
        const encoded = dialect.response.encode(decoded, encoding(fixture))
        expect(plain(encoded.value.body)).toEqual(response)
        expect(encoded.value.status).toBe(200)
      })
      it(`${fixture.name} says the same as a stream as it does whole`, () => {
        const decoded = dialect.response.decode(
          { status: 200, headers: {}, body: response },
          decoding(fixture),
        )
        const frames = encodeStream(dialect, [...explode(decoded)], {
          ...encoding(fixture),
          request: { ...requestOf(fixture), stream: { enabled: true, includeUsage: true } },
        })
        const again = collected(dialect, decodeFrames(dialect, frames, decoding(fixture)))
        expect(essence(again)).toEqual(essence(decoded))
      })
    }
  })

  describe(`${dialect.id}: streams`, () => {
    for (const fixture of fixtures) {
      const { stream } = fixture
      if (stream === undefined) continue
      it(`${fixture.name} gives the same events byte by byte as at once`, () => {
        const whole = decodeBytes(dialect, [stream], decoding(fixture))
        const bytes = [...stream].map((byte) => Uint8Array.of(byte))
        expect(decodeBytes(dialect, bytes, decoding(fixture))).toEqual(whole)
      })
      it(`${fixture.name} encodes to frames that amount to the same`, () => {
        const frames = frameReader(dialect.framing).write(stream)
        const again = encodeStream(
          dialect,
          decodeBytes(dialect, [stream], decoding(fixture)),
          encoding(fixture),
        )
        expect(subject.assemble(jsonOf(again))).toEqual(subject.assemble(jsonOf(frames)))
      })
      it(`${fixture.name} cut anywhere ends in one error or one clean end, and says so to the client`, () => {
        for (let cut = 0; cut < stream.length; cut += 1) {
          const events = decodeBytes(dialect, [stream.subarray(0, cut)], decoding(fixture))
          const ends = events.filter((event) => isEnd(event))
          expect(ends).toHaveLength(1)
          expect(events.at(-1)).toBe(ends[0])
          const finished = events.some((event) => event.type === 'candidate-end')
          if (!finished) expect(ends[0]?.type).toBe('error')
        }
      })
      it(`${fixture.name} abandoned after any event ends in an in-band error, never in a clean stop`, () => {
        const events = decodeBytes(dialect, [stream], decoding(fixture))
        const last = events.findIndex((event) => event.type === 'candidate-end' || isEnd(event))
        for (let cut = 0; cut < last; cut += 1) {
          const frames = encodeStream(dialect, events.slice(0, cut), encoding(fixture))
          const read = decodeFrames(dialect, frames, decoding(fixture))
          expect(read.at(-1)?.type).toBe('error')
        }
      })
    }
    it('survives any frames, and ends once', () => {
      const data = fc.oneof(fc.json(), fc.string())
      fc.assert(
        fc.property(fc.array(data, { maxLength: 8 }), (lines) => {
          const events = decodeFrames(
            dialect,
            lines.map((line) => ({ data: line })),
            { request: emptyRequest(dialect.id), profile: PROFILE },
          )
          expect(events.filter((event) => isEnd(event))).toHaveLength(1)
          expect(isEnd(events.at(-1))).toBe(true)
        }),
        { numRuns: 300 },
      )
    })
  })

  describe(`${dialect.id}: errors`, () => {
    for (const fixture of fixtures) {
      const { error } = fixture
      if (error === undefined) continue
      it(`${fixture.name} is read with its kind and written again with its status`, () => {
        const wire = ObjectReader.of(error, fixture.name)
        const status = wire.number('status')
        const body = wire.value('body')
        const decoded = dialect.error.decode({
          status,
          headers: stringsOf(wire.optionalObject('headers')),
          ...(body === undefined ? {} : { body }),
        })
        expect(decoded).toBeInstanceOf(GatewayError)
        const kept = new GatewayError(decoded.kind, decoded.message, { origin: 'client' })
        const again = dialect.error.decode(dialect.error.encode(kept, 'req_contract'))
        expect(again.kind).toBe(subject.mergedKinds?.[decoded.kind] ?? decoded.kind)
      })
    }
    it('reads any status with any body', () => {
      fc.assert(
        fc.property(fc.integer({ min: 300, max: 599 }), fc.jsonValue(), (status, body) => {
          const read: Json = JSON.parse(JSON.stringify(body))
          const decoded = dialect.error.decode({ status, headers: {}, body: read })
          expect(decoded).toBeInstanceOf(GatewayError)
          expect(
            dialect.error.decode({ status, headers: {}, text: '<html>x</html>' }).message,
          ).not.toContain('<')
        }),
        { numRuns: 300 },
      )
    })
  })
}

function chatPath(dialect: Dialect): string {
  const endpoint = dialect.endpoints.find((one) => one.operation === 'chat')
  if (endpoint === undefined) throw new Error(`${dialect.id} has no chat endpoint`)
  return endpoint.path
}

/** Without keys that hold undefined, as the wire has it. */
export function plain(value: Json | undefined): Json | undefined {
  if (value === undefined) return undefined
  const read: Json = JSON.parse(JSON.stringify(value))
  return read
}

export function isEnd(event: ChatEvent | undefined): boolean {
  return event?.type === 'response-end' || event?.type === 'error'
}

/** Bytes through the framing and the decoder, as a provider's answer goes; a broken frame ends in the decoder's own error. */
export function decodeBytes(
  dialect: Dialect,
  chunks: readonly Uint8Array[],
  context: DecodeContext,
): readonly ChatEvent[] {
  const reader = frameReader(dialect.framing)
  const frames: Frame[] = []
  try {
    for (const chunk of chunks) frames.push(...reader.write(chunk))
    frames.push(...reader.finish())
  } catch (error) {
    // What came before a broken frame has been read by then; a cut may fall inside a character.
    if (!(error instanceof WireError)) throw error
  }
  return decodeFrames(dialect, frames, context)
}

export function decodeFrames(
  dialect: Dialect,
  frames: readonly Frame[],
  context: DecodeContext,
): readonly ChatEvent[] {
  const decoder = dialect.stream.decoder(context)
  return [...frames.flatMap((frame) => decoder.write(frame)), ...decoder.finish()]
}

export function encodeStream(
  dialect: Dialect,
  events: readonly ChatEvent[],
  context: EncodeContext,
): readonly Frame[] {
  const encoder = dialect.stream.encoder(context)
  const frames = [...events.flatMap((event) => encoder.write(event)), ...encoder.finish()]
  const text = frames.map((frame) => writeFrame(dialect.framing, frame)).join('')
  return frameReader(dialect.framing).write(new TextEncoder().encode(text))
}

export function collected(dialect: Dialect, events: readonly ChatEvent[]): ChatResponse {
  const collector = new Collector({ origin: { dialect: dialect.id }, model: '' })
  for (const event of events) collector.add(event)
  return collector.response()
}

/** The frames that are JSON; a terminator such as `[DONE]` is not. */
export function jsonOf(frames: readonly Frame[]): readonly Json[] {
  return frames.flatMap((frame) => {
    try {
      const value: Json = JSON.parse(frame.data)
      return [value]
    } catch {
      return []
    }
  })
}

/** What must be equal between a stream and the whole answer: all but leftovers, vendor usage objects and how finely logprobs came. */
export function essence(response: ChatResponse): Json {
  const value: Json = JSON.parse(
    JSON.stringify(
      {
        candidates: response.candidates.map((candidate) => ({
          index: candidate.index,
          parts: candidate.parts,
          finish: candidate.finish?.reason,
          stopSequence: candidate.finish?.stopSequence,
          logprobs: candidate.logprobs,
        })),
        usage: response.usage,
        model: response.model,
      },
      (key: string, entry: unknown) => (key === 'extensions' || key === 'raw' ? undefined : entry),
    ),
  )
  return value
}

function expectTotal(run: () => unknown): void {
  try {
    run()
  } catch (error) {
    const known = error instanceof WireError || error instanceof GatewayError
    if (!known) throw error
    expect(error.message).not.toBe('')
  }
}

function stringsOf(reader: ObjectReader | undefined): Record<string, string> {
  return Object.fromEntries(
    Object.entries(reader?.source ?? {}).map(([name, value]) => [name, String(value)]),
  )
}
