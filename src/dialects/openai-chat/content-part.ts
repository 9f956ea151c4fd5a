// One piece of a message's content: text, image, audio, file, refusal; any other kind is kept whole for this dialect.
import { compact } from '../../canonical/compact.ts'
import { GatewayError } from '../../canonical/errors.ts'
import type { MediaPart, MediaSource, Part } from '../../canonical/part.ts'
import { type Item, type Json, type JsonObject, ObjectReader } from '../../wire/json.ts'
import { decodeCache, encodeCache } from './cache.ts'
import { leftovers } from './extension.ts'
import type { Flags } from './flags.ts'
import { OPENAI_FILES } from '../openai-files.ts'
import { OPENAI_CHAT } from './wire-types.ts'

export function decodePart(item: Item): Part {
  const reader = ObjectReader.of(item.value, item.path)
  const type = reader.string('type')
  const decode = Object.hasOwn(DECODERS, type) ? DECODERS[type] : undefined
  if (decode === undefined) {
    return { type: 'opaque', origin: { dialect: OPENAI_CHAT }, what: type, native: item.value }
  }
  return decode(reader)
}

const DECODERS: Readonly<Record<string, (reader: ObjectReader) => Part>> = {
  text: (reader) => {
    const text = reader.string('text')
    const { cache, spelled } = decodeCache(reader)
    return {
      type: 'text',
      text,
      ...compact({ cache }),
      ...leftovers.kept(reader, { shape: { cache: spelled } }),
    }
  },
  refusal: (reader) => ({
    type: 'refusal',
    text: reader.string('refusal'),
    ...leftovers.kept(reader, { shape: { slot: 'content' } }),
  }),
  image_url: (reader) => {
    const bare = typeof reader.peek('image_url') === 'string'
    const image = bare ? undefined : reader.object('image_url')
    const url = image === undefined ? reader.string('image_url') : image.string('url')
    const detail = image?.optionalString('detail')
    const { cache, spelled } = decodeCache(reader)
    return {
      type: 'image',
      source: urlSource(url),
      ...compact({ detail, cache }),
      ...leftovers.kept(reader, {
        nested: { image_url: image },
        shape: {
          image: bare ? 'string' : undefined,
          cache: spelled,
        },
      }),
    }
  },
  input_audio: (reader) => {
    const audio = reader.object('input_audio')
    const data = audio.string('data')
    const format = audio.optionalString('format')
    const { cache, spelled } = decodeCache(reader)
    const source: MediaSource = /^https?:/i.test(data)
      ? { kind: 'url', url: data, ...compact({ mediaType: mediaTypeOf(format) }) }
      : { kind: 'base64', data, ...compact({ mediaType: mediaTypeOf(format) }) }
    return {
      type: 'audio',
      source,
      ...compact({ cache }),
      ...leftovers.kept(reader, {
        nested: { input_audio: audio },
        shape: { format, cache: spelled },
      }),
    }
  },
  file: (reader) => {
    const file = reader.object('file')
    const filename = file.optionalString('filename')
    const { cache, spelled } = decodeCache(reader)
    const { source, uri } = fileSource(file)
    return {
      type: 'file',
      source,
      ...compact({ filename, cache }),
      ...leftovers.kept(reader, { nested: { file }, shape: { uri, cache: spelled } }),
    }
  },
}

const DATA_URI = /^data:(?<mediaType>[^;,]*);base64,(?<data>.*)$/s

function urlSource(url: string): MediaSource {
  const groups = DATA_URI.exec(url)?.groups
  if (groups === undefined) return { kind: 'url', url }
  const mediaType = groups['mediaType'] === '' ? undefined : groups['mediaType']
  return { kind: 'base64', data: groups['data'] ?? '', ...compact({ mediaType }) }
}

/** `file_data` is a data URI by the book, bare base64 in practice too. */
function fileSource(file: ObjectReader): { readonly source: MediaSource; readonly uri?: string } {
  const data = file.optionalString('file_data')
  if (data === undefined) {
    return { source: { kind: 'file', id: file.string('file_id'), dialect: OPENAI_FILES } }
  }
  if (data.startsWith('data:') || /^https?:/i.test(data)) {
    return { source: urlSource(data), uri: 'uri' }
  }
  return { source: { kind: 'base64', data } }
}

function mediaTypeOf(format: string | undefined): string | undefined {
  if (format === undefined) return undefined
  return format === 'mp3' ? 'audio/mpeg' : `audio/${format}`
}

/** The `format` word of an audio media type. */
function audioFormat(mediaType: string | undefined): string | undefined {
  const subtype = mediaType?.split('/')[1]?.replace(/^x-/, '')
  return subtype === 'mpeg' ? 'mp3' : subtype
}

export function encodePart(part: Part, flags: Flags): JsonObject | Json {
  const shape = leftovers.shapeOf(part)
  const cache = encodeCache(part.cache, shape, flags)
  switch (part.type) {
    case 'text':
      return leftovers.printed(part, { type: 'text', text: part.text, ...cache })
    case 'refusal':
      return leftovers.printed(part, { type: 'refusal', refusal: part.text })
    case 'image': {
      const url = dataOrUrl(part.source)
      if (url === undefined) throw unprintable(part)
      const image = shape['image'] === 'string' ? url : compact({ url, detail: part.detail })
      return leftovers.printed(part, { type: 'image_url', image_url: image, ...cache })
    }
    case 'audio': {
      const { source } = part
      if (source.kind !== 'base64' && source.kind !== 'url') throw unprintable(part)
      const data = source.kind === 'url' ? source.url : source.data
      const spelled = shape['format']
      const format = typeof spelled === 'string' ? spelled : audioFormat(source.mediaType)
      return leftovers.printed(part, {
        type: 'input_audio',
        input_audio: compact({ data, format }),
        ...cache,
      })
    }
    case 'file':
      return leftovers.printed(part, { type: 'file', file: encodeFile(part, shape), ...cache })
    case 'opaque':
      return part.native
    default:
      throw unprintable(part)
  }
}

function encodeFile(part: MediaPart, shape: JsonObject): JsonObject {
  const { source, filename } = part
  if (source.kind === 'file') return compact({ filename, file_id: source.id })
  const bare = source.kind === 'base64' && source.mediaType === undefined && shape['uri'] !== 'uri'
  const data = bare ? source.data : dataOrUrl(source)
  if (data === undefined) throw unprintable(part)
  return compact({ filename, file_data: data })
}

function dataOrUrl(source: MediaSource): string | undefined {
  if (source.kind === 'url') return source.url
  if (source.kind !== 'base64') return undefined
  return `data:${source.mediaType ?? ''};base64,${source.data}`
}

function unprintable(part: Part): GatewayError {
  return new GatewayError(
    'unsupported',
    `The Chat Completions protocol has no way to say a part of type "${part.type}" here. Send it in another form.`,
  )
}
