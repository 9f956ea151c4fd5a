// The form of the answer.
import type { OutputFormat } from '../../../src/canonical/request.ts'
import type { JsonObject } from '../../../src/wire/json.ts'
import { text, user } from '../plain-words.ts'
import { type Group, type Probe, asks } from '../probe.ts'

function schema(name: string, properties: JsonObject, more: JsonObject = {}): Probe {
  const format: OutputFormat = {
    type: 'json-schema',
    name: 'answer',
    schema: {
      type: 'object',
      properties,
      required: Object.keys(properties),
      additionalProperties: false,
      ...more,
    },
  }
  return asks(name, { output: { format } })
}

export const output: Group = {
  title: 'Form of the answer',
  features: [
    {
      title: 'JSON mode',
      probes: [
        asks('any JSON', {
          output: { format: { type: 'json' } },
          turns: [user('Answer in JSON.')],
        }),
      ],
    },
    { title: 'JSON schema', probes: [schema('a schema', { city: { type: 'string' } })] },
    {
      title: 'schema: $ref',
      probes: [
        schema(
          'a reference in the answer',
          { where: { $ref: '#/$defs/place' } },
          {
            $defs: {
              place: {
                type: 'object',
                properties: { city: { type: 'string' } },
                required: ['city'],
                additionalProperties: false,
              },
            },
          },
        ),
      ],
    },
    {
      title: 'schema: unions',
      probes: [
        schema('anyOf in the answer', {
          where: { anyOf: [{ type: 'string' }, { type: 'number' }] },
        }),
        schema('oneOf in the answer', {
          where: { oneOf: [{ type: 'string' }, { type: 'number' }] },
        }),
      ],
    },
    {
      title: 'schema: nullable',
      probes: [schema('a nullable field in the answer', { where: { type: ['string', 'null'] } })],
    },
    {
      title: 'schema: limits and patterns',
      probes: [
        schema('limits in the answer', {
          where: { type: 'string', pattern: '^O' },
          count: { type: 'integer', minimum: 1 },
        }),
      ],
    },
    { title: 'verbosity', probes: [asks('few words', { output: { verbosity: 'low' } })] },
    {
      title: 'predicted output',
      probes: [asks('a prediction', { output: { prediction: [text('One, two.')] } })],
    },
    {
      title: 'output limit',
      probes: [
        asks('no limit', { maxOutputTokens: undefined }),
        asks('eight tokens', { maxOutputTokens: 8 }),
      ],
    },
  ],
}
