// A request body: bytes to JSON, or a WireError that says what is wrong with them.
import { GatewayError } from '../canonical/errors.ts'
import { WireError } from '../wire/errors.ts'
import { type Json, parseJson } from '../wire/json.ts'

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
    return { json: parseJson(text), text }
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

function decoded(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    throw new WireError('not_utf8', 'The body holds bytes that are not UTF-8')
  }
}
