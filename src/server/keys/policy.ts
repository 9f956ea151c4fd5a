// The policy that a call is translated under: what it says, as far as its key allows.
import { mayTranslate } from '../../access/grant.ts'
import { GatewayError } from '../../canonical/errors.ts'
import { POLICIES, type Policy } from '../../canonical/note.ts'
import type { Caller } from '../auth.ts'
import type { Call } from '../route.ts'

/** Without a word of the caller: `default`, or where its key does not allow that, the strictest that it does. */
export function policyOf({ headers, caller }: Pick<Call, 'headers' | 'caller'>): Policy {
  const word = headers['x-patchbay-policy']
  if (word === undefined) return unasked(caller)
  const policy = POLICIES.find((known) => known === word.toLowerCase())
  if (policy === undefined) {
    throw new GatewayError(
      'invalid_request',
      `The header x-patchbay-policy must be one of: ${POLICIES.join(', ')}.`,
      { origin: 'client', code: 'unknown_policy', param: 'x-patchbay-policy' },
    )
  }
  if (isAllowed(caller, policy)) return policy
  throw notAllowed(`Your key may not use the policy ${policy}.`)
}

const STRICTEST_FIRST: readonly Policy[] = ['strict', 'default', 'lenient']

function unasked(caller: Caller): Policy {
  if (isAllowed(caller, 'default')) return 'default'
  const allowed = STRICTEST_FIRST.find((policy) => isAllowed(caller, policy))
  if (allowed === undefined) throw notAllowed('Your key may use no policy at all.')
  return allowed
}

function isAllowed(caller: Caller, policy: Policy): boolean {
  return caller.kind !== 'client' || mayTranslate(caller.grant, policy)
}

function notAllowed(why: string): GatewayError {
  return new GatewayError('permission', `${why} Ask whoever made it.`, {
    origin: 'client',
    code: 'policy_not_allowed',
    param: 'x-patchbay-policy',
  })
}
