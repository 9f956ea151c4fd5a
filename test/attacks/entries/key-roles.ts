// What the keys of admins may do, and when they end.
import assert from 'node:assert/strict'
import type { JsonObject } from '../../../src/wire/json.ts'
import type { Attack } from '../attack.ts'
import { adminDoors } from '../doors.ts'
import type { Stand } from '../stand.ts'

async function admin(stand: Stand, role: string): Promise<string> {
  return (await stand.makeKey({ kind: 'admin', role, name: role })).secret
}

export const keyRoleAttacks: readonly Attack[] = [
  {
    id: 'A004',
    name: 'asks a model with the admin token',
    run: async (build) => {
      const stand = await build.server()
      const before = stand.upstream.requests.length
      const owner = await admin(stand, 'owner')
      for (const key of [stand.adminToken, owner]) {
        for (const model of ['cloud/m', 'home/m']) {
          assert.equal((await stand.chat({ key, body: { model } })).status, 401)
          const body = { model, max_tokens: 9, messages: [{ role: 'user', content: 'Go.' }] }
          const { status } = await stand.ask('/v1/messages', {
            body,
            headers: { 'x-api-key': key },
          })
          assert.equal(status, 401)
        }
      }
      assert.equal(stand.upstream.requests.length, before)
    },
    weaken: [
      {
        file: 'src/server/auth.ts',
        find: "    if (access !== 'client') return\n",
        put: '    return\n',
      },
    ],
  },
  {
    id: 'A005',
    name: 'writes with the key of somebody who may only read',
    run: async (build) => {
      const stand = await build.server()
      const viewer = await admin(stand, 'viewer')
      const operator = await admin(stand, 'operator')
      for (const { method, path } of await adminDoors(stand)) {
        const door = `${method} ${path}`
        if (method === 'GET' || method === 'HEAD' || path === '/api/events') continue
        const body = method === 'DELETE' ? {} : { body: {} }
        const { status, text } = await stand.ask(path, { method, key: viewer, ...body })
        assert.equal(status, 403, `a viewer at ${door}: ${text}`)
      }
      // Nor does who may make keys make one that may do more.
      const made = await stand.ask('/api/admin/keys', {
        key: operator,
        body: { name: 'risen', kind: 'admin', role: 'owner' },
      })
      assert.equal(made.status, 403)
      assert.equal((await stand.ask('/api/status', { key: viewer })).status, 200)
    },
    weaken: [
      {
        file: 'src/server/admin/may.ts',
        find: '  if (hasRole(caller.role, least)) return\n',
        put: '  if (hasRole(caller.role, least) || least !== undefined) return\n',
      },
    ],
  },
  {
    id: 'A021',
    name: 'goes on with a secret that was replaced',
    run: async (build) => {
      const stand = await build.server()
      const key = stand.adminToken
      for (const asked of [{}, { kind: 'admin', role: 'viewer' }]) {
        const { secret, id } = await stand.makeKey(asked)
        const path = '/api/keys/self'
        assert.equal((await stand.ask(path, { key: secret })).status, 200)
        const body: JsonObject = { overlap_seconds: 0 }
        const rotated = await stand.ask(`/api/admin/keys/${id}/rotate`, { key, body })
        assert.equal(rotated.status, 200, rotated.text)
        assert.equal((await stand.ask(path, { key: secret })).status, 401)
        const next = String(rotated.json['secret'])
        assert.equal((await stand.ask(path, { key: next })).status, 200)
      }
    },
    weaken: [
      {
        file: 'src/server/keys/key-desk.ts',
        find: 'current === undefined || overlap === 0 ? [] : [{ ...current, until }]',
        put: 'current === undefined ? [] : [current]',
      },
    ],
  },
  {
    id: 'A026',
    name: 'searches with patterns that keep a database busy, and for more than a page',
    run: async (build) => {
      const stand = await build.server()
      const key = stand.adminToken
      const wild = encodeURIComponent('%%_%_%_%'.repeat(20))
      for (const path of ['/api/admin/keys', '/api/admin/teams', '/api/audit']) {
        for (const query of [
          `q=${wild}`,
          `search=${wild}`,
          'limit=1000000000',
          'limit=-1',
          'limit=%25',
        ]) {
          const start = performance.now()
          const { status, text } = await stand.ask(`${path}?${query}`, { key })
          assert.ok([400, 404].includes(status), `${path}?${query}: ${status} ${text}`)
          assert.ok(performance.now() - start < 2000)
        }
      }
    },
    weaken: [
      {
        file: 'src/server/keys/key-routes.ts',
        find: 'const page = z.strictObject({ ...pagingFields })',
        put: 'const page = z.looseObject({ ...pagingFields })',
      },
    ],
  },
  {
    id: 'A032',
    name: 'changes what somebody else has changed meanwhile',
    run: async (build) => {
      const stand = await build.server()
      const key = stand.adminToken
      const { id } = await stand.makeKey()
      const path = `/api/admin/keys/${id}`
      const etag = (await stand.ask(path, { key })).headers.get('etag') ?? ''
      const change = async (
        name: string,
        headers: Readonly<Record<string, string>>,
      ): Promise<number> =>
        (await stand.ask(path, { key, method: 'PATCH', headers, body: { name } })).status
      assert.equal(await change('first', { 'if-match': etag }), 200)
      assert.equal(await change('second', { 'if-match': etag }), 412)
      assert.equal(await change('second', {}), 428)
      assert.match((await stand.ask(path, { key })).text, /"name":"first"/)
    },
    weaken: [
      {
        file: 'src/server/admin/precondition.ts',
        find: '  if (match !== undefined) return versionIn(match)\n',
        put: "  if (match !== undefined) return 'any'\n",
      },
    ],
  },
]
