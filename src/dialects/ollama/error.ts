// Errors: `{"error": "text"}` with a status before the first byte, or the same as a line of the stream after it.
import { compact } from '../../canonical/compact.ts'
import { GatewayError, type ErrorKind, kindOfStatus } from '../../canonical/errors.ts'
import { type Json, type JsonObject, isObject } from '../../wire/json.ts'
import type { WireResponse } from '../../wire/message.ts'
import type { ErrorCodec } from '../dialect.ts'
import { readableText, saysTooLong } from '../error-text.ts'
import { asSeenOutside } from '../own-account.ts'
import { printRetryAfter, readRetryAfter } from '../retry-hint.ts'
import { leftovers } from './extension.ts'
import { JSON_HEADERS } from './wire-types.ts'

interface Reason {
  readonly kind: ErrorKind
  readonly code?: string
}

// The wire has no type and no code: only these phrases of the server's own source tell more than the status.
const PHRASES: readonly (Reason & { readonly says: readonly string[] })[] = [
  { says: ['does not support'], kind: 'unsupported' },
  { says: ['is not supported for this model'], kind: 'unsupported' },
  { says: ['server busy'], kind: 'overloaded' },
  { says: ['maximum pending requests'], kind: 'overloaded' },
  { says: ['model', 'not found'], kind: 'not_found', code: 'model_not_found' },
  { says: ['unauthorized'], kind: 'auth' },
]

const TOO_LONG: Reason = { kind: 'context_length', code: 'context_length_exceeded' }

// Statuses so general that the text may say better.
const GENERAL: ReadonlySet<ErrorKind> = new Set(['invalid_request', 'internal', 'upstream'])

export const errorCodec: ErrorCodec = { decode: decodeError, encode: encodeError }

function decodeError(wire: WireResponse): GatewayError {
  const { status, body } = wire
  const message = textOfError(body) ?? readableText(wire.text) ?? `The provider answered ${status}.`
  const reason = reasonOf(message, kindOfStatus(status))
  return new GatewayError(reason.kind, message, {
    origin: 'upstream',
    upstream: compact({ status, body }),
    ...compact({
      code: reason.code,
      status: status >= 400 && kindOfStatus(status) === reason.kind ? status : undefined,
      retryAfterMs: reason.kind === 'quota' ? undefined : readRetryAfter(wire.headers),
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

function encodeError(failure: GatewayError): WireResponse {
  return {
    status: asSeenOutside(failure).status,
    headers: { ...JSON_HEADERS, ...printRetryAfter(failure) },
    body: encodeErrorBody(failure),
  }
}

/** The line or body: the text is always a string, as every client reads it. */
export function encodeErrorBody(failure: GatewayError): JsonObject {
  const error = asSeenOutside(failure)
  const message = error.message === '' ? 'The request failed.' : error.message
  return { ...leftovers.fieldsOf(compact({ extensions: error.extensions })), error: message }
}

function reasonOf(message: string, byStatus: ErrorKind): Reason {
  const text = message.toLowerCase()
  const phrase = saysTooLong(text)
    ? TOO_LONG
    : PHRASES.find(({ says }) => says.every((words) => text.includes(words)))
  if (phrase === undefined) return { kind: byStatus }
  return GENERAL.has(byStatus) || phrase.kind === byStatus ? phrase : { kind: byStatus }
}

/** Ollama's own string, or what a proxy in front of it wrote instead. */
function textOfError(body: Json | undefined): string | undefined {
  if (!isObject(body)) return undefined
  const { error } = body
  const candidates = [error, isObject(error) ? error['message'] : undefined, body['message']]
  for (const candidate of candidates) {
    const text = readableText(candidate)
    if (text !== undefined) return text
  }
  return undefined
}

function restOf(body: Json | undefined): JsonObject | undefined {
  if (!isObject(body)) return undefined
  const { error: _, ...rest } = body
  return rest
}
