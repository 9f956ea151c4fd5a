// Images, files, audio and video, in the forms that a target can take.
import { compact } from '../../canonical/compact.ts'
import type { Note } from '../../canonical/note.ts'
import type { MediaPart, MediaSource, Part } from '../../canonical/part.ts'
import { readDataUrl, sniffMediaType } from './media-type.ts'
import type { Pass } from './pass.ts'
import { rewriteParts } from './rewrite.ts'

/** The kinds of source the target takes, for each kind of media. */
export interface MediaRules extends Readonly<
  Record<MediaPart['type'], readonly MediaSource['kind'][]>
> {
  /** The dialect whose file ids the target knows; absent: any. */
  readonly dialect?: string
  /** The types of pictures that the target reads, where they come as data; absent: any. */
  readonly imageTypes?: readonly string[]
}

/** Names the type of base64 images as their bytes have it, reads `data:` URLs, makes text of text documents, and drops what the target cannot take. */
export function media(rules: MediaRules): Pass {
  return (request) => {
    const notes: Note[] = []
    const value = rewriteParts(
      request,
      (part, path) => (isMedia(part) ? acceptable(part, { rules, path, notes }) : [part]),
      MEDIA,
    )
    return { value, notes }
  }
}

const MEDIA = ['image', 'audio', 'video', 'file'] as const

function isMedia(part: Part): part is MediaPart {
  return (
    part.type === 'image' || part.type === 'audio' || part.type === 'video' || part.type === 'file'
  )
}

interface Place {
  readonly rules: MediaRules
  readonly path: string
  readonly notes: Note[]
}

function acceptable(original: MediaPart, { rules, path, notes }: Place): readonly Part[] {
  const part = typed(inlined(original, rules))
  if (accepts(part, rules) && isReadable(part, rules)) return [part]
  const about = { feature: part.type, path }
  const { source } = part
  if (source.kind === 'text' || source.kind === 'parts') {
    const reason = 'the target takes no such document; its content stands in its place'
    notes.push({ ...about, action: 'approximated', weight: 2, reason })
    return source.kind === 'parts' ? source.parts : [{ type: 'text', text: source.text }]
  }
  const reason = accepts(part, rules)
    ? `the target takes no ${part.type} of this type`
    : `the target takes no ${part.type} by ${source.kind}`
  notes.push({ ...about, action: 'dropped', weight: 3, reason })
  return []
}

function accepts({ type, source }: MediaPart, rules: MediaRules): boolean {
  if (!rules[type].includes(source.kind)) return false
  return source.kind !== 'file' || rules.dialect === undefined || rules.dialect === source.dialect
}

function inlined(part: MediaPart, rules: MediaRules): MediaPart {
  if (part.source.kind !== 'url' || !rules[part.type].includes('base64')) return part
  const inside = readDataUrl(part.source.url)
  if (inside === undefined) return part
  const mediaType = inside.mediaType ?? part.source.mediaType
  return { ...part, source: { kind: 'base64', data: inside.data, ...compact({ mediaType }) } }
}

/** What the bytes of a picture say goes before what its sender says of them: providers look at the bytes. */
function typed(part: MediaPart): MediaPart {
  if (part.type !== 'image' || part.source.kind !== 'base64') return part
  const { data, mediaType: declared } = part.source
  const mediaType = sniffMediaType(data) ?? (declared === undefined ? declared : spelled(declared))
  if (mediaType === undefined) return part
  const source = { ...part.source, mediaType }
  if (!mediaType.startsWith('image/')) return { ...part, type: 'file', source }
  return mediaType === declared ? part : { ...part, source }
}

/** `png` and `image/jpg` are no types, but everybody knows what is meant. */
function spelled(type: string): string {
  const full = type.includes('/') ? type : `image/${type}`
  return full === 'image/jpg' ? 'image/jpeg' : full
}

function isReadable({ type, source }: MediaPart, { imageTypes }: MediaRules): boolean {
  if (imageTypes === undefined || type !== 'image' || source.kind !== 'base64') return true
  return source.mediaType === undefined || imageTypes.includes(source.mediaType)
}
