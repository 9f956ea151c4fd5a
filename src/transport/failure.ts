// What went wrong below HTTP, in words that name neither host nor secret.
import { GatewayError } from '../canonical/errors.ts'

/** Phases with a clock of their own. */
export type Phase = 'connect' | 'first byte' | 'idle' | 'total'

const PHASES: Record<Phase, { readonly code: string; readonly what: string }> = {
  connect: { code: 'connect_timeout', what: 'No connection' },
  'first byte': { code: 'first_byte_timeout', what: 'No answer' },
  idle: { code: 'idle_timeout', what: 'The answer stopped in the middle: nothing more' },
  total: { code: 'total_timeout', what: 'The answer was not finished' },
}

export function timeoutError(phase: Phase, ms: number): GatewayError {
  const { code, what } = PHASES[phase]
  return new GatewayError('timeout', `${what} within ${ms / 1000} s.`, {
    origin: 'upstream',
    code,
  })
}

export function cancelledError(): GatewayError {
  return new GatewayError('cancelled', 'The request was cancelled.', { origin: 'client' })
}

/** A signal's own reason when it says more than "aborted", as that of `AbortSignal.timeout` does. */
export function abortError(signal: AbortSignal): GatewayError {
  const reason: unknown = signal.reason
  if (reason instanceof GatewayError) return reason
  if (!(reason instanceof Error) || reason.name !== 'TimeoutError') return cancelledError()
  return new GatewayError('timeout', 'The time that the caller gave has run out.', {
    origin: 'client',
    code: 'caller_timeout',
  })
}

interface Explanation {
  readonly code: string
  readonly message: string
}

const UNREACHABLE = 'upstream_unreachable'
const EXPLANATIONS: Readonly<Record<string, Explanation>> = {
  ECONNREFUSED: {
    code: UNREACHABLE,
    message: 'The connection was refused. Is the provider running, and is its base URL right?',
  },
  ENOTFOUND: {
    code: UNREACHABLE,
    message: 'The host name is not known. Is the base URL right?',
  },
  EAI_AGAIN: {
    code: UNREACHABLE,
    message: 'The host name could not be looked up. Is this machine online?',
  },
  ENETUNREACH: {
    code: UNREACHABLE,
    message: 'There is no route to the host. Is this machine online?',
  },
  EHOSTUNREACH: {
    code: UNREACHABLE,
    message: 'There is no route to the host. Is this machine online?',
  },
  ETIMEDOUT: { code: UNREACHABLE, message: 'The connection was not accepted in time.' },
  UND_ERR_HEADERS_OVERFLOW: {
    code: 'upstream_bad_http',
    message: 'The headers of the answer are too large.',
  },
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: {
    code: 'upstream_closed',
    message: 'The connection was closed in the middle of the answer.',
  },
}
const CLOSED: Explanation = {
  code: 'upstream_closed',
  message: 'The connection was closed before the answer was whole.',
}
const BAD_HTTP: Explanation = {
  code: 'upstream_bad_http',
  message: 'The answer is not HTTP.',
}
const BAD_TLS: Explanation = {
  code: 'upstream_tls',
  message: 'The certificate or TLS set-up was not accepted.',
}

/** Any failure of a socket or of undici as a GatewayError; its own text stays in the cause. */
export function connectionError(thrown: unknown): GatewayError {
  if (thrown instanceof GatewayError) return thrown
  const { code, message } = explanation(thrown)
  return new GatewayError('upstream', message, { origin: 'upstream', code, cause: thrown })
}

function explanation(thrown: unknown): Explanation {
  if (thrown instanceof Error && thrown.name === 'HTTPParserError') return BAD_HTTP
  const code = codeOf(thrown)
  if (code === undefined) return CLOSED
  if (/CERT|_TLS_|SSL/.test(code)) return BAD_TLS
  return EXPLANATIONS[code] ?? CLOSED
}

// Dialling several addresses gives an AggregateError whose code is that of the last one, or none.
function codeOf(thrown: unknown): string | undefined {
  if (typeof thrown !== 'object' || thrown === null) return undefined
  if ('code' in thrown && typeof thrown.code === 'string') return thrown.code
  if (thrown instanceof AggregateError) return codeOf(thrown.errors[0])
  return undefined
}
