// One chunk of a message's content: text, image, document, file, sound, thinking; any other kind is kept whole for this dialect.
import { compact } from '../../canonical/compact.ts'
import { GatewayError } from '../../canonical/errors.ts'
import type { MediaPart, MediaSource, Part } from '../../canonical/part.ts'
import { type Item, type Json, type JsonObject, ObjectReader, isObject } from '../../wire/json.ts'
import { readDataUrl, sniffMediaType } from '../lowering/media-type.ts'
import { leftOf } from '../leftovers.ts'
import { leftovers } from './extension.ts'
import { decodeThinking, encodeThinking } from './thinking.ts'
import { MISTRAL_CHAT } from './wire-types.ts'

export function decodeChunk(item: Item): Part {
  const reader = ObjectReader.of(item.value, item.path)
  const type = reader.string('type')
  const decode = Object.hasOwn(DECODERS, type) ? DECODERS[type] : undefined
  return (
    decode?.(reader) ?? {
      type: 'opaque',
      origin: { dialect: MISTRAL_CHAT },
      what: type,
      native: item.value,
    }
  )
}

/** Undefined where the chunk has a form that is unknown. */
const DECODERS: Readonly<Record<string, (reader: ObjectReader) => Part | undefined>> = {
  text: (reader) => ({
    type: 'text',
    text: reader.string('text'),
    ...leftovers.keptFields(reader.rest()),
  }),
  thinking: (reader) => decodeThinking(reader),
  image_url: (reader) => {
    const bare = typeof reader.peek('image_url') === 'string'
    const image = bare ? undefined : reader.object('image_url')
    const url = image === undefined ? reader.string('image_url') : image.string('url')
    return {
      type: 'image',
      source: urlSource(url),
      ...compact({ detail: image?.optionalString('detail') }),
      ...leftovers.keptFields(leftOf(reader, { image_url: image }), {
        image: bare ? 'string' : 'object',
      }),
    }
  },
  document_url: (reader) => {
    if (typeof reader.peek('document_url') !== 'string') return undefined
    const source = urlSource(reader.string('document_url'))
    const filename = reader.optionalString('document_name')
    return {
      type: 'file',
      source,
      ...compact({ filename }),
      ...leftovers.keptFields(reader.rest()),
    }
  },
  file: (reader) => {
    if (typeof reader.peek('file_id') !== 'string') return undefined
    const source = { kind: 'file' as const, id: reader.string('file_id'), dialect: MISTRAL_CHAT }
    return { type: 'file', source, ...leftovers.keptFields(reader.rest()) }
  },
  input_audio: (reader) => {
    const inner = isObject(reader.peek('input_audio')) ? reader.object('input_audio') : undefined
    const data = inner === undefined ? reader.string('input_audio') : inner.string('data')
    const format = inner?.optionalString('format')
    return {
      type: 'audio',
      source: audioSource(data, format),
      ...leftovers.keptFields(leftOf(reader, { input_audio: inner }), {
        audio: inner === undefined ? undefined : 'object',
        format,
        uri: data.startsWith('data:') ? true : undefined,
      }),
    }
  },
}

/** Only what prints to the same text again becomes data. */
function urlSource(url: string): MediaSource {
  const inside = readDataUrl(url)
  if (inside === undefined) return { kind: 'url', url }
  const source: MediaSource = { kind: 'base64', ...inside }
  return addressOf(source) === url ? source : { kind: 'url', url }
}

/** An address, a data URL, or bare base64 whose kind is told or found by its first bytes. */
function audioSource(data: string, format: string | undefined): MediaSource {
  if (/^(?:https?|data):/i.test(data)) return urlSource(data)
  const told = format === undefined ? undefined : `audio/${format === 'mp3' ? 'mpeg' : format}`
  return { kind: 'base64', data, ...compact({ mediaType: told ?? sniffMediaType(data) }) }
}

function addressOf(source: MediaSource): string | undefined {
  if (source.kind === 'url') return source.url
  if (source.kind !== 'base64') return undefined
  return `data:${source.mediaType ?? ''};base64,${source.data}`
}

/** Whether a media part has a chunk to stand in. */
export function isPrintable({ type, source }: MediaPart): boolean {
  if (source.kind === 'file') return type === 'file' && source.dialect === MISTRAL_CHAT
  return type !== 'video' && (source.kind === 'base64' || source.kind === 'url')
}

/** Throws GatewayError for a part that `lower` would have taken away. */
export function encodeChunk(part: Part): Json {
  switch (part.type) {
    case 'text':
    case 'refusal':
      return leftovers.printed(part, { type: 'text', text: part.text })
    case 'reasoning':
      return encodeThinking(part)
    case 'image':
    case 'audio':
    case 'file':
      if (isPrintable(part)) return encodeMedia(part)
      break
    case 'opaque':
      return part.native
    default:
      break
  }
  throw new GatewayError(
    'unsupported',
    `Mistral's chat API has no way to say a part of type "${part.type}" here. Send it in another form.`,
  )
}

function encodeMedia(part: MediaPart): JsonObject {
  const { source, filename, detail } = part
  const shape = leftovers.shapeOf(part)
  const url = addressOf(source)
  switch (part.type) {
    case 'image': {
      const bare = shape['image'] !== 'object' && detail === undefined
      return leftovers.printed(part, {
        type: 'image_url',
        image_url: bare ? url : compact({ url, detail }),
      })
    }
    case 'audio': {
      const bare = source.kind === 'base64' && shape['uri'] !== true ? source.data : url
      const { format } = shape
      const audio = shape['audio'] === 'object' ? compact({ data: bare, format }) : bare
      return leftovers.printed(part, { type: 'input_audio', input_audio: audio })
    }
    default:
      if (source.kind === 'file')
        return leftovers.printed(part, { type: 'file', file_id: source.id })
      return leftovers.printed(
        part,
        compact({ type: 'document_url', document_url: url, document_name: filename }),
      )
  }
}
