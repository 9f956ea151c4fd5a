// Keys in requests and what their holders may do.
import { describe, expect, it } from 'vitest'
import { GatewayError } from '../canonical/errors.ts'
import type { AnonymousUse } from '../config/schema.ts'
import { type Grant, UNBOUND } from '../access/grant.ts'
import type { Scope } from '../access/scope.ts'
import {
  Auth,
  type Caller,
  type Recognised,
  assertAccess,
  keyNeeded,
  mayUse,
  ownerOf,
} from './auth.ts'
import { extractKey } from './credentials.ts'
import { type InboundOptions, inbound } from '../../test/server-fakes.ts'

const ADMIN = 'pba_admin'
const CLIENT = 'pb_live_client'
const AT_HOME = grantFor({ cidrs: ['10.0.0.0/8'] })
const TOKENS = new Map<string, Recognised>([
  [ADMIN, { kind: 'admin', id: 'one', role: 'owner', grant: UNBOUND }],
  [CLIENT, { kind: 'client', id: 'two', grant: UNBOUND }],
  ['pb_live_home', { kind: 'client', id: 'three', grant: AT_HOME }],
])

function grantFor(scope: Scope): Grant {
  return { ...UNBOUND, scopes: [scope] }
}

async function identify(
  headers: NonNullable<InboundOptions['headers']>,
  anonymous: AnonymousUse = 'local',
  address: string = '127.0.0.1',
): Promise<Caller> {
  const auth = new Auth({ anonymous, recognise: async (key) => TOKENS.get(key) })
  return auth.identify({ ...inbound({ headers }), address }, new URLSearchParams())
}

function refusalOf(run: () => unknown): GatewayError {
  try {
    run()
  } catch (error) {
    if (error instanceof GatewayError) return error
  }
  throw new Error('nothing was refused')
}

describe('extractKey', () => {
  const none = new URLSearchParams()
  const keyOf = (headers: NonNullable<InboundOptions['headers']>): string | undefined =>
    extractKey(inbound({ headers }), none)

  it.each([
    { authorization: 'Bearer abc' },
    { authorization: 'bearer   abc ' },
    { authorization: 'abc' },
    { 'x-api-key': 'abc' },
    { 'api-key': 'abc' },
    { 'x-goog-api-key': 'abc' },
    { 'x-api-key': 'abc', authorization: 'Bearer abc' },
    { authorization: ['Bearer abc', 'Bearer abc'] },
  ])('finds the key in %j', (headers) => {
    expect(keyOf({ ...headers })).toBe('abc')
  })

  it.each([{}, { authorization: 'Bearer' }, { authorization: 'Bearer ' }, { 'x-api-key': '' }])(
    'finds none in %j',
    (headers) => {
      expect(keyOf({ ...headers })).toBeUndefined()
    },
  )

  it.each([
    { 'x-api-key': 'pb_live_abc', authorization: 'Bearer pb_live_def' },
    { 'x-api-key': 'pb_live_abc', authorization: 'Bearer sk-def' },
    { authorization: ['Bearer def', 'Bearer pba_abc'] },
  ])('refuses one of ours beside a different one: %j', (headers) => {
    const error = refusalOf(() => keyOf({ ...headers }))
    expect(error).toMatchObject({ status: 400, code: 'conflicting_credentials' })
    expect(error.message).not.toContain('abc')
  })

  it('does not care about several that are all foreign: an SDK may send two', () => {
    expect(keyOf({ 'x-api-key': 'sk-abc', authorization: 'Bearer def' })).toBe('def')
  })

  it.each(['key', 'token', 'api_key', 'api_keys', 'API_KEY', 'apikey', 'api-key', 'access_token'])(
    'refuses a key in the URL as %s, says why, and does not repeat it',
    (name) => {
      const query = new URLSearchParams({ [name]: 'canary-key' })
      const error = refusalOf(() => extractKey(inbound(), query))
      expect(error).toMatchObject({ status: 400, code: 'key_in_url', param: name })
      expect(error.message).toContain('logs')
      expect(error.message).not.toContain('canary-key')
    },
  )
})

