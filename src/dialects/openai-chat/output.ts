// What the answer should look like: response_format, verbosity, modalities, audio, prediction.
import { compact } from '../../canonical/compact.ts'
import type { Output, OutputFormat } from '../../canonical/request.ts'
import { type JsonObject, type ObjectReader, isArray, isObject } from '../../wire/json.ts'
import { decodePart, encodePart } from './content-part.ts'
import { leftovers } from './extension.ts'
import type { Flags } from './flags.ts'

interface DecodedOutput {
  readonly output?: Output
  readonly nested: Readonly<Record<string, ObjectReader | undefined>>
  readonly shape: JsonObject
}

export function decodeOutput(reader: ObjectReader): DecodedOutput {
  if (!FIELDS.some((field) => reader.has(field))) return NOTHING_SAID
  const prediction = isObject(reader.peek('prediction')) ? decodePrediction(reader) : undefined
  const output = compact({
    format: decodeFormat(reader),
    verbosity: reader.optionalString('verbosity'),
    modalities: reader.optionalStrings('modalities'),
    audio: reader.optionalObject('audio')?.source,
    prediction: prediction?.parts,
  })
  return {
    ...(Object.keys(output).length === 0 ? {} : { output }),
    nested: { prediction: prediction?.reader },
    shape: compact({ prediction: prediction?.spelled }),
  }
}

const FIELDS = ['response_format', 'verbosity', 'modalities', 'audio', 'prediction'] as const
const NOTHING_SAID: DecodedOutput = { nested: {}, shape: {} }

function decodePrediction(reader: ObjectReader) {
  const prediction = reader.object('prediction')
  if (prediction.peek('type') === 'content') prediction.value('type')
  const content = prediction.peek('content')
  if (isArray(content)) {
    const parts = prediction.items('content').map((item) => decodePart(item))
    return { reader: prediction, parts, spelled: 'array' }
  }
  const text = prediction.string('content')
  return { reader: prediction, parts: [{ type: 'text' as const, text }] }
}

/** A type that is unknown stays in the reader's rest. */
function decodeFormat(reader: ObjectReader): OutputFormat | undefined {
  const value = reader.peek('response_format')
  if (!isObject(value)) return undefined
  const type = value['type']
  if (type !== 'text' && type !== 'json_object' && type !== 'json_schema') return undefined
  const format = reader.object('response_format')
  format.value('type')
  // llama.cpp takes the schema beside `json_object` too.
  if (type !== 'json_schema') {
    return { type: type === 'text' ? 'text' : 'json', ...leftovers.kept(format) }
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
    ...leftovers.kept(format, {
      nested: { json_schema: inner },
      shape: {
        schema: schema === undefined ? 'absent' : undefined,
        name: name === undefined ? 'absent' : undefined,
      },
    }),
  }
}

export function encodeOutput(output: Output, shape: JsonObject, flags: Flags): JsonObject {
  const { format, verbosity, modalities, audio, prediction } = output
  return compact({
    response_format: format === undefined ? undefined : encodeFormat(format),
    verbosity,
    modalities,
    audio,
    prediction: prediction === undefined ? undefined : encodePrediction(prediction, shape, flags),
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

function encodePrediction(
  parts: NonNullable<Output['prediction']>,
  shape: JsonObject,
  flags: Flags,
): JsonObject {
  const [only, ...others] = parts
  const bare = others.length === 0 && only?.type === 'text' && shape['prediction'] !== 'array'
  return {
    type: 'content',
    content: bare ? only.text : parts.map((part) => encodePart(part, flags)),
  }
}
