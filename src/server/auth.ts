// Who is calling, and what they may do.
import { GatewayError } from '../canonical/errors.ts'
import type { AnonymousUse } from '../config/schema.ts'
import type { Locality } from '../providers/base-provider.ts'
import { extractKey, isForwarded } from './credentials.ts'
import { looksLikeKey } from '../access/key-format.ts'
import { type Grant, mayAsk, mayComeFrom, mayReach } from '../access/grant.ts'
import type { Role } from '../access/role.ts'
import type { Target } from '../exchange/target.ts'
import type { Inbound } from './message.ts'

/** `keyId`: the public part of the caller's key. `foreignKey`: the caller did send a key, but none that could be Patchbay's. */
export type Caller =
  | { readonly kind: 'admin'; readonly keyId: string; readonly role: Role }
  | { readonly kind: 'client'; readonly keyId: string; readonly grant: Grant }
  | { readonly kind: 'anonymous'; readonly use: AnonymousUse; readonly foreignKey: boolean }

/**
 * `open`: anyone; `client`: whoever may ask models, and no admin: an admin key asks none; `known`: both; `admin`: admins alone, as
 * their roles allow.
 */
export type Access = 'open' | 'client' | 'known' | 'admin'

/** A key of ours. */
export type Recognised =
  | { readonly kind: 'admin'; readonly id: string; readonly role: Role; readonly grant: Grant }
  | { readonly kind: 'client'; readonly id: string; readonly grant: Grant }

export interface AuthOptions {
  /** What callers without a key may use. */
  readonly anonymous: AnonymousUse
  /** Undefined for what is no key of this installation; at once where nobody has to be asked. */
  readonly recognise: (key: string) => Promise<Recognised | undefined> | Recognised | undefined
}

export class Auth {
  readonly #options: AuthOptions

  constructor(options: AuthOptions) {
    this.#options = options
  }

  /**
   * Throws `auth` for a key of ours that is not known. SDKs insist on some key, so any other counts as none. At once where
   * nobody has to be asked.
   */
  identify(asking: Asking, query: URLSearchParams): Caller | Promise<Caller> {
    const key = extractKey(asking, query)
    const use = isForwarded(asking.headers) ? 'off' : this.#options.anonymous
    if (key === undefined) return { kind: 'anonymous', use, foreignKey: false }
    if (!looksLikeKey(key)) return { kind: 'anonymous', use, foreignKey: true }
    const known = this.#options.recognise(key)
    if (known instanceof Promise) return known.then((found) => callerOf(found, asking))
    return callerOf(known, asking)
  }
}

/** What is known of a request before anybody is asked who sent it. */
type Asking = Pick<Inbound, 'headers' | 'valuesOf' | 'address'>

function callerOf(known: Recognised | undefined, { address }: Asking): Caller {
  if (known === undefined) throw unknownKey()
  if (!mayComeFrom(known.grant, address)) throw wrongPlace()
  return known.kind === 'admin'
    ? { kind: 'admin', keyId: known.id, role: known.role }
    : { kind: 'client', keyId: known.id, grant: known.grant }
}

function unknownKey(): GatewayError {
  return new GatewayError(
    'auth',
    'This Patchbay key is not known here. Check that it is whole, and that it belongs to this installation.',
    { origin: 'client', code: 'invalid_api_key' },
  )
}

function wrongPlace(): GatewayError {
  return new GatewayError(
    'permission',
    'This key may not be used from your address. Ask whoever made it which networks it is for.',
    { origin: 'client', code: 'address_not_allowed' },
  )
}

/** Throws unless the caller may call a route of this access at all. */
export function assertAccess(caller: Caller, access: Access): void {
  if (access === 'open') return
  if (caller.kind === 'admin') {
    if (access !== 'client') return
    throw new GatewayError(
      'auth',
      'This call needs a client key: an admin key governs Patchbay and asks no model. Pass a client key as "Authorization: Bearer pb_live_..."; patchbay keys create makes one.',
      { origin: 'client', code: 'client_key_needed' },
    )
  }
  if (access !== 'admin') {
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

/** What decides whether a caller may use a provider. */
export interface Reached {
  readonly name: string
  readonly locality: Locality
}

/** Whether the caller may use any model of a provider: who has no key, one that is free and on this machine at most. */
export function mayUse(caller: Caller, { name, locality }: Reached): boolean {
  if (caller.kind === 'admin') return true
  if (caller.kind === 'client') return mayReach(caller.grant, name)
  return caller.use === 'all' || (caller.use === 'local' && locality === 'local')
}

/** Whether the caller's key allows a model of a provider that it may use. */
export function mayAskFor(caller: Caller, target: Target): boolean {
  return caller.kind !== 'client' || mayAsk(caller.grant, target)
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
