// What the answer's text should look like: `text.format` and `text.verbosity`.
import { compact } from '../../canonical/compact.ts'
import type { Output, OutputFormat } from '../../canonical/request.ts'
import { type JsonObject, type ObjectReader, isObject } from '../../wire/json.ts'
import { leftovers } from './extension.ts'

interface TextSettings {
  readonly output?: Output
  /** For the request's leftovers. */
  readonly readers: Readonly<Record<string, ObjectReader | undefined>>
}

export function decodeText(reader: ObjectReader): TextSettings {
  if (!isObject(reader.peek('text'))) return { readers: {} }
  const text = reader.object('text')
  const output = compact({
    format: decodeFormat(text),
    verbosity: text.optionalString('verbosity'),
  })
  return {
    ...(Object.keys(output).length === 0 ? {} : { output }),
    readers: { text },
  }
}

/** A type that is unknown stays in the reader's rest. */
function decodeFormat(text: ObjectReader): OutputFormat | undefined {
  const value = text.peek('format')
  const type = isObject(value) ? value['type'] : undefined
  if (type !== 'text' && type !== 'json_object' && type !== 'json_schema') return undefined
  const format = text.object('format')
  format.value('type')
  if (type !== 'json_schema') {
    return { type: type === 'text' ? 'text' : 'json', ...leftovers.keptFields(format.rest()) }
  }
  return {
    type: 'json-schema',
    schema: format.object('schema').source,
    ...compact({
      name: format.optionalString('name'),
      description: format.optionalString('description'),
      strict: format.optionalBoolean('strict'),
    }),
    ...leftovers.owned(format.rest()),
  }
}

/** `{text}`; nothing where there is nothing to say. */
export function encodeText(output: Output | undefined): JsonObject {
  const { format, verbosity } = output ?? {}
  if (format === undefined && verbosity === undefined) return {}
  return {
    text: compact({
      format: format === undefined ? undefined : encodeFormat(format),
      verbosity,
    }),
  }
}

/** Every schema needs a name here. */
const DEFAULT_SCHEMA_NAME = 'answer'

function encodeFormat(format: OutputFormat): JsonObject {
  if (format.type === 'text') return leftovers.printed(format, { type: 'text' })
  if (format.type === 'json') return leftovers.printed(format, { type: 'json_object' })
  const { name, description, schema, strict } = format
  const named = name ?? (leftovers.isOwn(format) ? undefined : DEFAULT_SCHEMA_NAME)
  return leftovers.printed(format, {
    type: 'json_schema',
    ...compact({ name: named, description, schema, strict }),
  })
}
