// What a refusal of the server, or its silence, means for the person at the terminal.
import { compact } from '../canonical/compact.ts'
import { GatewayError } from '../canonical/errors.ts'
import { type Json, isObject } from '../wire/json.ts'
import { CommandFailure, EXIT, type ExitCode, nextFor } from './exit.ts'

/** The message of an error body: `{ error: { message } }`, or the plain `{ error: "..." }`. */
export function messageIn(body: Json | undefined): string | undefined {
  const error = isObject(body) ? body['error'] : undefined
  return typeof error === 'string' ? error : textIn(error, 'message')
}

function textIn(value: Json | undefined, key: string): string | undefined {
  const text = isObject(value) ? value[key] : undefined
  return typeof text === 'string' ? text : undefined
}

const CREDENTIALS =
  'Give the admin token with --token or PATCHBAY_ADMIN_TOKEN, a client key with --key or PATCHBAY_KEY. Both were printed when Patchbay first started.'

/** An answer of status 400 and above. */
export function refusalOf(status: number, body: Json | undefined): CommandFailure {
  const message = messageIn(body) ?? `The server answered with status ${status}.`
  const next = nextFor(textIn(isObject(body) ? body['error'] : undefined, 'code'))
  if (status === 401 || status === 403) {
    return new CommandFailure(message, { code: EXIT.permission, next: next ?? CREDENTIALS })
  }
  return new CommandFailure(message, compact({ code: codeOf(status), next }))
}

function codeOf(status: number): ExitCode {
  return status === 502 || status === 503 || status === 504 ? EXIT.unavailable : EXIT.failure
}

/** A server that could not be asked. */
export function silenceOf(url: string, thrown: unknown): CommandFailure {
  if (thrown instanceof GatewayError && thrown.kind === 'permission') {
    return new CommandFailure(`${url} is not asked. ${thrown.message}`, { code: EXIT.usage })
  }
  return new CommandFailure(`No Patchbay answers at ${url} (${reasonOf(thrown)}).`, {
    code: EXIT.unavailable,
    next: 'Start one with: patchbay serve   (or name another with --url or PATCHBAY_URL)',
    cause: thrown,
  })
}

function reasonOf(thrown: unknown): string {
  const { code, cause } = thrown instanceof GatewayError ? thrown : {}
  const system = cause instanceof Error && 'code' in cause ? cause.code : undefined
  if (system === 'ECONNREFUSED') return 'connection refused'
  const word = typeof system === 'string' ? system : (code ?? 'connection failed')
  return word.toLowerCase().replaceAll('_', ' ')
}
