// Laws 44 to 48: whatever comes in ends in an answer or an error, and nothing of one party reaches another.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { GatewayError } from '../../src/canonical/errors.ts'
import type { Part } from '../../src/canonical/part.ts'
import type { ChatResponse, FinishReason } from '../../src/canonical/response.ts'
import { responseArbitrary } from '../../src/canonical/response.arbitrary.ts'
import { plain } from '../../src/dialects/dialect.contract.ts'
import type { Dialect } from '../../src/dialects/dialect.ts'
import {
  requestArbitrary,
  requestWith,
  text,
} from '../../src/dialects/lowering/request.arbitrary.ts'
import { dialects } from '../../src/dialects/registry.ts'
import type { Transport } from '../../src/transport/transport.ts'
import { upstreamUrl } from '../../src/transport/upstream-url.ts'
import { WireError } from '../../src/wire/errors.ts'
import { CONTENT_TYPES } from '../../src/wire/framing.ts'
import { type Json, parseJson } from '../../src/wire/json.ts'
import { fakeResponse } from '../fake-response.ts'
import { exchangeOf, providerOf } from './fake-provider.ts'
import {
  PROFILE,
  RUNS,
  answered,
  chatPath,
  decoding,
  each,
  encoding,
  translated,
} from './ground.ts'
import { PLAIN, bytesOfStream } from './spelled-streams.arbitrary.ts'
import { wires } from './wires.ts'

const KEYS = [
  '__proto__',
  'constructor',
  'prototype',
  'messages',
  'content',
  'type',
  'role',
  'contents',
  'parts',
  'input',
  'choices',
  'candidates',
  'output',
  'tools',
  'options',
  'model',
  'usage',
  'message',
  'a',
]

/** JSON as an attacker writes it: the keys that readers look for, and those that runtimes do. */
const hostile: fc.Arbitrary<Json> = fc.letrec<{ value: Json }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    fc.oneof(
      fc.constant(null),
      fc.boolean(),
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      fc.string(),
      fc.constantFrom('user', 'assistant', 'text', 'function'),
    ),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.array(fc.tuple(fc.constantFrom(...KEYS), tie('value')), { maxLength: 5 }).map((entries) =>
      // As a parser makes it: `__proto__` is a key like any other.
      parseJson(
        `{${entries.map(([key, value]) => `${JSON.stringify(key)}:${JSON.stringify(value)}`).join(',')}}`,
      ),
    ),
  ),
})).value

/** What a reader throws, if anything, must be one of our own errors, and say something. */
function expectTotal(read: () => unknown): void {
  try {
    read()
  } catch (error) {
    if (!(error instanceof WireError) && !(error instanceof GatewayError)) throw error
    expect(error.message).not.toBe('')
  }
}

function chatPaths({ endpoints }: Dialect): readonly string[] {
  return endpoints
    .filter(({ operation }) => operation === 'chat')
    .map(({ path }) => path.replace(':model', 'm'))
}

