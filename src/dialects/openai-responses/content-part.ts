// One piece of a message's content: text, refusal, image, file; any other kind is kept whole for this dialect.
import { compact } from '../../canonical/compact.ts'
import { GatewayError } from '../../canonical/errors.ts'
import type { MediaPart, MediaSource, Part, TextPart } from '../../canonical/part.ts'
import type { Role } from '../../canonical/request.ts'
import {
  type Item,
  type Json,
  type JsonObject,
  ObjectReader,
  isArray,
  isObject,
} from '../../wire/json.ts'
import { decodeCache, encodeCache } from './cache.ts'
import { decodeAnnotation, encodeAnnotation } from './citations.ts'
import { leftovers } from './extension.ts'
import { OPENAI_FILES } from '../openai-files.ts'
import { OPENAI_RESPONSES } from './wire-types.ts'

/** `offset`: how much of an answer's text comes before. */
export function decodePart(item: Item, offset = 0): Part {
  const reader = ObjectReader.of(item.value, item.path)
  const type = reader.string('type')
  switch (type) {
    case 'input_text':
    case 'output_text':
    case 'text':
      return decodeText(reader, type, offset)
    case 'refusal':
      return {
        type: 'refusal',
        text: reader.string('refusal'),
        ...leftovers.owned(reader.rest()),
      }
    case 'input_image':
      return typeof reader.peek('image_url') === 'string' || isNamed(reader)
        ? decodeImage(reader)
        : opaque(type, item.value)
    case 'input_file':
      return decodeFile(reader)
    default:
      return opaque(type, item.value)
  }
}

function isNamed(reader: ObjectReader): boolean {
  return typeof reader.peek('file_id') === 'string'
}

function opaque(what: string, native: Json): Part {
  return { type: 'opaque', origin: { dialect: OPENAI_RESPONSES }, what, native }
}

function decodeText(reader: ObjectReader, kind: string, offset: number): TextPart {
  const text = reader.string('text')
  const { cache, spelled } = decodeCache(reader)
  const list = reader.peek('annotations')
  const cited = isArray(list) && list.every((entry) => isObject(entry))
  if (cited) reader.value('annotations')
  const citations = cited ? list.map((entry) => decodeAnnotation(entry, offset)) : []
  return {
    type: 'text',
    text,
    ...compact({ cache, citations: citations.length === 0 ? undefined : citations }),
    ...leftovers.keptFields(reader.rest(), {
      kind,
      cache: spelled,
      annotations: cited && citations.length === 0 ? 'empty' : undefined,
    }),
  }
}

function decodeImage(reader: ObjectReader): MediaPart {
  const url = reader.optionalString('image_url')
  const source: MediaSource =
    url === undefined
      ? { kind: 'file', id: reader.string('file_id'), dialect: OPENAI_FILES }
      : urlSource(url)
  const { cache, spelled } = decodeCache(reader)
  return {
    type: 'image',
    source,
    ...compact({ detail: reader.optionalString('detail'), cache }),
    ...leftovers.owned(reader.rest(), { cache: spelled }),
  }
}

/** `file_data` is a data URI by the book, bare base64 in practice too. */
function decodeFile(reader: ObjectReader): MediaPart {
  const data = reader.optionalString('file_data')
  const url = data === undefined ? reader.optionalString('file_url') : undefined
  const filename = reader.optionalString('filename')
  const { cache, spelled } = decodeCache(reader)
  return {
    type: 'file',
    source: fileSource(reader, data, url),
    ...compact({ filename, detail: reader.optionalString('detail'), cache }),
    ...leftovers.owned(reader.rest(), { cache: spelled }),
  }
}

function fileSource(
  reader: ObjectReader,
  data: string | undefined,
  url: string | undefined,
): MediaSource {
  if (data !== undefined) {
    return data.startsWith('data:') ? urlSource(data) : { kind: 'base64', data }
  }
  if (url !== undefined) return { kind: 'url', url }
  return { kind: 'file', id: reader.string('file_id'), dialect: OPENAI_FILES }
}

const DATA_URI = /^data:(?<mediaType>[^;,]*);base64,(?<data>.*)$/s

function urlSource(url: string): MediaSource {
  const groups = DATA_URI.exec(url)?.groups
  if (groups === undefined) return { kind: 'url', url }
  const mediaType = groups['mediaType'] === '' ? undefined : groups['mediaType']
  return { kind: 'base64', data: groups['data'] ?? '', ...compact({ mediaType }) }
}

/** A part of a message in a request. */
export function encodePart(part: Part, role: Role): Json {
  const shape = leftovers.shapeOf(part)
  const cache = encodeCache(part.cache, shape)
  switch (part.type) {
    case 'text': {
      const kind = shape['kind'] ?? (role === 'assistant' ? 'output_text' : 'input_text')
      const annotations = kind === 'output_text' ? encodeAnnotations(part, 0) : {}
      return leftovers.printed(part, { type: kind, text: part.text, ...annotations, ...cache })
    }
    case 'refusal':
      return leftovers.printed(part, { type: 'refusal', refusal: part.text })
    case 'image':
      return leftovers.printed(part, { type: 'input_image', ...imageFields(part), ...cache })
    case 'file':
      return leftovers.printed(part, { type: 'input_file', ...fileFields(part), ...cache })
    case 'opaque':
      return part.native
    default:
      throw unprintable(part)
  }
}

/** `{annotations}`; nothing where the source had no such key and there is still nothing to say. */
export function encodeAnnotations(part: TextPart, offset: number): JsonObject {
  const place = { offset, length: part.text.length }
  const list = (part.citations ?? [])
    .map((citation) => encodeAnnotation(citation, place))
    .filter((annotation) => annotation !== undefined)
  const silent = leftovers.isOwn(part) && leftovers.shapeOf(part)['annotations'] !== 'empty'
  return list.length === 0 && silent ? {} : { annotations: list }
}

function imageFields(part: MediaPart): JsonObject {
  const { source } = part
  const detail = part.detail ?? (leftovers.isOwn(part) ? undefined : 'auto')
  if (source.kind === 'file') return compact({ file_id: source.id, detail })
  const url = dataOrUrl(source)
  if (url === undefined) throw unprintable(part)
  return compact({ image_url: url, detail })
}

function fileFields(part: MediaPart): JsonObject {
  const { source, filename, detail } = part
  if (source.kind === 'file') return compact({ file_id: source.id, filename, detail })
  if (source.kind === 'url') return compact({ file_url: source.url, filename, detail })
  const bare = source.kind === 'base64' && source.mediaType === undefined
  const data = bare ? source.data : dataOrUrl(source)
  if (data === undefined) throw unprintable(part)
  const named = filename ?? (leftovers.isOwn(part) ? undefined : 'file')
  return compact({ file_data: data, filename: named, detail })
}

function dataOrUrl(source: MediaSource): string | undefined {
  if (source.kind === 'url') return source.url
  if (source.kind !== 'base64') return undefined
  return `data:${source.mediaType ?? ''};base64,${source.data}`
}

function unprintable(part: Part): GatewayError {
  return new GatewayError(
    'unsupported',
    `The Responses protocol has no way to say a part of type "${part.type}" here. Send it in another form.`,
  )
}
