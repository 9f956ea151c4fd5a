// The suite that every codec of embeddings passes: identity on its own wire, total decoders, and nothing lost on the way to the others.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { EmbedRequest } from '../canonical/embedding.ts'
import { GatewayError } from '../canonical/errors.ts'
import { WireError } from '../wire/errors.ts'
import { type Json, type JsonObject, parseJson } from '../wire/json.ts'
import type { Dialect } from './dialect.ts'
import type { EmbeddingsCodec } from './embeddings.ts'

/** One wire form of a request and of an answer to it. */
export interface EmbeddingExchange {
  readonly path: string
  readonly request: JsonObject
  readonly response: JsonObject
}

export interface EmbeddingsSubject {
  readonly dialect: Dialect
  /** Any exchange that the vendor's fact sheet allows, with unknown keys here and there. */
  readonly exchanges: fc.Arbitrary<EmbeddingExchange>
  /** Paths that its requests come on. */
  readonly paths: readonly string[]
}

const PROFILE = { provider: 'contract', model: 'm', flags: {} }
const RUNS = { numRuns: 1000 }

export function embeddingsContract({ dialect, exchanges, paths }: EmbeddingsSubject): void {
  const codec = codecOf(dialect)
  const decode = ({ path, request }: EmbeddingExchange): EmbedRequest =>
    codec.request.decode({ method: 'POST', path, headers: {}, body: request })

  describe(`${dialect.id}: embeddings`, () => {
    it('decode and encode to the same request, on the same path', () => {
      fc.assert(
        fc.property(exchanges, (exchange) => {
          const wire = codec.request.encode(decode(exchange), PROFILE)
          expect(plain(wire.body)).toEqual(plain(exchange.request))
          expect(exchange.path.endsWith(wire.path)).toBe(true)
        }),
        RUNS,
      )
    })

    it('decode and encode to the same answer', () => {
      fc.assert(
        fc.property(exchanges, (exchange) => {
          const request = decode(exchange)
          const wire = { status: 200, headers: {}, body: exchange.response }
          const response = codec.response.decode(wire, { request, profile: PROFILE })
          const { value } = codec.response.encode(response, { request, requestId: 'r' })
          expect(plain(value.body)).toEqual(plain(exchange.response))
          expect(codec.isAsAsked?.(response, request) ?? true).toBe(true)
        }),
        RUNS,
      )
    })

    it('are what their own protocol can say, and need no lowering', () => {
      fc.assert(
        fc.property(exchanges, (exchange) => {
          const request = decode(exchange)
          const lowered = codec.lower(request, PROFILE)
          expect(lowered.notes).toEqual([])
          expect(codec.request.encode(lowered.value, PROFILE)).toEqual(
            codec.request.encode(request, PROFILE),
          )
        }),
        RUNS,
      )
    })

    it('refuse any other JSON with a path, and never in another way', () => {
      fc.assert(
        fc.property(fc.jsonValue(), fc.constantFrom(...paths), (value, path) => {
          const body = parseJson(JSON.stringify(value))
          const request = { origin: { dialect: '' }, model: 'm', inputs: [] }
          const wire = { status: 200, headers: {}, body }
          expectTotal(() => codec.request.decode({ method: 'POST', path, headers: {}, body }))
          expectTotal(() => codec.response.decode(wire, { request, profile: PROFILE }))
        }),
        RUNS,
      )
    })
  })
}

export function codecOf({ id, embeddings }: Dialect): EmbeddingsCodec {
  if (embeddings === undefined) throw new Error(`${id} has no embeddings`)
  return embeddings
}

function expectTotal(run: () => unknown): void {
  try {
    run()
  } catch (thrown) {
    expect(thrown instanceof WireError || thrown instanceof GatewayError).toBe(true)
  }
}

/** Without keys that hold undefined, as the wire has it. */
function plain(value: Json | undefined): Json {
  return parseJson(JSON.stringify(value ?? null))
}
