// Failures: `{"error": {code, message, status, details}}`, alone, in a list of one, or as an event of a stream.
import { compact } from '../../canonical/compact.ts'
import { GatewayError, kindOfStatus } from '../../canonical/errors.ts'
import { type Json, type JsonObject, isArray, isObject } from '../../wire/json.ts'
import type { WireHeaders, WireResponse } from '../../wire/message.ts'
import type { ErrorCodec } from '../dialect.ts'
import { asSeenOutside } from '../own-account.ts'
import { readRetryAfter } from '../retry-hint.ts'
import { leftovers } from './extension.ts'
import { type Failure, WORDS, errorKind, reasonOf, retryDelayMs } from './rpc-status.ts'
import { GEMINI, JSON_HEADERS, type WireErrorBody } from './wire-types.ts'

export const error: ErrorCodec = { decode, encode }

const MAX_MESSAGE = 2000

function decode(wire: WireResponse): GatewayError {
  const { status, body } = wire
  const inside = errorOf(body)
  const failure = readFailure(inside, body ?? null)
  const said = failure ?? {
    word: undefined,
    message: plainText(wire.text) ?? `The provider answered ${status}.`,
    details: [],
  }
  return gatewayError(said, { status, wire, inside })
}

/** An error that came with status 200: as a body, or as an event of a stream. Undefined where the body is none. */
export function errorInBody(body: Json | undefined): GatewayError | undefined {
  const inside = errorOf(body)
  if (inside === undefined) return undefined
  const { code, status: word } = inside
  const coded = typeof code === 'number' && code >= 400 && code < 600
  // A word alone says which failure it is; the broadest status leaves it that.
  const status = coded ? code : typeof word === 'string' ? 500 : 502
  const failure = readFailure(inside, null) ?? {
    word: undefined,
    message: 'The provider broke off with an error it did not explain.',
    details: [],
  }
  return gatewayError(failure, {
    status,
    wire: { status, headers: {}, ...compact({ body }) },
    inside,
  })
}

interface Seen {
  readonly status: number
  readonly wire: WireResponse
  readonly inside: JsonObject | undefined
}

function gatewayError(failure: Failure, { status, wire, inside }: Seen): GatewayError {
  const kind = errorKind(status, failure)
  const reason = reasonOf(failure)
  const { code: _, message: __, status: ___, details, ...others } = inside ?? {}
  return new GatewayError(kind, failure.message, {
    origin: 'upstream',
    upstream: compact({ status, type: failure.word, body: wire.body }),
    ...compact({
      code:
        kind === 'context_length' ? 'context_length_exceeded' : reason === '' ? undefined : reason,
      status: status >= 400 && kindOfStatus(status) === kind ? status : undefined,
      retryAfterMs: kind === 'quota' ? undefined : retryAfter(failure, wire.headers),
    }),
    ...leftovers.keptFields(compact({ ...others, details }), { word: failure.word, status }),
  })
}

function retryAfter(failure: Failure, headers: WireHeaders): number | undefined {
  return retryDelayMs(failure) ?? readRetryAfter(headers)
}

/** The object under `error`, also where proxies have put the whole in a list. */
function errorOf(body: Json | undefined): JsonObject | undefined {
  const [first] = isArray(body) ? body : [body]
  const inside = isObject(first) ? first['error'] : undefined
  return isObject(inside) ? inside : undefined
}

/** `whole` is what a proxy may have written in another form. */
function readFailure(inside: JsonObject | undefined, whole: Json): Failure | undefined {
  const message = plainText(inside?.['message']) ?? textOf(whole)
  if (message === undefined) return undefined
  const { status, details } = inside ?? {}
  return {
    word: typeof status === 'string' ? status : undefined,
    message,
    details: isArray(details) ? details.filter((detail) => isObject(detail)) : [],
  }
}

function textOf(body: Json): string | undefined {
  if (!isObject(body)) return undefined
  return plainText(body['error']) ?? plainText(body['message']) ?? plainText(body['detail'])
}

/** Short plain text; undefined for nothing and for markup. */
function plainText(value: Json | undefined): string | undefined {
  const trimmed = typeof value === 'string' ? value.trim() : ''
  const markup = trimmed.startsWith('<') || trimmed.toLowerCase().includes('<html')
  return trimmed === '' || markup ? undefined : trimmed.slice(0, MAX_MESSAGE)
}

function encode(failure: GatewayError): WireResponse {
  const body = errorBody(failure)
  const { code } = body.error
  const seconds = waitMs(failure)
  return {
    status: code,
    headers: {
      ...JSON_HEADERS,
      ...compact({ 'retry-after': seconds === undefined ? undefined : inSeconds(seconds) }),
    },
    body,
  }
}

/** The body alone, as a stream says it too. */
export function errorBody(said: GatewayError): WireErrorBody {
  const failure = asSeenOutside(said)
  const own = failure.extensions?.[GEMINI]
  const word = own?.shape?.['word']
  const details = detailsOf(failure)
  const body: WireErrorBody['error'] = {
    code: failure.status,
    message: failure.message === '' ? 'The request failed.' : failure.message,
    status: typeof word === 'string' ? word : WORDS[failure.kind],
    ...(details.length === 0 ? {} : { details }),
    ...own?.fields,
  }
  return { error: body }
}

/** In the vendor's own words, which its clients look for: when to try again, or that it is of no use. */
function detailsOf(failure: GatewayError): readonly JsonObject[] {
  const wait = waitMs(failure)
  if (failure.kind === 'quota') {
    const violations = [{ quotaId: 'RequestsPerDay', description: failure.message }]
    return [{ '@type': 'type.googleapis.com/google.rpc.QuotaFailure', violations }]
  }
  if (wait === undefined) return []
  return [
    { '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: `${inSeconds(wait)}s` },
  ]
}

function waitMs(failure: GatewayError): number | undefined {
  return failure.retryable ? failure.retryAfterMs : undefined
}

function inSeconds(milliseconds: number): string {
  return String(Math.max(1, Math.ceil(milliseconds / 1000)))
}