each('readers of $id', (to) => {
  it('44: end in a value or in an error that says where, and no key of a prototype leaks', () => {
    fc.assert(
      fc.property(hostile, (body) => {
        for (const path of chatPaths(to)) {
          try {
            to.request.decode({ method: 'POST', path, headers: {}, body })
          } catch (error) {
            if (error instanceof WireError) expect(error.path).toBeDefined()
            else
              expect(error).toMatchObject({
                kind: expect.stringMatching(/^(?:invalid_request|unsupported)$/),
              })
          }
        }
        expectTotal(() => to.response.decode({ status: 200, headers: {}, body }, decoding(to)))
        expectTotal(() => to.models.decodeList(body))
        const decoder = to.stream.decoder(decoding(to))
        expectTotal(() => [...decoder.write({ data: JSON.stringify(body) }), ...decoder.finish()])
        expect(to.error.decode({ status: 400, headers: {}, body })).toBeInstanceOf(GatewayError)
        expect(Object.keys(Object.prototype)).toEqual([])
        expect(Reflect.get({}, 'a')).toBeUndefined()
      }),
      RUNS,
    )
  })

  it('45: a model’s name stays one step of a path, and headers of a client stay with the gateway', () => {
    const names = fc.oneof(
      fc.webPath(),
      fc.string({ minLength: 1 }),
      fc.constantFrom('../x', 'a/b', 'a?b=c', 'a#b', 'é', '..'),
    )
    const headers = fc.dictionary(
      fc.constantFrom(
        'authorization',
        'x-api-key',
        'x-goog-api-key',
        'cookie',
        'anthropic-beta',
        'openai-organization',
        'x-forwarded-for',
        'user-agent',
        'x-custom',
      ),
      fc.constant('CLIENT-VALUE'),
    )
    fc.assert(
      fc.property(
        names,
        headers,
        wires[to.id]?.requests ?? fc.constant({}),
        (model, sent, body) => {
          const request = {
            ...requestWith({ turns: [{ role: 'user', parts: [text('Hi')] }] }),
            model,
          }
          const wire = to.request.encode(to.lower(request, PROFILE).value, PROFILE)
          const base = new URL('https://a.example/base')
          let url: URL
          try {
            url = upstreamUrl(base, wire.path, wire.query)
          } catch (error) {
            // A name that no path can hold is refused, not bent.
            expect(error).toBeInstanceOf(GatewayError)
            return
          }
          expect(url.origin).toBe('https://a.example')
          const plainName = to.request.encode(
            to.lower({ ...request, model: 'm' }, PROFILE).value,
            PROFILE,
          )
          const usual = upstreamUrl(base, plainName.path, plainName.query)
          expect(url.pathname.split('/')).toHaveLength(usual.pathname.split('/').length)
          expect([url.search, url.hash]).toEqual([usual.search, ''])
          const decoded = to.request.decode({
            method: 'POST',
            path: chatPath(to),
            headers: sent,
            body,
          })
          for (const target of dialects) {
            if (target === to) continue
            const { headers: out } = target.request.encode(
              target.lower(decoded, PROFILE).value,
              PROFILE,
            )
            expect(JSON.stringify(out)).not.toContain('CLIENT-VALUE')
          }
        },
      ),
      RUNS,
    )
  })

  it('46: once the reader has left, nothing more is read from the provider, and the call counts as given up', async () => {
    const streams = wires[to.id]?.streams ?? fc.constant([])
    const stream = { enabled: true, includeUsage: true }
    await fc.assert(
      fc.asyncProperty(streams, fc.nat(6), async (events, read) => {
        const chunks = events.map((event) => bytesOfStream(to.framing, [event], PLAIN))
        const fake = fakeResponse([...chunks, ...chunks])
        const headers = { 'content-type': CONTENT_TYPES[to.framing] }
        const transport: Transport = {
          send: async () => ({ ...fake.response, headers }),
          close: async () => {},
        }
        const provider = providerOf(to, transport)
        const reply = await provider
          .handle(exchangeOf(requestWith({ stream })))
          .catch(() => undefined)
        if (reply?.kind !== 'stream') return
        const iterator = reply.events[Symbol.asyncIterator]()
        let over = false
        for (let at = 0; at < read && !over; at += 1) {
          const step = await iterator.next()
          over =
            step.done === true ||
            step.value.some(({ type }) => type === 'response-end' || type === 'error')
        }
        const pulled = fake.pulled()
        await iterator.return?.()
        expect(fake.pulled()).toBeLessThanOrEqual(pulled + 1)
        const stats = provider.tracker.stats()
        expect(stats.inFlight).toBe(0)
        if (over) return
        // An end that had come already needs no cancelling.
        expect(fake.left).not.toEqual([])
        expect(stats.errors).toBe(0)
      }),
      RUNS,
    )
  })

  it('47: several candidates are asked for at once or refused with a weight, and answers keep their order and one count', () => {
    fc.assert(
      fc.property(requestArbitrary, responseArbitrary, (asked, response) => {
        const request = { ...asked, sampling: { ...asked.sampling, n: 3 } }
        const { notes, back } = translated(request, to)
        const lost = back.sampling.n !== 3
        expect(notes.some(({ feature, weight }) => feature === 'n' && weight >= 3)).toBe(lost)
        expect(lost).toBe(!SEVERAL.has(to.id))
        if (to.response.encode(response, encoding(to)).value.status !== 200) return
        const told = answered(response, to)
        const held = SEVERAL.has(to.id)
          ? response.candidates.length
          : Math.min(1, response.candidates.length)
        const order = told.candidates.map(({ index }) => index)
        expect(order.slice(0, held)).toEqual(Array.from({ length: held }, (_, index) => index))
        const { input, output } = response.usage ?? {}
        if (input?.total !== undefined && output?.total !== undefined) {
          const one = answered({ ...response, candidates: response.candidates.slice(0, 1) }, to)
          expect([told.usage?.input?.total, told.usage?.output?.total]).toEqual([
            one.usage?.input?.total,
            one.usage?.output?.total,
          ])
        }
      }),
      RUNS,
    )
  })
})

