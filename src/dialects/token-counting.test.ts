// Counting tokens in each protocol that has a call for it: identity on its own wire, and what others get into it.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Json, type JsonObject, parseJson } from '../wire/json.ts'
import type { Dialect } from './dialect.ts'
import { some, text, unknown } from './embeddings.arbitrary.ts'
import { dialectById } from './registry.ts'
import type { TokenCountCodec } from './token-counting.ts'

const PROFILE = { provider: 'p', model: 'm', flags: {} }

function dialectOf(id: string): Dialect & { readonly tokenCount: TokenCountCodec } {
  const dialect = dialectById(id)
  if (dialect?.tokenCount === undefined) throw new Error(`${id} does not count`)
  return { ...dialect, tokenCount: dialect.tokenCount }
}

const role = fc.constantFrom('user', 'assistant')
const messages = fc.array(fc.record({ role, content: text }), { minLength: 1, maxLength: 3 })
const contents = fc.array(
  fc.record({
    role: fc.constantFrom('user', 'model'),
    parts: fc.array(fc.record({ text }), { maxLength: 2 }),
  }),
  { minLength: 1, maxLength: 2 },
)

interface Wires {
  readonly path: string
  readonly requests: fc.Arbitrary<JsonObject>
  readonly answers: fc.Arbitrary<JsonObject>
}

function both(...parts: readonly fc.Arbitrary<JsonObject>[]): fc.Arbitrary<JsonObject> {
  return fc.tuple(...parts).map((objects) => Object.assign({}, ...objects))
}

const WIRES: Readonly<Record<string, Wires>> = {
  'anthropic-messages': {
    path: '/v1/messages/count_tokens',
    requests: both(
      fc.record({ model: fc.constant('m'), messages }),
      some({ system: text }),
      unknown,
    ),
    answers: both(fc.record({ input_tokens: fc.nat() }), unknown),
  },
  'openai-responses': {
    path: '/responses/input_tokens',
    requests: both(
      fc.record({ model: fc.constant('m'), input: text }),
      some({ instructions: text }),
      unknown,
    ),
    answers: both(
      fc.record({ object: fc.constant('response.input_tokens'), input_tokens: fc.nat() }),
      unknown,
    ),
  },
  gemini: {
    path: '/v1beta/models/m:countTokens',
    requests: fc.oneof(
      both(fc.record({ contents }), unknown),
      both(
        fc.record({
          generateContentRequest: both(
            fc.record({ model: fc.constant('models/m'), contents }),
            some({
              systemInstruction: fc.record({
                parts: fc.array(fc.record({ text }), { maxLength: 1 }),
              }),
            }),
          ),
        }),
        unknown,
      ),
      fc.record({ generate_content_request: fc.record({ contents }) }),
    ),
    answers: both(
      fc.record({ totalTokens: fc.nat() }),
      some({ cachedContentTokenCount: fc.nat() }),
      unknown,
    ),
  },
}

describe.each(Object.keys(WIRES))('%s: counts of tokens', (id) => {
  const dialect = dialectOf(id)
  const { tokenCount: codec } = dialect
  const { path, requests, answers } = WIRES[id] ?? { path: '', requests: unknown, answers: unknown }

  it('decode, lower and encode to the same request, on the same path', () => {
    fc.assert(
      fc.property(requests, (body) => {
        const request = codec.request.decode({ method: 'POST', path, headers: {}, body })
        const { value, notes } = dialect.lower(request, PROFILE)
        const wire = codec.request.encode(value, PROFILE)
        expect(plain(wire.body)).toEqual(plain(body))
        expect(wire.path).toBe(path)
        expect(notes.filter((note) => note.weight > 1)).toEqual([])
      }),
      { numRuns: 1000 },
    )
  })

  it('decode and encode to the same answer, which is exact', () => {
    fc.assert(
      fc.property(answers, (body) => {
        const count = codec.response.decode({ status: 200, headers: {}, body })
        expect(count.exact).toBe(true)
        expect(plain(codec.response.encode(count).body)).toEqual(plain(body))
      }),
      { numRuns: 1000 },
    )
  })

  it('ask for another protocol’s request with what its call takes, and nothing else', () => {
    const chat = {
      origin: { dialect: 'other' },
      model: 'm',
      turns: [
        { role: 'system', place: 'top', parts: [{ type: 'text', text: 'Be kind.' }] },
        { role: 'user', parts: [{ type: 'text', text: 'Hello' }] },
      ],
      tools: [{ kind: 'function', name: 'f', parameters: { type: 'object', properties: {} } }],
      sampling: { temperature: 1, topP: 0.5 },
      maxOutputTokens: 5,
      stream: { enabled: true },
    } as const
    const { body } = codec.request.encode(dialect.lower(chat, PROFILE).value, PROFILE)
    const printed = JSON.stringify(body)
    for (const word of ['Be kind.', 'Hello', '"f"']) expect(printed).toContain(word)
    if (id !== 'gemini') expect(printed).not.toMatch(/temperature|top_p|max_|stream|"store"/)
    expect(codec.response.encode({ inputTokens: 5, exact: false }).status).toBe(200)
  })
})

function plain(value: Json | undefined): Json {
  return parseJson(JSON.stringify(value ?? null))
}
