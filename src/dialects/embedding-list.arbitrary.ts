// Exchanges of embeddings as OpenAI's list has them, in the words of one protocol.
import fc from 'fast-check'
import { base64Of } from '../canonical/vector.ts'
import type { Json, JsonObject } from '../wire/json.ts'
import { count, merged, some, text, tokens, unknown, vectors } from './embeddings.arbitrary.ts'
import type { EmbeddingExchange } from './embeddings.contract.ts'

export interface ListWires {
  readonly path: string
  /** Settings of the request beside those that all have. */
  readonly settings: Readonly<Record<string, fc.Arbitrary<Json>>>
  /** Keys of the answer beside those that all have. */
  readonly answer: fc.Arbitrary<JsonObject>
}

const input: fc.Arbitrary<Json> = fc.oneof(
  text,
  tokens,
  fc.array(text, { maxLength: 3 }),
  fc.array(tokens, { minLength: 1, maxLength: 3 }),
  fc.array(fc.record({ content: fc.array(fc.record({ type: fc.constant('text'), text })) }), {
    minLength: 1,
    maxLength: 2,
  }),
)

export function listExchanges({
  path,
  settings,
  answer,
}: ListWires): fc.Arbitrary<EmbeddingExchange> {
  const encoding_format = fc.constantFrom('float', 'base64')
  return merged(
    fc.record({ model: text, input }),
    some({ encoding_format, ...settings }),
    unknown,
  ).chain((request) => responses(request, answer).map((response) => ({ path, request, response })))
}

function responses(
  request: JsonObject,
  answer: fc.Arbitrary<JsonObject>,
): fc.Arbitrary<JsonObject> {
  const asBase64 = request['encoding_format'] === 'base64'
  return fc
    .tuple(vectors(2), fc.array(unknown, { minLength: 2, maxLength: 2 }))
    .chain(([lists, more]) =>
      merged(
        fc.record({ object: fc.constant('list'), model: text }),
        fc.constant({
          data: lists.map((numbers, index) => ({
            object: 'embedding',
            index,
            embedding: asBase64 ? base64Of({ type: 'numbers', numbers }) : numbers,
            ...more[index],
          })),
        }),
        answer,
        unknown,
      ),
    )
}

export const listUsage: fc.Arbitrary<JsonObject> = merged(
  fc.record({ prompt_tokens: count, total_tokens: count }),
  unknown,
)
