// `inlineData` and `fileData`: pictures, sound, films and documents, by value or by address.
import { compact } from '../../canonical/compact.ts'
import type { MediaPart, MediaSource } from '../../canonical/part.ts'
import type { JsonObject } from '../../wire/json.ts'
import { sniffMediaType } from '../lowering/media-type.ts'
import { leftovers } from './extension.ts'
import type { Fields } from './fields.ts'
import { GEMINI } from './wire-types.ts'

/** Files that only the vendor can read: its own file service and its cloud storage. */
const VENDORS_FILE = /^(?:gs:|files\/|https:\/\/generativelanguage\.googleapis\.com\/)/

interface DecodedMedia {
  readonly type: MediaPart['type']
  readonly source: MediaSource
  readonly filename?: string
  readonly shape: JsonObject
}

/** `data` is the object under `inlineData`. */
export function decodeInline(data: Fields): DecodedMedia {
  const mediaType = data.optionalString('mimeType')
  const filename = data.optionalString('displayName')
  return {
    type: typeOf(mediaType),
    source: { kind: 'base64', data: data.string('data'), ...compact({ mediaType }) },
    ...compact({ filename }),
    shape: { mimeType: mediaType ?? 'absent', named: filename === undefined ? undefined : true },
  }
}

/** `file` is the object under `fileData`. */
export function decodeFile(file: Fields): DecodedMedia {
  const mediaType = file.optionalString('mimeType')
  const filename = file.optionalString('displayName')
  const uri = file.string('fileUri')
  const source: MediaSource = VENDORS_FILE.test(uri)
    ? { kind: 'file', id: uri, dialect: GEMINI }
    : { kind: 'url', url: uri, ...compact({ mediaType }) }
  return {
    type: typeOf(mediaType),
    source,
    ...compact({ filename }),
    shape: { mimeType: mediaType ?? 'absent', named: filename === undefined ? undefined : true },
  }
}

/** Undefined for what this wire has no form for. The vendor wants a type, whoever left it out. */
export function encodeMedia(part: MediaPart): JsonObject | undefined {
  const { source, filename } = part
  const { mimeType: came, named } = leftovers.shapeOf(part)
  const displayName = named === true ? filename : undefined
  const known = typeof came === 'string' && came !== 'absent' ? came : undefined
  switch (source.kind) {
    case 'base64': {
      const guess = came === undefined ? guessedType(part, source.data) : undefined
      const mimeType = source.mediaType ?? known ?? guess
      return { inlineData: compact({ mimeType, data: source.data, displayName }) }
    }
    case 'url': {
      const mimeType = source.mediaType ?? known
      return { fileData: compact({ mimeType, fileUri: source.url, displayName }) }
    }
    case 'file':
      return { fileData: compact({ mimeType: known, fileUri: source.id, displayName }) }
    case 'text':
    case 'parts':
      return undefined
  }
}

const USUAL: Readonly<Record<MediaPart['type'], string>> = {
  image: 'image/png',
  audio: 'audio/wav',
  video: 'video/mp4',
  file: 'application/pdf',
}

function guessedType(part: MediaPart, data: string): string {
  return sniffMediaType(data) ?? USUAL[part.type]
}

function typeOf(mediaType: string | undefined): MediaPart['type'] {
  const family = mediaType?.split('/')[0]?.toLowerCase()
  return family === 'image' || family === 'audio' || family === 'video' ? family : 'file'
}
