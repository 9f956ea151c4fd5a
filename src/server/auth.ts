// Who is calling, and what they may do.
import { GatewayError } from '../canonical/errors.ts'
import type { AnonymousUse } from '../config/schema.ts'
import type { Locality } from '../providers/base-provider.ts'
import { extractKey, isForwarded } from './credentials.ts'
import type { Role } from '../access/role.ts'
import type { Inbound } from './message.ts'
import { type StoredToken, looksLikeToken } from './tokens.ts'

/** `keyId`: the public part of the caller's key. `foreignKey`: the caller did send a key, but none that could be Patchbay's. */
export type Caller =
  | { readonly kind: 'admin'; readonly keyId: string; readonly role: Role }
  | { readonly kind: 'client'; readonly keyId: string }
  | { readonly kind: 'anonymous'; readonly use: AnonymousUse; readonly foreignKey: boolean }

/** `open`: anyone; `client`: whoever may chat at all; `admin`: admins alone, as their roles allow. */
export type Access = 'open' | 'client' | 'admin'

/** A key of ours; an admin's without a role is its owner's: the token of the first start. */
export interface Recognised extends Pick<StoredToken, 'kind' | 'id'> {
  readonly role?: Role
}

export interface AuthOptions {
  /** What callers without a key may use. */
  readonly anonymous: AnonymousUse
  readonly recognise: (key: string) => Recognised | undefined
}

export class Auth {
  readonly #options: AuthOptions

  constructor(options: AuthOptions) {
    this.#options = options
  }

  /** Throws `auth` for a key of ours that is not known. SDKs insist on some key, so any other counts as none. */
  identify(headers: Inbound['headers'], query: URLSearchParams): Caller {
    const key = extractKey(headers, query)
    const use = isForwarded(headers) ? 'off' : this.#options.anonymous
    if (key === undefined) return { kind: 'anonymous', use, foreignKey: false }
    const token = this.#options.recognise(key)
    if (token?.kind === 'admin') {
      return { kind: 'admin', keyId: token.id, role: token.role ?? 'owner' }
    }
    if (token !== undefined) return { kind: token.kind, keyId: token.id }
    if (!looksLikeToken(key)) return { kind: 'anonymous', use, foreignKey: true }
    throw new GatewayError(
      'auth',
      'This Patchbay key is not known here. Check that it is whole, and that it belongs to this installation.',
      { origin: 'client', code: 'invalid_api_key' },
    )
  }
}

/** Throws unless the caller may call a route of this access at all. */
export function assertAccess(caller: Caller, access: Access): void {
  if (access === 'open' || caller.kind === 'admin') return
  if (access === 'client') {
    if (caller.kind === 'client' || caller.use !== 'off') return
    throw keyNeeded(caller, 'This server answers nobody without a key.')
  }
  const how =
    'Pass the admin token as "Authorization: Bearer pba_...". It was printed at the first start.'
  if (caller.kind === 'client') {
    throw new GatewayError('permission', `This call needs the admin token. ${how}`, {
      origin: 'client',
      code: 'admin_token_needed',
    })
  }
  throw new GatewayError('auth', `This call needs the admin token. ${how}`, {
    origin: 'client',
    code: 'admin_token_missing',
  })
}

/** Under which name things are kept for the caller. Callers without a key are one: nothing tells them apart. */
export function ownerOf(caller: Caller): string {
  return caller.kind === 'anonymous' ? caller.kind : `${caller.kind}:${caller.keyId}`
}

/** The public id of the caller's key. Callers without one are told apart by nothing. */
export function keyIdOf(caller: Caller): string | undefined {
  return caller.kind === 'anonymous' ? undefined : caller.keyId
}

/** Whether the caller may use a provider that is free and on this machine, or one that costs money. */
export function mayUse(caller: Caller, locality: Locality): boolean {
  if (caller.kind !== 'anonymous') return true
  return caller.use === 'all' || (caller.use === 'local' && locality === 'local')
}

/** What a caller without a key is told when only a key is missing. */
export function keyNeeded(caller: Caller, why: string): GatewayError {
  const foreign =
    caller.kind === 'anonymous' && caller.foreignKey
      ? " The key that came with the request is not one of Patchbay's."
      : ''
  return new GatewayError(
    'auth',
    `${why}${foreign} Pass your client key as "Authorization: Bearer pb_live_..." or "x-api-key". It was printed at the first start.`,
    { origin: 'client', code: 'missing_api_key' },
  )
}
