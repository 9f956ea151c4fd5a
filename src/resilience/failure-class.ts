// What a failed attempt means for the next one: may the same target be asked again, may another.
import type { GatewayError } from '../canonical/errors.ts'

/**
 * `safe`: the provider cannot have begun. `throttled`: it refused for now, and may have said until when. `gate`: a limit of
 * our own in front of it. `uncertain`: it may have done the work. `credential`: our key is at fault, another may do. `unfit`: this target cannot take this
 * request, another may. `final`: every target would say the same.
 */
export type FailureClass =
  | 'safe'
  | 'throttled'
  | 'gate'
  | 'uncertain'
  | 'credential'
  | 'unfit'
  | 'final'

/** Codes by which providers that are not reached by our transport say that nobody has read the request. */
const BEFORE_THE_REQUEST: ReadonlySet<string> = new Set([
  'connect_timeout',
  'upstream_unreachable',
  'upstream_tls',
])

/** What our own gates in front of one provider say; another provider has gates of its own. */
const OWN_GATES: ReadonlySet<string> = new Set([
  // A target that costs less may fit.
  'budget_exceeded',
  'provider_rate_limit',
  'provider_disabled',
  'model_not_allowed',
  'target_busy',
  'target_throttled',
])

export function failureClass(error: GatewayError): FailureClass {
  if (error.code !== undefined && OWN_GATES.has(error.code)) return 'gate'
  if (error.kind === 'unsupported' || error.code === 'translation_refused') return 'unfit'
  if (error.origin !== 'upstream') return 'final'
  if (error.breakage?.cause === 'redirect') return 'unfit'
  if (isUnread(error)) return 'safe'
  switch (error.kind) {
    case 'rate_limit':
    case 'overloaded':
      return 'throttled'
    case 'auth':
    case 'permission':
      return 'credential'
    case 'quota':
      // With a time to come again it is a limit like others.
      return error.retryAfterMs === undefined ? 'credential' : 'throttled'
    case 'context_length':
      return 'unfit'
    case 'timeout':
    case 'upstream':
    case 'internal':
    case 'conflict':
      return 'uncertain'
    case 'invalid_request':
    case 'not_found':
    case 'request_too_large':
    case 'content_policy':
    case 'cancelled':
      return 'final'
  }
}

/** Whether the provider cannot have had the whole request. */
function isUnread({ breakage, code }: GatewayError): boolean {
  if (breakage !== undefined) return breakage.sent !== 'all'
  return code !== undefined && BEFORE_THE_REQUEST.has(code)
}

/** Ways that do not open again within a moment: a name that is not known, a certificate, a host that does not answer at all. */
const LASTING: ReadonlySet<string> = new Set([
  'connect_timeout',
  'dns',
  'dns_timeout',
  'protocol',
  'tls',
  'unreachable',
])

/** Whether the same target may be reached in a moment, where the provider has not had the request. */
export function mayPass({ breakage }: GatewayError): boolean {
  return breakage === undefined || !LASTING.has(breakage.cause)
}

/** Whether the same target may say something else to another credential. */
export function isOfCredential({ origin, kind }: GatewayError): boolean {
  return origin === 'upstream' && ['auth', 'permission', 'quota', 'rate_limit'].includes(kind)
}

/** Whether the provider itself said that it failed, so that asking it once more repeats nothing that is still under way. */
export function isAnswered(error: GatewayError): boolean {
  return error.upstream?.status !== undefined
}

/** Whether the failure tells of the target's health: not a client's mistake, not a limit, not our key. */
export function tellsOfHealth(error: GatewayError): boolean {
  const known = failureClass(error)
  return (
    error.origin === 'upstream' &&
    (known === 'safe' || known === 'uncertain' || error.kind === 'overloaded')
  )
}
