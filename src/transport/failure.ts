// What went wrong below the provider's protocol, in words that name neither host nor secret, with how far the call had come.
import type { Breakage, BreakageCause } from '../canonical/breakage.ts'
import { GatewayError } from '../canonical/errors.ts'
import { type SocketState, socketStateOf } from './socket-state.ts'

/** Phases with a clock of their own. */
export type Phase = 'look-up' | 'connect' | 'first byte' | 'idle' | 'total'

interface PhaseWords {
  readonly kind: 'timeout' | 'upstream'
  readonly cause: BreakageCause
  readonly sent: Breakage['sent']
  readonly code: string
  readonly what: string
}

const UNREACHABLE = 'upstream_unreachable'
const LATE = 'upstream_timeout'
const PHASES: Readonly<Record<Phase, PhaseWords>> = {
  'look-up': {
    kind: 'upstream',
    cause: 'dns_timeout',
    sent: 'nothing',
    code: UNREACHABLE,
    what: 'The host name was not looked up',
  },
  connect: {
    kind: 'timeout',
    cause: 'connect_timeout',
    sent: 'nothing',
    code: LATE,
    what: 'No connection',
  },
  'first byte': {
    kind: 'timeout',
    cause: 'ttft_timeout',
    sent: 'all',
    code: LATE,
    what: 'No answer',
  },
  idle: {
    kind: 'timeout',
    cause: 'idle_timeout',
    sent: 'all',
    code: LATE,
    what: 'The answer stopped in the middle: nothing more',
  },
  total: {
    kind: 'timeout',
    cause: 'total_timeout',
    sent: 'all',
    code: 'deadline_exceeded',
    what: 'The answer was not finished',
  },
}

export function timeoutError(phase: Phase, ms: number): GatewayError {
  const { kind, cause, sent, code, what } = PHASES[phase]
  return new GatewayError(kind, `${what} within ${ms / 1000} s.`, {
    origin: 'upstream',
    code,
    breakage: { cause, sent },
  })
}

