// What a failure says, in whichever of its forms it comes: an HTTP body, an `error` event, or a response that failed.
import { compact } from '../../canonical/compact.ts'
import { type Json, type JsonObject, isArray, isObject } from '../../wire/json.ts'
import type { WireResponse } from '../../wire/message.ts'

export interface Failure {
  readonly message: string
  readonly code?: string
  readonly type?: string
  readonly param?: string
}

export function readFailure(wire: WireResponse): Failure {
  const found = fromBody(wire.body)
  const message = found.message ?? ''
  return { ...found, message: isReadable(message) ? cut(message) : statusText(wire.status) }
}

/** Whether a body is a failure rather than an answer. */
export function hasFailure(body: JsonObject): boolean {
  const { error, status, type } = body
  return isObject(error) || typeof error === 'string' || status === 'failed' || type === 'error'
}

function fromBody(body: Json | undefined): Partial<Failure> {
  if (typeof body === 'string') return { message: body }
  if (isArray(body)) return fromBody(body[0])
  if (!isObject(body)) return {}
  const { error, detail, message } = body
  if (isObject(error)) return fromRoot(error)
  if (typeof error === 'string') return { ...fromRoot(body), message: error }
  return message === undefined && detail !== undefined
    ? { message: textOfDetail(detail) }
    : fromRoot(body)
}

/** The flat event of a stream is itself of type `error`, which says nothing more. */
function fromRoot(root: JsonObject): Partial<Failure> {
  const { message, code, type, param } = root
  return compact({
    message: typeof message === 'string' ? message : undefined,
    code: typeof code === 'string' || typeof code === 'number' ? String(code) : undefined,
    type: typeof type === 'string' && type !== 'error' ? type : undefined,
    param: typeof param === 'string' ? param : undefined,
  })
}

/** FastAPI: a text, or a list of what is wrong where. */
function textOfDetail(detail: Json): string {
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

const LONGEST = 2000

function cut(message: string): string {
  return message.length > LONGEST ? `${message.slice(0, LONGEST)}...` : message
}

/** A page of HTML says nothing to a person who reads an error. */
function isReadable(message: string): boolean {
  return message.trim() !== '' && !/<\/?[a-z!][^>]*>/i.test(message)
}

function statusText(status: number): string {
  return status >= 400
    ? `The provider answered with status ${status} and no explanation.`
    : 'The provider reported a failure without an explanation.'
}
