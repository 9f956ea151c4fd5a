// Laws 1 to 6: what one protocol says comes back to the same protocol as it was.
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { decodeFrames, encodeStream, jsonOf, plain } from '../../src/dialects/dialect.contract.ts'
import type { Dialect } from '../../src/dialects/dialect.ts'
import { passageOf } from '../../src/providers/passage.ts'
import { type Json, type JsonObject, isArray, isObject, parseJson } from '../../src/wire/json.ts'
import { assembled } from './assembled.ts'
import { PROFILE, RUNS, chatPath, decodedRequest, decoding, each, encoding } from './ground.ts'
import { wires } from './wires.ts'
import type { WireGrammar } from './wires/grammar.ts'

/** A model that no text but the one in its place names. */
const MODEL = 'the model asked for'

function wireOf({ id }: Dialect): WireGrammar {
  const wire = wires[id]
  if (wire === undefined) throw new Error(`there is no grammar of ${id}`)
  return wire
}

function printed(to: Dialect, body: Json): Json | undefined {
  return plain(to.request.encode(decodedRequest(to, body), PROFILE).body)
}

function answeredAgain(to: Dialect, body: Json): Json | undefined {
  const decoded = to.response.decode({ status: 200, headers: {}, body }, decoding(to))
  return plain(to.response.encode(decoded, encoding(to)).value.body)
}

function framesOf(events: readonly JsonObject[]): readonly { readonly data: string }[] {
  return events.map((event) => ({ data: JSON.stringify(event) }))
}

/** Every key that a value has, with its way from the root. */
function keysOf(value: Json | undefined, path = ''): readonly string[] {
  if (isArray(value)) return value.flatMap((item, at) => keysOf(item, `${path}[${at}]`))
  if (!isObject(value)) return []
  return Object.entries(value).flatMap(([key, inner]) => [
    `${path}.${key}`,
    ...keysOf(inner, `${path}.${key}`),
  ])
}

each('$id', (to) => {
  it('1: a request of the protocol is the same JSON after it has been read', () => {
    fc.assert(
      fc.property(wireOf(to).requests, (body) => {
        expect(printed(to, body)).toEqual(body)
      }),
      RUNS,
    )
  })

  it('2: an answer, an error and a model list of the protocol are the same JSON after they have been read', () => {
    const wire = wireOf(to)
    fc.assert(
      fc.property(wire.responses, (body) => {
        expect(answeredAgain(to, body)).toEqual(body)
      }),
      RUNS,
    )
    fc.assert(
      fc.property(wire.errors, ({ status, body }) => {
        const again = to.error.encode(to.error.decode({ status, headers: {}, body }), 'r')
        expect([again.status, plain(again.body)]).toEqual([status, body])
      }),
      RUNS,
    )
    fc.assert(
      fc.property(wire.modelLists, (body) => {
        expect(plain(to.models.encodeList(to.models.decodeList(body)))).toEqual(body)
      }),
      RUNS,
    )
  })

  it('3: a stream of the protocol is the same frames, or chunks that add up to the same, after it has been read', () => {
    fc.assert(
      fc.property(wireOf(to).streams, (events) => {
        const read = decodeFrames(to, framesOf(events), decoding(to))
        const again = jsonOf(encodeStream(to, read, encoding(to)))
        expect(assembled(to.id, again)).toEqual(assembled(to.id, parseList(events)))
      }),
      RUNS,
    )
  })

  it('4: a request that passes says what its translation would have said, and all of it but the model stands as it stood', () => {
    const spaces = fc.constantFrom<number | string>(0, 2, '\t')
    const models = fc.constantFrom(MODEL, 'other', 'vendor/"big"')
    let passed = 0
    fc.assert(
      fc.property(wireOf(to).requests, spaces, models, (asked, space, model) => {
        const named = to.patchable === undefined ? asked : { ...asked, model: MODEL }
        // One of the ways in which no printer of ours would spell it.
        const text = JSON.stringify(named, null, space).replaceAll(
          '"role"',
          String.raw`"rol\u0065"`,
        )
        const path = chatPath(to)
        const request = decodedRequest(to, named)
        const meant = to.patchable === undefined ? request : { ...request, model }
        const wire = to.request.encode(to.lower(meant, PROFILE).value, PROFILE)
        const source = { dialect: to.id, path, body: parseJson(text), text }
        const passage = passageOf(source, to, wire)
        if (passage === undefined) return
        passed += 1
        expect(parseJson(passage.text)).toEqual(plain(wire.body))
        expect(passage.text).toBe(text.replace(JSON.stringify(MODEL), JSON.stringify(model)))
      }),
      RUNS,
    )
    expect(passed).toBeGreaterThan(RUNS.numRuns / 2)
  })

  it('5: reading adds no field that was not said, and words that are not known yet survive', () => {
    fc.assert(
      fc.property(wireOf(to).requests, wireOf(to).responses, (request, response) => {
        const said = new Set([...keysOf(request), ...keysOf(response)])
        const again = [...keysOf(printed(to, request)), ...keysOf(answeredAgain(to, response))]
        expect(again.filter((key) => !said.has(key))).toEqual([])
        const words = JSON.stringify([request, response]).match(/unheard_of\w*|UNHEARD_OF/g) ?? []
        const kept = JSON.stringify([printed(to, request), answeredAgain(to, response)])
        expect(kept.match(/unheard_of\w*|UNHEARD_OF/g) ?? []).toHaveLength(words.length)
      }),
      RUNS,
    )
  })

  it('6: what has been read is the same after it has been printed, and keeps what other dialects keep for themselves', () => {
    fc.assert(
      fc.property(wireOf(to).requests, (body) => {
        const once = decodedRequest(to, body)
        const again = decodedRequest(to, printed(to, body) ?? null)
        expect(again).toEqual(once)
        const kept = { fields: { a: 1 }, shape: { b: true } }
        const carrying = { ...once, extensions: { ...once.extensions, away: kept } }
        expect(plain(to.request.encode(carrying, PROFILE).body)).toEqual(printed(to, body))
        expect(carrying.extensions.away).toEqual({ fields: { a: 1 }, shape: { b: true } })
      }),
      RUNS,
    )
  })
})

/** The values as JSON has them. */
function parseList(events: readonly JsonObject[]): readonly Json[] {
  return events.map((event) => parseJson(JSON.stringify(event)))
}
