// Errors: `{"error": "text"}` with a status before the first byte, or the same as a line of the stream after it.
import { compact } from '../../canonical/compact.ts'
import { GatewayError, type ErrorKind, kindOfStatus } from '../../canonical/errors.ts'
import { type Json, type JsonObject, isObject } from '../../wire/json.ts'
import type { WireResponse } from '../../wire/message.ts'
import type { ErrorCodec } from '../dialect.ts'
import { leftovers } from './extension.ts'
import { DIALECT, JSON_HEADERS } from './wire-types.ts'

interface Reason {
  readonly kind: ErrorKind
  readonly code?: string
}

// The wire has no type and no code: only these phrases of the server's own source tell more than the status.
const PHRASES: readonly (Reason & { readonly says: readonly string[] })[] = [
  { says: ['context length'], kind: 'context_length', code: 'context_length_exceeded' },
  { says: ['available context'], kind: 'context_length', code: 'context_length_exceeded' },
  { says: ['context window'], kind: 'context_length', code: 'context_length_exceeded' },
  { says: ['does not support'], kind: 'unsupported' },
  { says: ['is not supported for this model'], kind: 'unsupported' },
  { says: ['server busy'], kind: 'overloaded' },
  { says: ['maximum pending requests'], kind: 'overloaded' },
  { says: ['model', 'not found'], kind: 'not_found', code: 'model_not_found' },
  { says: ['unauthorized'], kind: 'auth' },
]

// Statuses so general that the text may say better.
const GENERAL: ReadonlySet<ErrorKind> = new Set(['invalid_request', 'internal', 'upstream'])
// Our own credential or account failed: nothing the client could repair.
const OURS: ReadonlySet<ErrorKind> = new Set(['auth', 'permission', 'quota'])
const MAX_MESSAGE = 2000

export const errorCodec: ErrorCodec = { decode: decodeError, encode: encodeError }

function decodeError(wire: WireResponse): GatewayError {
  const { status, body } = wire
  const message = textOfError(body) ?? plainText(wire.text) ?? `The provider answered ${status}.`
  const reason = reasonOf(message, kindOfStatus(status))
  const retryAfter = Number(wire.headers['retry-after'])
  return new GatewayError(reason.kind, message, {
    origin: 'upstream',
    upstream: compact({ status, body }),
    ...compact({
      code: reason.code,
      status: status >= 400 && kindOfStatus(status) === reason.kind ? status : undefined,
      retryAfterMs: retryAfter > 0 ? retryAfter * 1000 : undefined,
    }),
    ...leftovers.keptFields(restOf(body)),
  })
}

/** An error line of a stream, or an error in a body that came with status 200: there is only the text to go by. */
export function decodeErrorBody(body: JsonObject): GatewayError {
  const message = textOfError(body) ?? 'The provider broke off with an error it did not explain.'
  const reason = reasonOf(message, 'upstream')
  return new GatewayError(reason.kind, message, {
    origin: 'upstream',
    upstream: { body },
    ...compact({ code: reason.code }),
    ...leftovers.keptFields(restOf(body)),
  })
}

function encodeError(error: GatewayError): WireResponse {
  const seconds =
    error.retryAfterMs === undefined ? undefined : String(Math.ceil(error.retryAfterMs / 1000))
  return {
    status: statusFor(error),
    headers: { ...JSON_HEADERS, ...compact({ 'retry-after': seconds }) },
    body: encodeErrorBody(error),
  }
}

/** The line or body: the text is always a string, as every client reads it. */
export function encodeErrorBody(error: GatewayError): JsonObject {
  const fields = isOurs(error) ? {} : error.extensions?.[DIALECT]?.fields
  return { ...fields, error: error.message === '' ? 'The request failed.' : error.message }
}

function statusFor(error: GatewayError): number {
  return isOurs(error) ? 502 : error.status
}

function isOurs(error: GatewayError): boolean {
  return error.origin === 'upstream' && OURS.has(error.kind)
}

function reasonOf(message: string, byStatus: ErrorKind): Reason {
  const text = message.toLowerCase()
  const phrase = PHRASES.find(({ says }) => says.every((words) => text.includes(words)))
  if (phrase === undefined) return { kind: byStatus }
  return GENERAL.has(byStatus) || phrase.kind === byStatus ? phrase : { kind: byStatus }
}

/** Ollama's own string, or what a proxy in front of it wrote instead. */
function textOfError(body: Json | undefined): string | undefined {
  if (!isObject(body)) return undefined
  const { error } = body
  const candidates = [error, isObject(error) ? error['message'] : undefined, body['message']]
  for (const candidate of candidates) {
    const text = typeof candidate === 'string' ? plainText(candidate) : undefined
    if (text !== undefined) return text
  }
  return undefined
}

/** Short plain text; undefined for nothing and for markup. */
function plainText(text: string | undefined): string | undefined {
  const trimmed = (text ?? '').trim()
  const markup = trimmed.startsWith('<') || trimmed.toLowerCase().includes('<html')
  return trimmed === '' || markup ? undefined : trimmed.slice(0, MAX_MESSAGE)
}

function restOf(body: Json | undefined): JsonObject | undefined {
  if (!isObject(body)) return undefined
  const { error: _, ...rest } = body
  return rest
}
