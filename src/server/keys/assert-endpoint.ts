// Whether the key of a client is for what a route does.
import { mayCall } from '../../access/grant.ts'
import { GatewayError } from '../../canonical/errors.ts'
import type { Caller } from '../auth.ts'
import type { Route } from '../route.ts'

/** Throws unless the caller's key is for the route. */
export function assertEndpoint(
  caller: Caller,
  { access, endpoint }: Pick<Route, 'access' | 'endpoint'>,
): void {
  if (caller.kind !== 'client' || access === 'open' || endpoint === 'any') return
  if (mayCall(caller.grant, endpoint)) return
  throw new GatewayError(
    'permission',
    `This key is not for this${endpoint === undefined ? '' : ` (${endpoint})`}. Ask whoever made it for another, or see what it is for at /api/keys/self.`,
    { origin: 'client', code: 'endpoint_not_allowed' },
  )
}
