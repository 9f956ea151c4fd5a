// What an error body says, in whichever of the known forms it comes.
import { compact } from '../../canonical/compact.ts'
import { type Json, type JsonObject, isArray, isObject } from '../../wire/json.ts'
import type { WireResponse } from '../../wire/message.ts'
import { readableText } from '../error-text.ts'

export interface Failure {
  readonly message: string
  readonly code?: string
  readonly type?: string
  readonly param?: string
  /** A code that is a number, as a status in the body is. */
  readonly number?: number
  /** Words that say more than the message, for finding the kind; never shown. */
  readonly hint?: string
  /** Fields that a client may see again. */
  readonly keep?: JsonObject
}

/** In the order of how much they say: error object, error string, the root itself, `detail`, an array of one, no JSON. */
export function readFailure(wire: WireResponse): Failure {
  const found = wire.body === undefined ? undefined : fromBody(wire.body)
  return { ...found, message: readableText(found?.message) ?? statusText(wire.status) }
}

/** Whether a frame or a body is an error rather than an answer. `error: null` is none. */
export function hasFailure(body: JsonObject): boolean {
  const { error } = body
  return error !== undefined && error !== null && error !== false && error !== ''
}

function fromBody(body: Json): Partial<Failure> | undefined {
  if (typeof body === 'string') return { message: body }
  if (isArray(body)) {
    const [first] = body
    return first === undefined ? undefined : fromBody(first)
  }
  if (!isObject(body)) return undefined
  const { error, detail, message } = body
  if (isObject(error)) return { ...fromRoot(error), ...compact({ hint: hintOf(error) }) }
  if (typeof error === 'string') return { ...fromRoot(body), message: error }
  if (detail !== undefined && message === undefined) {
    return { ...fromRoot(body), message: fromDetail(detail) }
  }
  return fromRoot(body)
}

function fromRoot(root: JsonObject): Partial<Failure> {
  const { message, code, type, param, error_type: errorType, statusCode, status } = root
  const number = [code, statusCode, status].find((value) => typeof value === 'number')
  const keep = Object.fromEntries(KEPT.flatMap((key) => (key in root ? [[key, root[key]]] : [])))
  const numeric = typeof code === 'number' ? String(code) : undefined
  return compact({
    message: typeof message === 'string' ? message : undefined,
    code: typeof code === 'string' ? code : numeric,
    type: [type, errorType].find((value) => typeof value === 'string'),
    param: typeof param === 'string' ? param : undefined,
    number,
    keep,
  })
}

/** Fields that explain and hold nothing of the gateway's account. OpenRouter's `metadata` does: it quotes whole upstream bodies. */
const KEPT = ['innererror', 'failed_generation', 'n_prompt_tokens', 'n_ctx'] as const

function hintOf(error: JsonObject): string | undefined {
  const { metadata } = error
  return metadata === undefined ? undefined : JSON.stringify(metadata)
}

/** FastAPI: a text, or a list of what is wrong where. */
function fromDetail(detail: Json): string {
  if (typeof detail === 'string') return detail
  if (!isArray(detail)) return ''
  return detail
    .filter((item) => isObject(item))
    .map(({ loc, msg }) => `${pathOf(loc)}: ${typeof msg === 'string' ? msg : 'invalid'}`)
    .join('; ')
}

function pathOf(loc: Json | undefined): string {
  if (!isArray(loc)) return ''
  return loc.filter((step) => typeof step === 'string' || typeof step === 'number').join('.')
}

const STATUS_TEXTS: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  402: 'Payment Required',
  403: 'Forbidden',
  404: 'Not Found',
  408: 'Request Timeout',
  409: 'Conflict',
  413: 'Content Too Large',
  422: 'Unprocessable Content',
  429: 'Too Many Requests',
  500: 'Internal Server Error',
  502: 'Bad Gateway',
  503: 'Service Unavailable',
  504: 'Gateway Timeout',
}

function statusText(status: number): string {
  return `The provider answered with status ${status} (${STATUS_TEXTS[status] ?? 'no explanation'}).`
}
