// Structured output: `output_config.format`, and `output_format` as it was spelled in its beta.
import type { OutputFormat } from '../../canonical/request.ts'
import { type JsonObject, type ObjectReader, isObject } from '../../wire/json.ts'
import { leftovers } from './extension.ts'

const BETA_KEY = 'output_format'

/** A format that is not known stays among the leftovers of its owner. */
export function readFormat(
  request: ObjectReader,
  outputConfig: ObjectReader | undefined,
): OutputFormat | undefined {
  const format = outputConfig === undefined ? undefined : readSchema(outputConfig, 'format')
  return format ?? readSchema(request, BETA_KEY)
}

function readSchema(owner: ObjectReader, key: string): OutputFormat | undefined {
  const value = owner.peek(key)
  if (!isObject(value) || value['type'] !== 'json_schema') return undefined
  const reader = owner.object(key)
  reader.value('type')
  return {
    type: 'json-schema',
    schema: reader.object('schema').source,
    ...leftovers.kept(reader, key === BETA_KEY ? { shape: { beta: true } } : {}),
  }
}

/** `{format}` or `{output_format}`, to be laid into `output_config` or the request. */
export function printFormat(format: OutputFormat | undefined): {
  readonly format?: JsonObject
  readonly beta?: JsonObject
} {
  if (format?.type !== 'json-schema') return {}
  const json = leftovers.printed(format, { type: 'json_schema', schema: format.schema })
  return leftovers.shapeOf(format)['beta'] === true ? { beta: json } : { format: json }
}
