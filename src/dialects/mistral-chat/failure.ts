// What an error body says, in whichever of the known forms it comes.
import { compact } from '../../canonical/compact.ts'
import { type Json, type JsonObject, isArray, isObject } from '../../wire/json.ts'
import type { WireResponse } from '../../wire/message.ts'

export interface Failure {
  readonly message: string
  readonly code?: string
  readonly type?: string
  readonly param?: string
  /** A status told in the body. */
  readonly status?: number
}

/** Whether a body or a frame is an error rather than an answer. */
export function isFailure(body: Json | undefined): boolean {
  if (!isObject(body)) return false
  if (body['object'] === 'error') return true
  const { error, choices, detail, message } = body
  if (error !== undefined && error !== null && error !== '') return true
  return choices === undefined && (detail !== undefined || typeof message === 'string')
}

export function readFailure(wire: WireResponse): Failure {
  const found = wire.body === undefined ? {} : fromBody(wire.body)
  const { message = '' } = found
  return { ...found, message: isReadable(message) ? cut(message) : statusText(wire.status) }
}

function fromBody(body: Json): Partial<Failure> {
  if (typeof body === 'string') return { message: body }
  if (!isObject(body)) return {}
  const { error, detail } = body
  if (isObject(error)) return fromRoot(error)
  if (typeof error === 'string') return { ...fromRoot(body), message: error }
  return detail === undefined ? fromRoot(body) : { ...fromRoot(body), ...fromDetail(detail) }
}

/** The message may be an object itself, with the `detail` of a validation inside. */
function fromRoot(root: JsonObject): Partial<Failure> {
  const { message, code, type, param, raw_status_code: status } = root
  const inner = isObject(message) ? fromDetail(message['detail'] ?? message) : {}
  const number = typeof code === 'number' ? String(code) : undefined
  return {
    ...inner,
    ...compact({
      message: typeof message === 'string' ? message : inner.message,
      code: typeof code === 'string' ? code : number,
      type: typeof type === 'string' ? type : undefined,
      param: typeof param === 'string' ? param : inner.param,
      status: typeof status === 'number' ? status : undefined,
    }),
  }
}

/** A text, or a list of what is wrong where. */
function fromDetail(detail: Json): Partial<Failure> {
  if (typeof detail === 'string') return { message: detail }
  const faults = isArray(detail) ? detail.filter((item) => isObject(item)) : []
  if (faults.length === 0) return { message: JSON.stringify(detail) }
  const told = faults.map(({ loc, msg }) => ({
    path: pathOf(loc),
    text: typeof msg === 'string' ? msg : 'invalid',
  }))
  return {
    message: told.map(({ path, text }) => (path === '' ? text : `${path}: ${text}`)).join('; '),
    ...compact({ param: told.map(({ path }) => path).find((path) => path !== '') }),
  }
}

/** `["body", "messages", 0, "content"]` is `messages[0].content`. */
function pathOf(loc: Json | undefined): string {
  const steps = isArray(loc) ? loc : []
  const inBody = steps[0] === 'body' ? steps.slice(1) : steps
  return inBody.reduce<string>((path, step) => {
    if (typeof step === 'number') return `${path}[${step}]`
    if (typeof step !== 'string') return path
    return path === '' ? step : `${path}.${step}`
  }, '')
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
  return `The provider answered with status ${status} and no explanation.`
}
