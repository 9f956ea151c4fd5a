// What a client is told when a provider refuses Patchbay itself: not its words, which would send the client looking for a fault of its own.
import { type ErrorKind, GatewayError } from '../canonical/errors.ts'

const ABOUT_THE_ACCOUNT: ReadonlySet<ErrorKind> = new Set(['auth', 'permission', 'quota'])

/** The error as the outside may see it; one about this gateway's credential or account becomes an upstream failure. */
export function asSeenOutside(error: GatewayError): GatewayError {
  if (!isAboutOurAccount(error)) return error
  return new GatewayError(
    'upstream',
    `The provider refused the account that this gateway uses for it (${error.kind}). Its operator has to check the key and the plan; yours is fine.`,
    { origin: 'upstream', code: `provider_${error.kind}` },
  )
}

function isAboutOurAccount({ kind, origin }: GatewayError): boolean {
  return origin === 'upstream' && ABOUT_THE_ACCOUNT.has(kind)
}
