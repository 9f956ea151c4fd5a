// Sources of images and documents.
import { compact } from '../../canonical/compact.ts'
import type { MediaSource } from '../../canonical/part.ts'
import type { JsonObject, ObjectReader } from '../../wire/json.ts'
import { DIALECT } from './wire-types.ts'

/** Undefined where the kind of source is not known here. `content` sources hold blocks and are read with the blocks. */
export function readSource(reader: ObjectReader): MediaSource | undefined {
  switch (reader.value('type')) {
    case 'base64':
      return {
        kind: 'base64',
        data: reader.string('data'),
        ...compact({ mediaType: reader.optionalString('media_type') }),
      }
    case 'url':
      return { kind: 'url', url: reader.string('url') }
    case 'file':
      return { kind: 'file', id: reader.string('file_id'), dialect: DIALECT }
    case 'text':
      return {
        kind: 'text',
        text: reader.string('data'),
        ...compact({ mediaType: reader.optionalString('media_type') }),
      }
    default:
      return undefined
  }
}

/** Undefined where this wire cannot say it. */
export function printSource(
  source: Exclude<MediaSource, { kind: 'parts' }>,
): JsonObject | undefined {
  switch (source.kind) {
    case 'base64':
      return { type: 'base64', media_type: source.mediaType, data: source.data }
    case 'url':
      return { type: 'url', url: source.url }
    case 'file':
      return source.dialect === DIALECT ? { type: 'file', file_id: source.id } : undefined
    case 'text':
      return { type: 'text', media_type: source.mediaType ?? 'text/plain', data: source.text }
  }
}
