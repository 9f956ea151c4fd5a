// Who is let through the doors of the admin: nobody without its token, whatever else they have or say.
import assert from 'node:assert/strict'
import type { Attack } from '../attack.ts'
import { adminDoors } from '../doors.ts'
import type { Answer, Ask, Stand } from '../stand.ts'

const AUTH = 'src/server/auth.ts'

/** At least so many doors are the admin's; a list that has become empty would prove nothing. */
const DOORS = 14

/** Tries each door of the admin. */
async function tryDoors(
  stand: Stand,
  ask: Ask,
  check: (answer: Answer, door: string) => void,
): Promise<void> {
  const doors = await adminDoors(stand)
  assert.ok(doors.length >= DOORS)
  for (const { method, path } of doors) {
    const body = method === 'GET' || method === 'DELETE' ? {} : { body: {} }
    check(await stand.ask(path, { method, ...body, ...ask }), `${method} ${path}`)
  }
}

/** Plants a caller that is taken for the owner. */
function admit(condition: string): Attack['weaken'] {
  return [
    {
      file: AUTH,
      find: '    const key = extractKey(asking, query)\n',
      put: `    const key = extractKey(asking, query)\n    const { headers } = asking\n    if (${condition}) return { kind: 'admin', keyId: 'planted', role: 'owner' }\n`,
    },
  ]
}

/** Of a JWT. */
function part(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url')
}

const WEAK_TOKENS = [
  'admin',
  'change-me',
  'changeme',
  'password',
  'secret',
  'test',
  'sk-1234',
  'sk-patchbay',
  'patchbay',
  'null',
  'undefined',
  'true',
  'pba_',
  `pba_${'0'.repeat(12)}_${'0'.repeat(43)}_000000`,
]

/** Headers by which servers have been told who calls. */
const TRUST_HEADERS: readonly (readonly [string, string])[] = [
  'x-request-from',
  'x-internal',
  'x-internal-request',
  'x-admin',
  'x-is-admin',
  'x-role',
  'x-roles',
  'x-scopes',
  'x-user',
  'x-user-id',
  'x-user-role',
  'x-forwarded-user',
  'x-forwarded-email',
  'x-forwarded-groups',
  'x-authenticated-user',
  'x-auth-request-user',
  'x-remote-user',
  'remote-user',
  'x-webauth-user',
  'x-consumer-username',
  'x-client-cert',
  'x-ssl-client-verify',
  'x-forwarded-client-cert',
  'x-debug',
  'x-bypass',
  'x-skip-auth',
  'x-no-auth',
  'x-service-account',
  'x-patchbay-admin',
  'x-patchbay-role',
  'x-patchbay-caller',
  'x-patchbay-internal',
].flatMap((name) =>
  ['admin', 'internal', '1', 'true', 'owner'].map((value) => [name, value] as const),
)

const TRUST_PLACES: readonly (readonly [string, string])[] = [
  ['x-forwarded-for', '127.0.0.1'],
  ['x-real-ip', '127.0.0.1'],
  ['x-client-ip', '127.0.0.1'],
  ['true-client-ip', '127.0.0.1'],
  ['cf-connecting-ip', '127.0.0.1'],
  ['forwarded', 'for=127.0.0.1;by=127.0.0.1'],
  ['x-forwarded-host', 'localhost'],
  ['x-original-url', '/v1/models'],
  ['x-rewrite-url', '/v1/models'],
  ['x-http-method-override', 'GET'],
  ['x-middleware-subrequest', 'middleware'],
  ['referer', 'http://127.0.0.1/'],
  ['user-agent', 'patchbay-internal'],
]

