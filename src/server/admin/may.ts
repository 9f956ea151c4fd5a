// Whether a caller may call a route: whoever its access lets in, and of the admins those whose role is enough.
import { type Role, hasRole } from '../../access/role.ts'
import { GatewayError } from '../../canonical/errors.ts'
import { type Caller, assertAccess } from '../auth.ts'
import type { Route } from '../route.ts'

/** The least role that may call a route of the admins: who only reads must be a viewer, and what says nothing is the owner's. */
export function leastRole({ method, role }: Pick<Route, 'method' | 'role'>): Role {
  return role ?? (method === 'GET' || method === 'HEAD' ? 'viewer' : 'owner')
}

/** Throws unless the caller may call the route. */
export function assertMay(caller: Caller, route: Pick<Route, 'access' | 'method' | 'role'>): void {
  assertAccess(caller, route.access)
  if (route.access !== 'admin' || caller.kind !== 'admin') return
  const least = leastRole(route)
  if (hasRole(caller.role, least)) return
  throw new GatewayError(
    'permission',
    `This call needs an admin key with the role ${least}; this one has the role ${caller.role}. Ask an owner for another key.`,
    { origin: 'client', code: 'role_too_low' },
  )
}
