// What a file is, by its first bytes or by its name.

interface Signature {
  readonly mediaType: string
  /** How the base64 text begins. */
  readonly start: string
  /** Base64 of bytes 9 to 11, for containers that name their content there. */
  readonly brand?: string
}

// Three bytes are four characters, so bytes 9 to 11 of the file are always characters 12 to 15 of the text.
const BRAND_AT = 12
const BRAND_LENGTH = 4

const SIGNATURES: readonly Signature[] = [
  { mediaType: 'image/png', start: 'iVBORw0KGgo' },
  { mediaType: 'image/jpeg', start: '/9j/' },
  { mediaType: 'image/gif', start: 'R0lGODdh' },
  { mediaType: 'image/gif', start: 'R0lGODlh' },
  { mediaType: 'image/webp', start: 'UklGR', brand: 'RUJQ' },
  { mediaType: 'audio/wav', start: 'UklGR', brand: 'QVZF' },
  { mediaType: 'audio/mpeg', start: 'SUQz' },
  { mediaType: 'audio/ogg', start: 'T2dnU' },
  { mediaType: 'audio/flac', start: 'ZkxhQ' },
  { mediaType: 'application/pdf', start: 'JVBERi0' },
]

/** The media type of base64 data; undefined where the first bytes say nothing known. */
export function sniffMediaType(base64: string): string | undefined {
  const brand = base64.slice(BRAND_AT, BRAND_AT + BRAND_LENGTH)
  return SIGNATURES.find(
    (signature) =>
      base64.startsWith(signature.start) &&
      (signature.brand === undefined || signature.brand === brand),
  )?.mediaType
}

/** The data and type inside a base64 `data:` URL; undefined for any other URL. */
export function readDataUrl(
  url: string,
): { readonly data: string; readonly mediaType?: string } | undefined {
  const comma = url.indexOf(',')
  if (comma === -1 || !/^data:/i.test(url)) return undefined
  const [mediaType = '', ...parameters] = url.slice('data:'.length, comma).split(';')
  if (parameters.at(-1)?.trim().toLowerCase() !== 'base64') return undefined
  const data = url.slice(comma + 1)
  return mediaType === '' ? { data } : { data, mediaType }
}

/** What every provider with eyes reads. */
export const USUAL_IMAGES = ['image/png', 'image/jpeg', 'image/gif', 'image/webp'] as const

const EXTENSIONS: ReadonlyMap<string, string> = new Map([
  ['png', 'image/png'],
  ['jpg', 'image/jpeg'],
  ['jpeg', 'image/jpeg'],
  ['gif', 'image/gif'],
  ['webp', 'image/webp'],
  ['wav', 'audio/wav'],
  ['mp3', 'audio/mpeg'],
  ['ogg', 'audio/ogg'],
  ['flac', 'audio/flac'],
  ['mp4', 'video/mp4'],
  ['webm', 'video/webm'],
  ['pdf', 'application/pdf'],
])

/** By how an address ends, without its query; undefined where that says nothing known. */
export function mediaTypeOfName(url: string): string | undefined {
  const extension = /\.(?<extension>\w+)(?:[?#]|$)/.exec(url)?.groups?.['extension']
  return EXTENSIONS.get(extension?.toLowerCase() ?? '')
}
