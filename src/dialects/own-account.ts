// What a client is told when a provider refuses Patchbay itself: not its words, which would send the client looking for a fault of its own, and may quote a part of the key.
import { GatewayError, isUnpaid } from '../canonical/errors.ts'

const OPERATOR = 'Its operator has to check the key and the plan; yours is fine.'

/**
 * The error as the outside may see it. One about this gateway's credential is a bad gateway; one about its account is
 * told as what it is, a bill or an allowance, with a code that says whose.
 */
export function asSeenOutside(error: GatewayError): GatewayError {
  const { kind, origin } = error
  if (origin !== 'upstream') return error
  switch (kind) {
    case 'auth':
    case 'permission':
      return new GatewayError(
        'upstream',
        `The provider refused the account that this gateway uses for it (${kind}). ${OPERATOR}`,
        { origin: 'upstream', code: 'upstream_auth_failed' },
      )
    case 'quota':
      return isUnpaid(error)
        ? new GatewayError(
            'quota',
            `The provider wants to be paid for the account that this gateway uses for it. ${OPERATOR}`,
            { status: 402, code: 'upstream_billing' },
          )
        : new GatewayError(
            'rate_limit',
            `The quota of the account that this gateway uses for this provider is used up. ${OPERATOR}`,
            { code: 'upstream_quota_exhausted' },
          )
    default:
      return error
  }
}
