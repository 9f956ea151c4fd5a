// What an admin may do: three roles, each of which may all that the one before it may.

/** `viewer`: look at everything but secrets; `operator`: run what is there; `owner`: also say who may do what, and with which keys. */
export const ROLES = ['viewer', 'operator', 'owner'] as const
export type Role = (typeof ROLES)[number]

export function hasRole(role: Role, least: Role): boolean {
  return ROLES.indexOf(role) >= ROLES.indexOf(least)
}
