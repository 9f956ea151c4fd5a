// `generationConfig`: sampling, limits, the form of the answer and thinking.
import { compact } from '../../canonical/compact.ts'
import type { ChatRequest, Output, OutputFormat, Sampling } from '../../canonical/request.ts'
import { type Json, type JsonObject, isArray, isObject } from '../../wire/json.ts'
import { leftovers } from './extension.ts'
import type { Fields } from './fields.ts'
import { jsonSchemaOf } from './schema.ts'
import { decodeThinking, encodeThinking } from './thinking.ts'

const NUMBERS = [
  ['temperature', 'temperature'],
  ['topP', 'topP'],
  ['topK', 'topK'],
  ['seed', 'seed'],
  ['n', 'candidateCount'],
  ['presencePenalty', 'presencePenalty'],
  ['frequencyPenalty', 'frequencyPenalty'],
  ['topLogprobs', 'logprobs'],
] as const satisfies readonly (readonly [keyof Sampling, string])[]

const JSON_TYPE = 'application/json'
const TEXT_TYPE = 'text/plain'

type Settings = Pick<ChatRequest, 'sampling' | 'maxOutputTokens' | 'output' | 'reasoning'>

export function decodeConfig(config: Fields | undefined): Settings {
  if (config === undefined) return { sampling: {} }
  const numbers = Object.fromEntries(
    NUMBERS.map(([key, field]) => [key, config.optionalNumber(field)]),
  )
  return {
    sampling: compact({
      ...numbers,
      stop: decodeStop(config),
      logprobs: config.optionalBoolean('responseLogprobs'),
    }),
    ...compact({
      maxOutputTokens: config.optionalNumber('maxOutputTokens'),
      output: decodeOutput(config),
      reasoning: decodeThinking(config.optionalFields('thinkingConfig')),
    }),
  }
}

/** An empty list asks for nothing: it stays a leftover. */
function decodeStop(config: Fields): readonly string[] | undefined {
  const said = config.peek('stopSequences')
  return isArray(said) && said.length === 0 ? undefined : config.optionalStrings('stopSequences')
}

function decodeOutput(config: Fields): Output | undefined {
  const format = decodeFormat(config)
  const modalities = config.optionalStrings('responseModalities')
  const output = compact({ format, modalities: modalities?.map((word) => word.toLowerCase()) })
  return Object.keys(output).length === 0 ? undefined : output
}

const SCHEMAS = ['responseJsonSchema', 'responseSchema'] as const

/** A schema needs the JSON type beside it; with any other type, such as `text/x.enum`, both stay leftovers. */
function decodeFormat(config: Fields): OutputFormat | undefined {
  const newer = decodeNewerFormat(config)
  if (newer !== undefined) return newer
  const type = config.peek('responseMimeType')
  if (type === TEXT_TYPE) {
    config.value('responseMimeType')
    return { type: 'text' }
  }
  if (type !== JSON_TYPE) return undefined
  config.value('responseMimeType')
  const key = SCHEMAS.find((name) => isObject(config.peek(name)))
  const schema = key === undefined ? undefined : config.value(key)
  if (!isObject(schema)) return { type: 'json' }
  if (key === 'responseJsonSchema') return { type: 'json-schema', schema }
  const read = jsonSchemaOf(schema)
  return {
    type: 'json-schema',
    schema: read,
    ...leftovers.keptFields(undefined, { responseSchema: schema }),
  }
}

/** The newer form, `responseFormat: {text: {mimeType, schema}}`; sound and pictures in it stay leftovers. */
function decodeNewerFormat(config: Fields): OutputFormat | undefined {
  const said = config.peek('responseFormat')
  if (!isObject(said) || !isObject(said['text'])) return undefined
  const text = config.optionalFields('responseFormat')?.optionalFields('text')
  const type = text?.peek('mimeType')
  if (text === undefined || type !== JSON_TYPE) return undefined
  text.value('mimeType')
  const schema = text.peek('schema')
  const form = leftovers.keptFields(undefined, { form: 'newer' })
  if (!isObject(schema)) return { type: 'json', ...form }
  text.value('schema')
  return { type: 'json-schema', schema, ...form }
}

/** Undefined where nothing is to be said. */
export function encodeConfig(chat: ChatRequest): JsonObject | undefined {
  const { sampling, maxOutputTokens, output, reasoning } = chat
  const config = compact({
    ...Object.fromEntries(NUMBERS.map(([key, field]) => [field, sampling[key]])),
    stopSequences: sampling.stop,
    responseLogprobs: sampling.logprobs,
    maxOutputTokens,
    responseModalities: encodeModalities(output?.modalities, leftovers.shapeOf(chat)['modalities']),
    ...encodeFormat(output?.format),
    thinkingConfig: encodeThinking(reasoning),
  })
  return Object.keys(config).length === 0 ? undefined : config
}

function encodeModalities(
  modalities: readonly string[] | undefined,
  came: Json | undefined,
): Json | undefined {
  const words = modalities?.map((word) => word.toUpperCase())
  const same = JSON.stringify(came)?.toUpperCase() === JSON.stringify(words)
  return same ? came : words
}

function encodeFormat(format: OutputFormat | undefined): JsonObject {
  if (leftovers.shapeOf(format)['form'] === 'newer') {
    const schema = format?.type === 'json-schema' ? format.schema : undefined
    return { responseFormat: { text: compact({ mimeType: JSON_TYPE, schema }) } }
  }
  switch (format?.type) {
    case undefined:
      return {}
    case 'text':
      return { responseMimeType: TEXT_TYPE }
    case 'json':
      return { responseMimeType: JSON_TYPE }
    case 'json-schema': {
      const { responseSchema } = leftovers.shapeOf(format)
      return responseSchema === undefined
        ? { responseMimeType: JSON_TYPE, responseJsonSchema: described(format) }
        : { responseMimeType: JSON_TYPE, responseSchema }
    }
  }
}

/** A format's description has no place of its own here. */
function described({
  schema,
  description,
}: {
  schema: JsonObject
  description?: string
}): JsonObject {
  return description === undefined ? schema : { description, ...schema }
}
