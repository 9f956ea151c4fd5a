// Laws 33 to 37: failures keep their kind, status and hints, are said in the client's words, and never twice asked for.
import fc from 'fast-check'
import { expect, it } from 'vitest'
import {
  ERROR_KINDS,
  type ErrorKind,
  GatewayError,
  toGatewayError,
} from '../../src/canonical/errors.ts'
import { explode } from '../../src/canonical/explode.ts'
import { decodeFrames, encodeStream } from '../../src/dialects/dialect.contract.ts'
import { requestWith } from '../../src/dialects/lowering/request.arbitrary.ts'
import { answeredError } from '../../src/providers/upstream-error.ts'
import { CONTENT_TYPES, writeFrame } from '../../src/wire/framing.ts'
import type { Json } from '../../src/wire/json.ts'
import { drain, failureOf } from '../context.ts'
import { fakeTransport } from '../fake-transport.ts'
import { HOST, KEY, exchangeOf, providerOf } from './fake-provider.ts'
import { PROFILE, RUNS, each, encoding, saying } from './ground.ts'
import { READERS } from './official-readers.ts'
import { PLAIN, bytesOfStream } from './spelled-streams.arbitrary.ts'
import { wires } from './wires.ts'

/** Kinds for which a wire has no word of its own, and what is read there instead. */
const MERGED: Readonly<Record<string, Partial<Record<ErrorKind, ErrorKind>>>> = {
  'anthropic-messages': { unsupported: 'invalid_request', content_policy: 'invalid_request' },
  ollama: {
    unsupported: 'invalid_request',
    context_length: 'invalid_request',
    content_policy: 'invalid_request',
    quota: 'rate_limit',
  },
  gemini: {
    unsupported: 'invalid_request',
    context_length: 'invalid_request',
    content_policy: 'invalid_request',
  },
}

const wordsArbitrary = fc.constantFrom('It failed.', 'No.', 'Try again later, please.', '')

interface Said {
  readonly kind: ErrorKind
  readonly message: string
  readonly retryAfterMs: number | undefined
}