describe('identify', () => {
  it('knows the keys of this installation', async () => {
    expect(await identify({ authorization: `Bearer ${ADMIN}` })).toEqual({
      kind: 'admin',
      keyId: 'one',
      role: 'owner',
    })
    expect(await identify({ 'x-api-key': CLIENT })).toEqual({
      kind: 'client',
      keyId: 'two',
      grant: UNBOUND,
    })
  })

  it('knows a key from the networks that it is for alone, whatever a header says of the address', async () => {
    const key = { 'x-api-key': 'pb_live_home' }
    expect(await identify(key, 'off', '10.1.2.3')).toMatchObject({ keyId: 'three' })
    expect(await identify(key, 'off', '::ffff:10.1.2.3')).toMatchObject({ keyId: 'three' })
    await expect(identify(key, 'off', '192.168.0.1')).rejects.toMatchObject({
      status: 403,
      code: 'address_not_allowed',
    })
    await expect(
      identify({ ...key, 'x-forwarded-for': '10.1.2.3' }, 'off', '192.168.0.1'),
    ).rejects.toMatchObject({ code: 'address_not_allowed' })
  })

  it.each(['none', 'ollama', 'sk-1234', 'dummy', 'pb', 'pbkdf'])(
    'takes %s for no key: SDKs insist on some',
    async (key) => {
      expect(await identify({ authorization: `Bearer ${key}` })).toEqual({
        kind: 'anonymous',
        use: 'local',
        foreignKey: true,
      })
    },
  )

  it.each(['pb_live_wrong', 'pba_wrong', 'pbs_wrong', 'pb_'])('refuses %s', async (key) => {
    const refusing = identify({ 'x-api-key': key }, 'all')
    await expect(refusing).rejects.toMatchObject({ status: 401, code: 'invalid_api_key' })
    await expect(refusing).rejects.not.toThrow(key)
  })

  it.each(['x-forwarded-for', 'forwarded', 'x-real-ip', 'via'])(
    'lets nobody be anonymous who comes through a proxy (%s)',
    async (name) => {
      expect(await identify({ [name]: '127.0.0.1' }, 'all')).toMatchObject({ use: 'off' })
    },
  )

  it.each(['x-request-from', 'x-internal', 'x-forwarded-user', 'x-admin', 'x-original-url'])(
    'earns nobody trust by %s',
    async (name) => {
      expect(await identify({ [name]: 'admin' })).toMatchObject({ kind: 'anonymous', use: 'local' })
    },
  )
})

const admin: Caller = { kind: 'admin', keyId: 'one', role: 'owner' }
const client: Caller = { kind: 'client', keyId: 'two', grant: UNBOUND }
const anonymous = (use: AnonymousUse): Caller => ({ kind: 'anonymous', use, foreignKey: false })

describe('assertAccess', () => {
  it.each([
    [admin, 'admin', undefined],
    [admin, 'known', undefined],
    [admin, 'client', 401],
    [client, 'known', undefined],
    [anonymous('off'), 'known', 401],
    [client, 'client', undefined],
    [client, 'open', undefined],
    [client, 'admin', 403],
    [anonymous('all'), 'admin', 401],
    [anonymous('local'), 'client', undefined],
    [anonymous('off'), 'client', 401],
    [anonymous('off'), 'open', undefined],
  ] as const)('%j on a route for %s: %s', (caller, access, status) => {
    if (status === undefined) expect(() => assertAccess(caller, access)).not.toThrow()
    else expect(refusalOf(() => assertAccess(caller, access)).status).toBe(status)
  })

  it('says how to pass the admin token', () => {
    const { message } = refusalOf(() => assertAccess(client, 'admin'))
    expect(message).toContain('Authorization: Bearer pba_')
  })
})

describe('mayUse', () => {
  it.each([
    [admin, true, true],
    [client, true, true],
    [anonymous('all'), true, true],
    [anonymous('local'), true, false],
    [anonymous('off'), false, false],
  ] as const)('%j: local %s, cloud %s', (caller, local, cloud) => {
    expect(mayUse(caller, { name: 'a', locality: 'local' })).toBe(local)
    expect(mayUse(caller, { name: 'a', locality: 'cloud' })).toBe(cloud)
  })

  it('is for the providers that a key names', () => {
    const bound: Caller = { ...client, grant: grantFor({ models: ['a/*', 'b/x'] }) }
    const reached = ['a', 'b', 'c'].filter((name) => mayUse(bound, { name, locality: 'local' }))
    expect(reached).toEqual(['a', 'b'])
  })
})

describe('keyNeeded', () => {
  it('says how to pass the key, and that the one that came is not ours', () => {
    const error = keyNeeded({ kind: 'anonymous', use: 'local', foreignKey: true }, 'Closed.')
    expect(error).toMatchObject({ status: 401, code: 'missing_api_key' })
    expect(error.message).toMatch(/^Closed\. The key that came .* not one of Patchbay's/)
    expect(error.message).toContain('x-api-key')
    expect(keyNeeded(anonymous('local'), 'Closed.').message).not.toContain('The key that came')
  })
})

describe('ownerOf', () => {
  it('differs from key to key, and is one for all without a key', () => {
    const other: Caller = { kind: 'client', keyId: 'three', grant: UNBOUND }
    const callers = [admin, client, other, anonymous('local')]
    expect(new Set(callers.map((caller) => ownerOf(caller))).size).toBe(4)
    expect(ownerOf(anonymous('all'))).toBe(ownerOf(anonymous('local')))
    expect(ownerOf({ kind: 'admin', keyId: 'two', role: 'owner' })).not.toBe(ownerOf(client))
  })
})