export const adminDoorAttacks: readonly Attack[] = [
  {
    id: 'A001',
    name: 'asks for what is the admin’s without a key, and with one that means nothing',
    run: async (build) => {
      const stand = await build.server()
      for (const ask of [
        {},
        { key: 'garbage' },
        { headers: { authorization: 'Basic YWRtaW46' } },
      ]) {
        await tryDoors(stand, ask, ({ status, headers, text }, door) => {
          assert.equal(status, 401, `${door} says ${status}: ${text}`)
          assert.match(headers.get('www-authenticate') ?? '', /^Bearer/, door)
        })
      }
    },
    weaken: [
      {
        file: AUTH,
        find: "  if (access === 'open') return\n",
        put: "  if (access === 'open' || (access === 'admin' && caller.kind === 'anonymous')) return\n",
      },
    ],
  },
  {
    id: 'A002',
    name: 'guesses a token that was delivered with it, or is set to one that anybody guesses',
    run: async (build) => {
      const stand = await build.start({
        env: { PATCHBAY_ADMIN_TOKEN: 'change-me', ADMIN_TOKEN: 'admin', PATCHBAY_KEY: 'sk-1234' },
      })
      for (const key of WEAK_TOKENS) {
        assert.equal((await stand.ask('/api/status', { key })).status, 401, key)
      }
      assert.match(stand.adminToken, /^pba_\w{12}_\w{43}_\w{6}$/)
      const other = await build.start()
      const secrets = [stand, other].map(({ adminToken }) => adminToken.split('_').at(-2))
      assert.equal(new Set(secrets).size, 2, 'two installations have the same token')
    },
    weaken: admit("key === 'change-me'"),
  },
  {
    id: 'A003',
    name: 'opens the admin’s doors with the key of a client',
    run: async (build) => {
      const stand = await build.server()
      await tryDoors(stand, { key: stand.clientKey }, ({ status, text }, door) => {
        assert.equal(status, 403, `${door} says ${status}: ${text}`)
      })
    },
    weaken: [
      {
        file: AUTH,
        find: "  if (access === 'open') return\n",
        put: "  if (access === 'open' || (access === 'admin' && caller.kind === 'client')) return\n",
      },
    ],
  },
  {
    id: 'A011',
    name: 'says in a header that it is trusted',
    run: async (build) => {
      const stand = await build.server()
      const doors = ['/api/status', '/api/providers']
      const all = [...TRUST_HEADERS, ...TRUST_PLACES]
      await Promise.all(
        all.flatMap(([name, value]) =>
          doors.map(async (door) => {
            const { status } = await stand.ask(door, { headers: { [name]: value } })
            assert.equal(status, 401, `${name}: ${value}`)
          }),
        ),
      )
      // Nor does any of them make a key for a client that has none.
      for (const [name, value] of all) {
        const { status } = await stand.ask('/v1/chat/completions', {
          headers: { [name]: value },
          body: { model: 'cloud/m', messages: [{ role: 'user', content: 'Go.' }] },
        })
        assert.equal(status, 401, `${name}: ${value}`)
      }
    },
    weaken: admit("headers['x-request-from'] === 'internal'"),
  },
  {
    id: 'A012',
    name: 'says in its body or beside its key what it may do',
    run: async (build) => {
      const stand = await build.server()
      const claims = {
        role: 'owner',
        scopes: ['admin'],
        is_admin: true,
        admin: true,
        kind: 'admin',
      }
      const query = 'role=owner&scopes=admin&is_admin=true&kind=admin'
      for (const key of [stand.clientKey, 'anything']) {
        const body = { provider_type: 'openai', name: 'planted', ...claims }
        for (const ask of [{ body }, {}]) {
          const { status } = await stand.ask(
            `/api/${'body' in ask ? 'providers/register' : 'status'}?${query}`,
            { key, ...ask },
          )
          assert.equal(status, key === 'anything' ? 401 : 403)
        }
      }
    },
    weaken: admit("query.get('role') === 'owner'"),
  },
  {
    id: 'A023',
    name: 'comes with a JWT that nobody has signed, or names its own key',
    run: async (build) => {
      const stand = await build.server()
      const claims = part({ sub: 'admin', role: 'owner', aud: 'patchbay', exp: 4_000_000_000 })
      const heads = [
        { alg: 'none' },
        { alg: 'None' },
        { alg: 'HS256', kid: '../../../../dev/null' },
        { alg: 'RS256', jku: `${stand.forbidden.url}/jwks.json` },
        { alg: 'RS256', x5u: `${stand.forbidden.url}/cert.pem` },
        { alg: 'RS256', jwk: { kty: 'RSA', e: 'AQAB', n: 'AQAB' } },
      ]
      for (const head of heads) {
        for (const signature of ['', 'AAAA']) {
          const key = `${part(head)}.${claims}.${signature}`
          assert.equal((await stand.ask('/api/status', { key })).status, 401, JSON.stringify(head))
        }
      }
    },
    weaken: admit("key?.startsWith('eyJhbGciOiJub25lIn0')"),
  },
  {
    id: 'A024',
    name: 'has a key that begins or ends as one that was let in before',
    run: async (build) => {
      const stand = await build.server()
      const right = stand.clientKey
      const at = right.length - 20
      const wrong = [
        `${right.slice(0, 20)}${'A'.repeat(at)}`,
        `${right.slice(0, at)}${'A'.repeat(20)}`,
        `${right}A`,
        right.slice(0, -1),
        right.replace(/.(?=.{30}$)/, (letter) => (letter === 'A' ? 'B' : 'A')),
        right.toUpperCase(),
      ]
      for (const key of [right, ...wrong, right, ...wrong]) {
        assert.equal((await stand.chat({ key })).status, key === right ? 200 : 401)
      }
    },
    weaken: [
      {
        file: 'src/server/keys/recognised-keys.ts',
        find: "  return hash('sha256', presented, 'base64')\n",
        put: '  return presented.slice(0, 20)\n',
      },
      {
        file: 'src/server/keys/recognised-keys.ts',
        find: 'import { type KeyObject, hash } from',
        put: 'import { type KeyObject } from',
      },
    ],
  },
]