/** A body over the limit of who reads it. */
export function tooLongError(maxBytes: number): GatewayError {
  return new GatewayError('upstream', `The answer is longer than ${maxBytes} bytes.`, {
    origin: 'upstream',
    code: 'upstream_too_large',
    breakage: { cause: 'too_large', sent: 'all' },
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

/** How far a call had come: no connection yet, the request on its way, the first bytes of an answer, its head. */
export type Progress = 'connecting' | 'asked' | 'begun' | 'answering'

interface Explanation extends Breakage {
  readonly code: string
  readonly message: string
}

const OFFLINE = {
  cause: 'unreachable',
  message: 'There is no route to the host. Is this machine online?',
} as const

/** Failures of the way to the provider, by the system's own codes. */
const WAYS: Readonly<Record<string, { readonly cause: BreakageCause; readonly message: string }>> =
  {
    ECONNREFUSED: {
      cause: 'connect_refused',
      message: 'The connection was refused. Is the provider running, and is its base URL right?',
    },
    ENOTFOUND: { cause: 'dns', message: 'The host name is not known. Is the base URL right?' },
    EAI_AGAIN: {
      cause: 'dns_timeout',
      message: 'The host name could not be looked up. Is this machine online?',
    },
    ENETUNREACH: OFFLINE,
    EHOSTUNREACH: OFFLINE,
    ETIMEDOUT: {
      cause: 'connect_timeout',
      message: 'The connection was not accepted in time.',
    },
    UND_ERR_CONNECT_TIMEOUT: {
      cause: 'connect_timeout',
      message: 'The connection was not accepted in time.',
    },
  }

/** What is wrong with a certificate, by OpenSSL's own codes. */
const CERTIFICATES: Readonly<Record<string, string>> = {
  CERT_HAS_EXPIRED: 'it has expired',
  CERT_NOT_YET_VALID: 'it is not valid yet',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'it is signed by itself',
  SELF_SIGNED_CERT_IN_CHAIN: 'it is signed by an authority that is not trusted here',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'it is signed by an authority that is not known here',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'it is signed by an authority that is not known here',
  ERR_TLS_CERT_ALTNAME_INVALID: 'it is for another host',
}

/** Any failure of a socket or of undici as a GatewayError; its own text stays in the cause. */
export function connectionError(thrown: unknown, progress: Progress): GatewayError {
  if (thrown instanceof GatewayError) return thrown
  const { code, message, ...breakage } = explanation(thrown, progress)
  const detail = codeOf(thrown)
  return new GatewayError('upstream', message, {
    origin: 'upstream',
    code,
    breakage: detail === undefined ? breakage : { ...breakage, detail },
    cause: thrown,
  })
}

function explanation(thrown: unknown, progress: Progress): Explanation {
  const code = codeOf(thrown)
  const isJudged = progress === 'begun' && isJudgement(thrown, code)
  if (isJudged || isNoHttp(thrown, code)) return badHttp(code)
  if (progress === 'connecting') return noConnection(code)
  if (progress === 'answering') {
    return {
      cause: 'truncated',
      sent: 'all',
      code: 'upstream_truncated',
      message: 'The connection was closed in the middle of the answer.',
    }
  }
  return unanswered(code, progress === 'begun' ? undefined : socketStateOf(thrown))
}

/** undici gave the connection up: because the other side had, or because of what it said. */
const SOCKET = 'UND_ERR_SOCKET'

/** A length that does not fit: within a head, two lengths that contradict each other. */
const MISMATCH = 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH'

/** Whether undici gave up a head that it had read, though the other side was still there. */
function isJudgement(thrown: unknown, code: string | undefined): boolean {
  return code === MISMATCH || (code === SOCKET && socketStateOf(thrown)?.ended === false)
}

/** HTTP's own parser met the end of the connection where there was more to come. */
const CUT = 'HPE_INVALID_EOF_STATE'

/** HTTP's own parser, or TLS's where no TLS is spoken. */
function isNoHttp(thrown: unknown, code: string | undefined): boolean {
  if (thrown instanceof Error && thrown.name === 'HTTPParserError') return code !== CUT
  return code === 'UND_ERR_HEADERS_OVERFLOW' || code === 'ERR_SSL_WRONG_VERSION_NUMBER'
}

function badHttp(code: string | undefined): Explanation {
  return {
    cause: 'protocol',
    sent: code === 'ERR_SSL_WRONG_VERSION_NUMBER' ? 'nothing' : 'all',
    code: 'upstream_protocol',
    message:
      code === 'UND_ERR_HEADERS_OVERFLOW'
        ? 'The headers of the answer are too large.'
        : 'The answer is not HTTP.',
  }
}

function noConnection(code: string | undefined): Explanation {
  const way = code === undefined ? undefined : WAYS[code]
  if (way !== undefined) return { ...way, sent: 'nothing', code: UNREACHABLE }
  if (code !== undefined && /CERT|_TLS_|SSL/.test(code)) {
    const why = CERTIFICATES[code]
    const message =
      why === undefined
        ? 'The certificate or TLS set-up was not accepted.'
        : `The certificate was not accepted: ${why}.`
    return { cause: 'tls', sent: 'nothing', code: 'upstream_tls', message }
  }
  return {
    cause: 'unreachable',
    sent: 'nothing',
    code: UNREACHABLE,
    message: 'The connection was closed before it was made.',
  }
}

/** Asked, and no word of an answer. */
function unanswered(code: string | undefined, socket: SocketState | undefined): Explanation {
  const closed = {
    code: 'upstream_closed',
    message: 'The connection was closed before the answer.',
  }
  if (socket?.unsent === true) return { ...closed, cause: 'reset_uploading', sent: 'part' }
  // A connection from an earlier call that was closed while nobody used it: the request found nobody.
  const sent = socket?.answered === true ? 'nothing' : 'all'
  const isEnd = code === SOCKET || code === CUT || code === undefined
  return { ...closed, cause: isEnd ? 'eof_before_headers' : 'reset_before_headers', sent }
}

// Dialling several addresses gives an AggregateError whose code is that of the last one, or none.
function codeOf(thrown: unknown): string | undefined {
  if (typeof thrown !== 'object' || thrown === null) return undefined
  if ('code' in thrown && typeof thrown.code === 'string') return thrown.code
  if (thrown instanceof AggregateError) return codeOf(thrown.errors[0])
  return undefined
}
