// What the answer should look like: response_format and prediction.
import { compact } from '../../canonical/compact.ts'
import { type Part, textOf } from '../../canonical/part.ts'
import type { Output, OutputFormat } from '../../canonical/request.ts'
import { type JsonObject, type ObjectReader, isObject } from '../../wire/json.ts'
import { leftOf } from '../leftovers.ts'
import { leftovers } from './extension.ts'

interface DecodedOutput {
  readonly output?: Output
  readonly nested: Readonly<Record<string, ObjectReader | undefined>>
}

export function decodeOutput(reader: ObjectReader): DecodedOutput {
  const prediction = decodePrediction(reader)
  const output = compact({ format: decodeFormat(reader), prediction: prediction?.parts })
  return {
    ...(Object.keys(output).length === 0 ? {} : { output }),
    nested: { prediction: prediction?.reader },
  }
}

/** Anything but a text stays in the reader's rest. */
function decodePrediction(
  reader: ObjectReader,
): { readonly reader: ObjectReader; readonly parts: readonly Part[] } | undefined {
  const value = reader.peek('prediction')
  if (!isObject(value) || value['type'] !== 'content') return undefined
  if (typeof value['content'] !== 'string') return undefined
  const prediction = reader.object('prediction')
  prediction.value('type')
  return { reader: prediction, parts: [{ type: 'text', text: prediction.string('content') }] }
}

/** A type that is unknown stays in the reader's rest. */
function decodeFormat(reader: ObjectReader): OutputFormat | undefined {
  const value = reader.peek('response_format')
  if (!isObject(value)) return undefined
  const { type } = value
  if (type !== 'text' && type !== 'json_object' && type !== 'json_schema') return undefined
  const format = reader.object('response_format')
  format.value('type')
  if (type !== 'json_schema') {
    return { type: type === 'text' ? 'text' : 'json', ...leftovers.keptFields(format.rest()) }
  }
  const inner = format.object('json_schema')
  const schema = inner.optionalObject('schema')?.source
  const name = inner.optionalString('name')
  return {
    type: 'json-schema',
    schema: schema ?? {},
    ...compact({
      name,
      description: inner.optionalString('description'),
      strict: inner.optionalBoolean('strict'),
    }),
    ...leftovers.keptFields(leftOf(format, { json_schema: inner }), {
      schema: schema === undefined ? 'absent' : undefined,
      name: name === undefined ? 'absent' : undefined,
    }),
  }
}

export function encodeOutput({ format, prediction }: Output): JsonObject {
  return compact({
    response_format: format === undefined ? undefined : encodeFormat(format),
    prediction:
      prediction === undefined ? undefined : { type: 'content', content: textOf(prediction) },
  })
}

/** Every schema needs a name here. */
const DEFAULT_SCHEMA_NAME = 'answer'

function encodeFormat(format: OutputFormat): JsonObject {
  if (format.type === 'text') return leftovers.printed(format, { type: 'text' })
  if (format.type === 'json') return leftovers.printed(format, { type: 'json_object' })
  const shape = leftovers.shapeOf(format)
  const { description, strict } = format
  const name = format.name ?? (shape['name'] === 'absent' ? undefined : DEFAULT_SCHEMA_NAME)
  const schema = shape['schema'] === 'absent' ? undefined : format.schema
  return leftovers.printed(format, {
    type: 'json_schema',
    json_schema: compact({ name, description, schema, strict }),
  })
}
