// Images and documents that a request names by address: which of them a target would lose, and their bytes in the place of the address. Pure.
import type { Note } from '../canonical/note.ts'
import type { MediaPart, MediaSource, Part } from '../canonical/part.ts'
import type { ChatRequest } from '../canonical/request.ts'
import { rewriteParts } from '../dialects/lowering/rewrite.ts'

export interface MediaAddress {
  readonly url: string
  readonly type: MediaPart['type']
  /** Of the first part that names it. */
  readonly path: string
}

const TYPES: ReadonlySet<string> = new Set(['image', 'audio', 'file', 'video'])

/** Whether lowering has dropped anything that could have been an address: a cheap question before the dear ones. */
export function losesMedia(notes: readonly Note[]): boolean {
  return notes.some(({ action, feature }) => action === 'dropped' && TYPES.has(feature))
}

/** Each address once, in order. */
function addressesIn(request: ChatRequest): readonly MediaAddress[] {
  const found = new Map<string, MediaAddress>()
  rewriteParts(request, (part, path) => {
    const url = addressOf(part)
    if (url !== undefined && isMedia(part) && !found.has(url)) {
      found.set(url, { url, type: part.type, path })
    }
    return [part]
  })
  return [...found.values()]
}

/** Those of `asked` that are not in `lowered` any more. */
export function lostAddresses(asked: ChatRequest, lowered: ChatRequest): readonly MediaAddress[] {
  const kept = new Set(addressesIn(lowered).map(({ url }) => url))
  return addressesIn(asked).filter(({ url }) => !kept.has(url))
}

/** With what was found at the addresses in their place. */
export function withMedia(
  request: ChatRequest,
  found: ReadonlyMap<string, MediaSource>,
): ChatRequest {
  return rewriteParts(request, (part) => {
    const source = found.get(addressOf(part) ?? '')
    return source === undefined || !isMedia(part) ? [part] : [{ ...part, source }]
  })
}

/** Stands for what is at an address, to find out whether a target would take it. */
export function sample(
  { type }: MediaAddress,
  at: number,
): MediaSource & { readonly kind: 'base64' } {
  const [mediaType, start] = SAMPLES[type]
  return { kind: 'base64', data: btoa(`${start}${at}`), mediaType }
}

const SAMPLES: Readonly<Record<MediaPart['type'], readonly [type: string, start: string]>> = {
  image: ['image/png', '\x89PNG\r\n\x1a\n'],
  file: ['application/pdf', '%PDF-'],
  audio: ['audio/mpeg', 'ID3'],
  video: ['video/mp4', 'ftyp'],
}

/** The base64 data of every part. */
export function dataIn(request: ChatRequest): ReadonlySet<string> {
  const found = new Set<string>()
  rewriteParts(request, (part) => {
    if (isMedia(part) && part.source.kind === 'base64') found.add(part.source.data)
    return [part]
  })
  return found
}

function isMedia(part: Part): part is MediaPart {
  return TYPES.has(part.type)
}

function addressOf(part: Part): string | undefined {
  if (!isMedia(part) || part.source.kind !== 'url') return undefined
  return /^https?:/i.test(part.source.url) ? part.source.url : undefined
}
