// The one error type of the gateway: closed kinds, one table from kind to status and retryability.
import type { Breakage } from './breakage.ts'
import type { Extensions } from './extensions.ts'
import type { Json } from './json.ts'

export const ERROR_KINDS = [
  'invalid_request',
  'unsupported',
  'auth',
  'permission',
  'not_found',
  'conflict',
  'request_too_large',
  'context_length',
  'rate_limit',
  'quota',
  'content_policy',
  'overloaded',
  'timeout',
  'upstream',
  'internal',
  'cancelled',
] as const

export type ErrorKind = (typeof ERROR_KINDS)[number]

interface Kind {
  readonly status: number
  readonly retryable: boolean
}

const KINDS: Readonly<Record<ErrorKind, Kind>> = {
  invalid_request: { status: 400, retryable: false },
  unsupported: { status: 400, retryable: false },
  auth: { status: 401, retryable: false },
  permission: { status: 403, retryable: false },
  not_found: { status: 404, retryable: false },
  conflict: { status: 409, retryable: true },
  request_too_large: { status: 413, retryable: false },
  context_length: { status: 400, retryable: false },
  rate_limit: { status: 429, retryable: true },
  quota: { status: 429, retryable: false },
  content_policy: { status: 400, retryable: false },
  overloaded: { status: 503, retryable: true },
  timeout: { status: 504, retryable: true },
  upstream: { status: 502, retryable: true },
  internal: { status: 500, retryable: true },
  cancelled: { status: 499, retryable: false },
}

/** Who is at fault: the caller, Patchbay itself, or the provider behind it. */
export type ErrorOrigin = 'client' | 'gateway' | 'upstream'

/** What the provider said, kept for logs and for the same dialect; never holds a credential. */
export interface UpstreamFailure {
  readonly provider?: string
  readonly status?: number
  readonly type?: string
  readonly requestId?: string
  readonly body?: Json
}

export interface ErrorDetails {
  readonly origin?: ErrorOrigin
  /** Machine-readable reason, such as `model_not_found`. */
  readonly code?: string
  /** Where: a JSON path in the caller's own body. */
  readonly param?: string
  /** Overrides the kind's own status where the wire said something more precise (422, 529 ...). */
  readonly status?: number
  readonly retryAfterMs?: number
  readonly upstream?: UpstreamFailure
  /** How a call to a provider broke, where that was seen. */
  readonly breakage?: Breakage
  readonly extensions?: Extensions
  readonly cause?: unknown
}

/** Every failure that leaves Patchbay. The message says what was wrong, where, and what to do; it never holds a secret. */
export class GatewayError extends Error {
  override readonly name: string = 'GatewayError'
  readonly kind: ErrorKind
  readonly origin: ErrorOrigin
  readonly status: number
  readonly retryable: boolean
  readonly code: string | undefined
  readonly param: string | undefined
  readonly retryAfterMs: number | undefined
  readonly upstream: UpstreamFailure | undefined
  readonly breakage: Breakage | undefined
  readonly extensions: Extensions | undefined

  constructor(kind: ErrorKind, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause })
    this.kind = kind
    this.origin = details.origin ?? 'gateway'
    this.status = details.status ?? KINDS[kind].status
    this.retryable = KINDS[kind].retryable
    this.code = details.code
    this.param = details.param
    this.retryAfterMs = details.retryAfterMs
    this.upstream = details.upstream
    this.breakage = details.breakage
    this.extensions = details.extensions
  }
}

/** Code of a request that a target could take only with a loss that the policy refuses; `param` is the note's path. */
export const REFUSED_TRANSLATION = 'translation_refused'

/** Code of a provider's answer to an operation that it does not have. */
export const UNSUPPORTED_OPERATION = 'unsupported_operation'

/** The usual status of a kind. */
export function statusOf(kind: ErrorKind): number {
  return KINDS[kind].status
}

/** The kind that a bare HTTP status stands for, where the body says no more. */
export function kindOfStatus(status: number): ErrorKind {
  switch (status) {
    case 401:
      return 'auth'
    case 402:
      return 'quota'
    case 403:
      return 'permission'
    case 404:
      return 'not_found'
    case 408:
    case 504:
    case 524:
      return 'timeout'
    case 409:
      return 'conflict'
    case 413:
      return 'request_too_large'
    case 429:
      return 'rate_limit'
    case 498:
    case 503:
    case 529:
      return 'overloaded'
    case 499:
      return 'cancelled'
    case 424:
    case 502:
      return 'upstream'
    default:
      return status >= 500 ? 'internal' : 'invalid_request'
  }
}

/** Any thrown value as a GatewayError; what is not one already is our own fault, and its text stays inside as the cause. */
export function toGatewayError(thrown: unknown): GatewayError {
  if (thrown instanceof GatewayError) return thrown
  return new GatewayError('internal', 'Patchbay failed while handling this request.', {
    cause: thrown,
  })
}

/** Whether a `quota` failure is about a bill to be paid rather than an allowance that is used up: waiting heals only the latter. */
export function isUnpaid({ kind, upstream }: GatewayError): boolean {
  return kind === 'quota' && upstream?.status !== undefined && upstream.status !== 429
}