each('failures for clients of $id', (to) => {
  const failure: fc.Arbitrary<Said> = fc.record({
    kind: fc.constantFrom(...ERROR_KINDS),
    message: wordsArbitrary,
    retryAfterMs: fc.option(fc.integer({ min: 1, max: 100_000 }), { nil: undefined }),
  })
  const failed = ({ kind, message, retryAfterMs }: Said): GatewayError =>
    new GatewayError(kind, message, {
      origin: 'client',
      ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    })

  it('33: keep their kind, up to what the wire cannot tell apart', () => {
    fc.assert(
      fc.property(failure, (said) => {
        const read = to.error.decode(to.error.encode(failed(said), 'r'))
        expect(read.kind).toBe(MERGED[to.id]?.[said.kind] ?? said.kind)
      }),
      RUNS,
    )
  })

  it('34: keep the class of their status, and the hint when to try again; none after a quota', () => {
    fc.assert(
      fc.property(failure, (said) => {
        const error = failed(said)
        const wire = to.error.encode(error, 'r')
        expect(Math.floor(wire.status / 100)).toBe(Math.floor(error.status / 100))
        const read = to.error.decode(wire)
        if (said.kind === 'quota') expect(wire.headers['retry-after']).toBeUndefined()
        else if (error.retryable && said.retryAfterMs !== undefined) {
          expect(Math.abs((read.retryAfterMs ?? 0) - said.retryAfterMs)).toBeLessThan(1000)
        }
      }),
      RUNS,
    )
  })

  it('35: that come after the answer has begun are said in the stream, and the official client raises its own error', async () => {
    await fc.assert(
      fc.asyncProperty(failure, fc.nat(3), async (said, cut) => {
        const begun = [...explode(saying({}))].slice(0, cut)
        const events = [...begun, { type: 'error' as const, error: failed(said) }]
        const frames = encodeStream(to, events, encoding(to))
        const read = decodeFrames(to, frames, { request: requestWith({}), profile: PROFILE })
        expect(read.at(-1)?.type).toBe('error')
        expect(read.filter((event) => event.type === 'candidate-end')).toEqual([])
        const type = { 'content-type': CONTENT_TYPES[to.framing] }
        // Google's client finds an error only where it comes in a piece of its own.
        const pieces = frames.map((frame) =>
          new TextEncoder().encode(writeFrame(to.framing, frame)),
        )
        const client = READERS[to.id]?.stream(
          async () => new Response(inPieces(pieces), { headers: type }),
        )
        await expect(client).rejects.toThrow(Error)
      }),
      RUNS,
    )
  })

  it('36: are read whatever they are, and show neither markup, nor secrets, nor a provider’s words about our own account', () => {
    const texts = fc.oneof(
      fc.constantFrom('<html><b>sk-1</b></html>', `key ${KEY} is bad`, '<!doctype html>', ''),
      fc.string(),
    )
    const blame = { provider: 'lab', secrets: [KEY], nowMs: 0 }
    fc.assert(
      fc.property(
        fc.integer({ min: 300, max: 599 }),
        texts,
        fc.jsonValue(),
        (status, text, any) => {
          const strange: Json = JSON.parse(JSON.stringify(any))
          for (const body of [...bodies(text), strange]) {
            const wire = { status, headers: {}, body, text }
            const read = answeredError(to.error.decode(wire), wire, blame)
            if (text.includes('<b>') || text.startsWith('<!doctype'))
              expect(read.message).not.toContain('<')
            const shown = JSON.stringify(to.error.encode(read, 'r').body)
            expect(shown).not.toContain(KEY)
            if ([401, 402, 403].includes(status) && text.includes('is bad')) {
              expect(shown).not.toContain('is bad')
            }
          }
        },
      ),
      RUNS,
    )
  })

  it('36: of the way name the provider, and neither its host nor its key', async () => {
    const kinds = fc.constantFrom(...ERROR_KINDS)
    await fc.assert(
      fc.asyncProperty(kinds, fc.boolean(), async (kind, thrown) => {
        const transport = fakeTransport(() => {
          if (thrown) throw new Error(`connect ECONNREFUSED ${HOST} with ${KEY}`)
          throw new GatewayError(kind, `It failed with ${KEY}.`, { origin: 'upstream' })
        })
        const asked = providerOf(to, transport).handle(exchangeOf(requestWith({})))
        const error = await failureOf(asked)
        expect(error).toBeInstanceOf(GatewayError)
        const shown = JSON.stringify(to.error.encode(toGatewayError(error), 'r'))
        expect(shown).not.toContain(KEY)
        expect(shown).not.toContain(HOST)
      }),
      RUNS,
    )
  })

  it('37: are not tried again once a byte has come, wherever the answer breaks off', async () => {
    const streams = wires[to.id]?.streams ?? fc.constant([])
    const stream = { enabled: true, includeUsage: true }
    await fc.assert(
      fc.asyncProperty(streams, fc.nat(), async (events, cut) => {
        const bytes = bytesOfStream(to.framing, events, PLAIN)
        const chunks = [bytes.subarray(0, cut % bytes.length)]
        const headers = { 'content-type': CONTENT_TYPES[to.framing] }
        const transport = fakeTransport(() => ({ headers, chunks }))
        const exchange = exchangeOf(requestWith({ stream }))
        const reply = await providerOf(to, transport)
          .handle(exchange)
          .catch(() => undefined)
        if (reply?.kind === 'stream') expect((await drain(reply.events)).length).toBeGreaterThan(0)
        expect(transport.sent).toHaveLength(1)
      }),
      RUNS,
    )
  })
})

function inPieces(pieces: readonly Uint8Array[]): ReadableStream<Uint8Array> {
  const left = [...pieces]
  return new ReadableStream({
    pull(controller) {
      const piece = left.shift()
      if (piece === undefined) controller.close()
      else controller.enqueue(piece)
    },
  })
}

function bodies(text: string): readonly Json[] {
  return [
    { error: text },
    { error: { message: text, code: text } },
    { detail: [{ msg: text, loc: [text] }] },
    { object: 'error', message: text },
    [{ error: { message: text, status: text } }],
    text,
    null,
  ]
}
