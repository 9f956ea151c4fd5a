// A request body: bytes to JSON, or a WireError that says what is wrong with them.
import { GatewayError } from '../canonical/errors.ts'
import { parseUnambiguous } from '../wire/duplicate-keys.ts'
import { WireError } from '../wire/errors.ts'
import type { Json } from '../wire/json.ts'

export interface ParsedBody {
  readonly json: Json
  /** As it came, without a byte order mark. */
  readonly text: string
}

/** No bytes at all is no body. */
export function parseBody(bytes: Uint8Array): ParsedBody | undefined {
  if (bytes.length === 0) return undefined
  const text = decoded(bytes)
  try {
    const { json, twice } = parseUnambiguous(text)
    if (twice !== undefined) {
      throw new WireError('duplicate_key', `"${shown(twice)}" stands there twice`)
    }
    return { json, text }
  } catch (error) {
    if (!(error instanceof WireError)) throw error
    throw new WireError(error.code, `The body cannot be read: ${error.message}`)
  }
}

/** Bodies come as they are: nobody's client compresses a request, and a bomb would have to be defused first. */
export function assertPlain(encoding: string | undefined): void {
  if (encoding === undefined || encoding === '' || encoding === 'identity') return
  throw new GatewayError(
    'invalid_request',
    'The request body is compressed. Send it without content-encoding.',
    { origin: 'client', status: 415, code: 'unsupported_content_encoding' },
  )
}

const LONGEST_SHOWN = 64

function shown(key: string): string {
  return key.slice(0, LONGEST_SHOWN).replaceAll(/[^\x20-\x7e]/g, '?')
}

/** What clients say of JSON that they send: curl says that it is a form, and Ollama's own examples leave it at that. */
const TAKEN = new Set([
  'application/json',
  'text/json',
  'text/plain',
  'application/x-www-form-urlencoded',
])
const MEDIA_TYPE =
  /^([\w!#$&^.+-]+\/[\w!#$&^.+-]+)(?:\s*;\s*[\w!#$&^.+-]+=(?:[\w!#$&^.+:-]+|"[^"\\]*"))*\s*;?$/

/** Whether a body of that type may be JSON. Throws GatewayError 415. */
export function assertJsonType(contentType: string | undefined): void {
  if (contentType === undefined || contentType === '' || contentType === 'application/json') return
  const type = MEDIA_TYPE.exec(contentType)?.[1]?.toLowerCase() ?? ''
  if (TAKEN.has(type) || /^application\/[\w.-]+\+json$/.test(type)) return
  throw new GatewayError(
    'invalid_request',
    'The content-type of the request is not that of JSON. Send application/json.',
    { origin: 'client', status: 415, code: 'unsupported_content_type' },
  )
}

const UTF_8 = new TextDecoder('utf-8', { fatal: true })

function decoded(bytes: Uint8Array): string {
  try {
    return UTF_8.decode(bytes)
  } catch {
    throw new WireError('not_utf8', 'The body holds bytes that are not UTF-8')
  }
}
