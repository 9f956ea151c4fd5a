// Model lists: /api/tags (every model at once, no paging) and /api/show (one model, with what it can do).
import { compact } from '../../canonical/compact.ts'
import type { ModelCard } from '../../canonical/model-card.ts'
import { type Json, type JsonObject, ObjectReader, isObject } from '../../wire/json.ts'
import type { ModelsCodec } from '../dialect.ts'
import { leftovers } from './extension.ts'
import { readTimestamp, writeTimestamp } from './timestamp.ts'

// Go's zero time, for a time nobody knows; the ollama CLI shows it as "Never".
const NO_TIME = '0001-01-01T00:00:00Z'
// The ollama CLI prints the first 12 characters of a digest and panics on a shorter one (cmd/cmd.go).
const NO_DIGEST = '0'.repeat(64)

export const modelsCodec: ModelsCodec = {
  listPath: '/api/tags',
  decodeList,
  encodeList(cards) {
    return { models: cards.map((card) => encodeCard(card)) }
  },
  encodeOne,
  running: {
    path: '/api/ps',
    decode: decodeList,
    encode: (cards) => ({ models: cards.map((card) => encodeRunning(card)) }),
  },
}

function decodeList(body: Json): readonly ModelCard[] {
  return ObjectReader.of(body, '')
    .items('models')
    .map((item) => decodeCard(ObjectReader.of(item.value, item.path)))
}

function decodeCard(reader: ObjectReader): ModelCard {
  const model = reader.optionalString('model')
  const name = reader.optionalString('name')
  const modifiedAt = reader.optionalString('modified_at')
  const createdMs = readTimestamp(modifiedAt)
  const details = reader.optionalObject('details')
  const known = {
    createdMs,
    sizeBytes: reader.optionalNumber('size'),
    parameterSize: filled(details?.optionalString('parameter_size')),
    family: filled(details?.optionalString('family')),
    quantization: filled(details?.optionalString('quantization_level')),
    contextTokens: details?.optionalNumber('context_length'),
    capabilities: reader.optionalStrings('capabilities'),
  }
  return {
    id: model ?? name ?? reader.string('model'),
    ...compact(known),
    ...leftovers.keptFields(
      { ...reader.rest(), ...compact({ details: details?.rest() }) },
      compact({
        name: name === model ? undefined : name,
        modified_at: createdMs === undefined ? undefined : modifiedAt,
      }),
    ),
  }
}

function encodeCard(card: ModelCard): JsonObject {
  const { details: _, ...fields } = leftovers.fieldsOf(card)
  return {
    digest: NO_DIGEST,
    ...fields,
    name: leftovers.shapeOf(card)['name'] ?? card.id,
    model: card.id,
    modified_at: modifiedAt(card),
    size: card.sizeBytes ?? 0,
    details: detailsOf(card),
    ...compact({ capabilities: card.capabilities }),
  }
}

/** An entry of /api/ps. When a model leaves memory, and how much of it a graphics card holds, is printed where it is known. */
function encodeRunning(card: ModelCard): JsonObject {
  const { modified_at: _, ...listed } = encodeCard(card)
  return {
    expires_at: NO_TIME,
    size_vram: 0,
    ...compact({ context_length: card.contextTokens }),
    ...listed,
  }
}

/** The answer of /api/show. Every model of a gateway can at least complete; a context length nobody knows is left out. */
function encodeOne(card: ModelCard): Json {
  const architecture = card.family ?? 'unknown'
  return {
    license: '',
    modelfile: '',
    parameters: '',
    template: '',
    details: detailsOf(card),
    model_info: {
      'general.architecture': architecture,
      ...compact({ [`${architecture}.context_length`]: card.contextTokens }),
    },
    capabilities: card.capabilities ?? ['completion'],
    modified_at: modifiedAt(card),
  }
}

function detailsOf(card: ModelCard): JsonObject {
  const fields = leftovers.fieldsOf(card)['details']
  return {
    parent_model: '',
    format: '',
    families: card.family === undefined ? [] : [card.family],
    ...(isObject(fields) ? fields : {}),
    family: card.family ?? '',
    parameter_size: card.parameterSize ?? '',
    quantization_level: card.quantization ?? '',
    ...compact({ context_length: card.contextTokens }),
  }
}

function modifiedAt(card: ModelCard): Json {
  return (
    leftovers.shapeOf(card)['modified_at'] ??
    (card.createdMs === undefined ? NO_TIME : writeTimestamp(card.createdMs))
  )
}

function filled(text: string | undefined): string | undefined {
  return text === '' ? undefined : text
}