/** Wires whose answers can hold several candidates. */
const SEVERAL: ReadonlySet<string> = new Set(['openai-chat', 'gemini', 'mistral-chat'])

describe('JSON of any size', () => {
  it('44: too deep a value is refused before anyone goes down into it', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 3000 }), fc.boolean(), (depth, list) => {
        const [open, shut] = list ? ['[', ']'] : ['{"a":', '}']
        const json = `${open.repeat(depth)}1${shut.repeat(depth)}`
        expectTotal(() => parseJson(json))
        const deep = `${open.repeat(100_000)}1${shut.repeat(100_000)}`
        if (depth > 2990) expect(() => parseJson(deep)).toThrow(WireError)
      }),
      RUNS,
    )
    expect(() => parseJson('['.repeat(100_000) + ']'.repeat(100_000))).toThrow(WireError)
  })
})

/** An answer as the next gateway reads it. */
function passedOn(response: ChatResponse, link: Dialect): ChatResponse | undefined {
  const wire = link.response.encode(response, encoding(link)).value
  if (wire.status !== 200) return undefined
  return link.response.decode(
    { status: 200, headers: {}, body: plain(wire.body) ?? null },
    decoding(link),
  )
}

/** What a client reads of an answer; calls without arguments have `{}`, and reasons that no one knows are left to the calls. */
function readBy(client: Dialect, body: Json | undefined): unknown {
  const wire = { status: 200, headers: {}, body: body ?? null }
  const { candidates, usage } = client.response.decode(wire, decoding(client))
  const counts = [usage?.input?.total, usage?.output?.total, usage?.input?.cacheRead]
  const told = candidates.map(({ index, parts, finish }) => [
    index,
    toldBy(parts),
    endOf(parts, finish?.reason),
  ])
  return [counts, told]
}

function toldBy(parts: readonly Part[]): unknown {
  return parts.map((part) => {
    if (part.type !== 'tool-call') {
      return [part.type, 'text' in part ? part.text : '', part.seal?.payload]
    }
    const { callId, name, seal } = part
    const { text } = part.arguments
    return [callId, name, text.trim() === '' ? '{}' : text, seal?.payload]
  })
}

function endOf(parts: readonly Part[], reason: FinishReason = 'other'): string {
  const open = reason === 'other' || reason === 'stop'
  return open && parts.some(({ type }) => type === 'tool-call') ? 'tool-calls' : reason
}

/** One of the vendors, with an answer of it. */
const vendors = fc
  .constantFrom(...dialects)
  .chain((vendor) => fc.tuple(fc.constant(vendor), wires[vendor.id]?.responses ?? fc.constant({})))

each('two gateways in a row for clients of $id', (client) => {
  it('48: say to the provider and to the client what one of them says', () => {
    const requests = wires[client.id]?.requests ?? fc.constant({})
    fc.assert(
      fc.property(requests, vendors, (body, [vendor, answer]) => {
        const path = chatPath(client)
        const request = client.request.decode({ method: 'POST', path, headers: {}, body })
        const once = translated(request, vendor)
        // The second speaks the provider's protocol, or the client's.
        const again = vendor.request.decode({
          method: 'POST',
          path: chatPath(vendor),
          headers: {},
          body: once.body,
        })
        expect(translated(again, vendor).body).toEqual(once.body)
        const same = client.request.encode(client.lower(request, PROFILE).value, PROFILE)
        const reread = client.request.decode({
          method: 'POST',
          path,
          headers: {},
          body: plain(same.body) ?? null,
        })
        expect(translated(reread, vendor).body).toEqual(once.body)

        const said = vendor.response.decode(
          { status: 200, headers: {}, body: answer },
          decoding(vendor),
        )
        const shown = client.response.encode(said, encoding(client)).value
        for (const link of [vendor, client]) {
          const passed = passedOn(said, link)
          if (passed === undefined || shown.status !== 200) continue
          const twice = client.response.encode(passed, encoding(client)).value
          expect(readBy(client, plain(twice.body))).toEqual(readBy(client, plain(shown.body)))
        }
      }),
      RUNS,
    )
  })
})
