// Embeddings of this protocol: the contract that all share, over one content and many, in every spelling.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { JsonObject } from '../../wire/json.ts'
import { count, merged, some, text, unknown, vector, vectors } from '../embeddings.arbitrary.ts'
import { codecOf, embeddingsContract } from '../embeddings.contract.ts'
import { gemini } from './dialect.ts'
import { snakeCase } from './spelling.ts'

const PROFILE = { provider: 'p', flags: {} }

const content = merged(
  fc.record({
    parts: fc.array(
      fc.oneof(
        fc.record({ text }),
        fc.record({
          inlineData: fc.record({ mimeType: fc.constant('image/png'), data: fc.constant('AAAA') }),
        }),
      ),
      { maxLength: 2 },
    ),
  }),
  some({ role: fc.constantFrom('user', 'model', 'new') }),
  unknown,
)
const settings = {
  taskType: fc.constantFrom('RETRIEVAL_QUERY', 'NEW'),
  title: text,
  outputDimensionality: count,
}
const embedContentConfig = merged(some({ ...settings, autoTruncate: fc.boolean() }), unknown)

const item: fc.Arbitrary<JsonObject> = fc
  .tuple(
    merged(some({ model: fc.constantFrom('models/m', 'm'), content }), unknown),
    fc.oneof(some(settings), fc.record({ embedContentConfig })),
    fc.boolean(),
  )
  .map(([said, more, isSnake]) => {
    const object = { ...said, ...more }
    return isSnake ? inSnakeCase(object) : object
  })

function inSnakeCase(object: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(object).map(([key, value]) => [snakeCase(key), value]))
}

const usage = some({ usageMetadata: fc.record({ promptTokenCount: count }) })
const values = (numbers: readonly number[]): JsonObject => ({ values: numbers })

const single = fc.record({
  path: fc.constant('/v1beta/models/m:embedContent'),
  request: item,
  response: merged(fc.record({ embedding: vector.map((one) => values(one)) }), usage, unknown),
})
const batch = fc.record({
  path: fc.constant('/v1beta/models/m:batchEmbedContents'),
  request: merged(fc.record({ requests: fc.array(item, { minLength: 1, maxLength: 3 }) }), unknown),
  response: merged(
    fc.record({ embeddings: vectors(2).map((all) => all.map((one) => values(one))) }),
    usage,
    unknown,
  ),
})

embeddingsContract({
  dialect: gemini,
  paths: ['/v1beta/models/m:embedContent', '/models/m:batchEmbedContents'],
  exchanges: fc.oneof(single, batch),
})

describe('embeddings of another protocol, asked of Gemini', () => {
  const codec = codecOf(gemini)
  const asked = {
    origin: { dialect: 'other' },
    model: 'm',
    inputs: [
      { type: 'text', text: 'a' },
      { type: 'text', text: 'b' },
    ],
  } as const

  it('go out as a batch that names the model with every text', () => {
    const wire = codec.request.encode({ ...asked, dimensions: 3, task: 'CLUSTERING' }, PROFILE)
    const more = { model: 'models/m', taskType: 'CLUSTERING', outputDimensionality: 3 }
    expect(wire.path).toBe('/v1beta/models/m:batchEmbedContents')
    expect(wire.body).toEqual({
      requests: [
        { ...more, content: { parts: [{ text: 'a' }] } },
        { ...more, content: { parts: [{ text: 'b' }] } },
      ],
    })
  })

  it('go out alone where there is one text, and may not be cut unless that is said', () => {
    const inputs = asked.inputs.slice(0, 1)
    const wire = codec.request.encode({ ...asked, inputs, truncate: false }, PROFILE)
    expect(wire.path).toBe('/v1beta/models/m:embedContent')
    expect(wire.body).toEqual({
      content: { parts: [{ text: 'a' }] },
      embedContentConfig: { autoTruncate: false },
    })
  })

  it('of tokens are refused: only the model that made them can read them', () => {
    const inputs = [{ type: 'tokens', tokens: [1, 2] }] as const
    expect(codec.lower({ ...asked, inputs }, PROFILE).notes).toMatchObject([
      { action: 'dropped', feature: 'tokens', path: 'inputs[0]', weight: 4 },
    ])
  })
})
