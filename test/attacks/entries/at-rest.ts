// What is on the disk, and what is told of secrets over HTTP: nothing of them.
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { ObjectReader } from '../../../src/wire/json.ts'
import type { Attack } from '../attack.ts'
import { CANARIES } from '../canaries.ts'
import { adminDoors } from '../doors.ts'
import type { Stand } from '../stand.ts'

/** A provider whose key is given over the API. */
async function register(stand: Stand): Promise<void> {
  const answer = await stand.ask('/api/providers/register', {
    key: stand.adminToken,
    body: {
      name: 'registered',
      provider_type: 'custom',
      base_url: `${stand.upstream.url}/v1`,
      api_key: CANARIES.keyByApi,
      models: ['m'],
    },
  })
  assert.equal(answer.status, 201, answer.text)
}

interface Verdict {
  readonly fault: string | undefined
  readonly seq: number | undefined
}

async function verdictOf(stand: Stand): Promise<Verdict> {
  const answer = await stand.ask('/api/admin/audit/verification', { key: stand.adminToken })
  assert.equal(answer.status, 200, answer.text)
  const said = ObjectReader.of(answer.json, 'the verdict')
  return { fault: said.optionalString('fault'), seq: said.optionalNumber('seq') }
}

const REVEALING = [
  'reveal=1',
  'reveal=true',
  'show_secrets=1',
  'include=api_key',
  'fields=api_key',
  'raw=1',
  'debug=1',
]

const UNSEALING = [
  'unseal',
  'unlock',
  'seal',
  'lock',
  'init',
  'rotate-root',
  'backup',
  'restore',
  'reveal',
]

export const atRestAttacks: readonly Attack[] = [
  {
    id: 'V001',
    name: 'reads every file of the data folder',
    run: async (build) => {
      const stand = await build.start()
      await register(stand)
      await stand.makeKey()
      for (const provider of ['cloud', 'filed', 'registered']) {
        await stand.chat({ body: { model: `${provider}/m` } })
      }
      const used = stand.upstream.requests.map(({ headers }) => headers.authorization)
      assert.ok(used.includes(`Bearer ${CANARIES.keyByApi}`), 'the registered key is not used')
      assert.ok([...stand.files().keys()].some((path) => path.endsWith('.db')))
      await stand.assertSilent()
    },
    weaken: [
      {
        file: 'src/server/routes/providers.ts',
        find: '      const body = validated(registerBody, withQuery(registerBody, call))\n',
        put: "      const { writeFileSync } = await import('node:fs')\n      writeFileSync(`${process.env['PATCHBAY_HOME']}/keys.json`, call.text ?? '')\n      const body = validated(registerBody, withQuery(registerBody, call))\n",
      },
    ],
  },
  {
    id: 'V011',
    name: 'asks over HTTP to see a secret',
    run: async (build) => {
      const stand = await build.start()
      await register(stand)
      const key = stand.adminToken
      const doors = (await adminDoors(stand)).filter(({ method }) => method === 'GET')
      for (const { path } of doors) {
        if (path === '/api/events') continue
        for (const at of [path, ...REVEALING.map((query) => `${path}?${query}`)]) {
          await stand.ask(at.replace('/x', '/registered'), { key })
        }
      }
      for (const path of ['/api/providers/registered', '/api/admin/providers/registered']) {
        for (const more of ['', '/key', '/secret', '/credentials', '/credentials/k1', '/reveal']) {
          for (const method of ['GET', 'POST']) {
            const body = method === 'POST' ? { body: { reveal: true } } : {}
            await stand.ask(`${path}${more}`, { key, method, ...body })
          }
        }
      }
      await stand.assertSilent()
    },
    weaken: [
      {
        file: 'src/server/routes/provider-view.ts',
        find: '    base_url: config.baseUrl,\n',
        put: '    base_url: config.baseUrl,\n    api_key: toSecret(config.apiKey)?.reveal(),\n',
      },
    ],
  },
  {
    id: 'V014',
    name: 'opens, closes or moves the vault over the network',
    run: async (build) => {
      const stand = await build.server()
      const key = stand.adminToken
      const { json } = await stand.ask('/openapi.json')
      const paths = Object.keys(ObjectReader.of(json, 'openapi').object('paths').source)
      assert.deepEqual(
        paths.filter((path) => /unseal|unlock|vault/i.test(path)),
        [],
      )
      for (const root of ['/api', '/api/admin', '/api/vault', '/api/admin/vault', '/v1/sys']) {
        for (const deed of UNSEALING) {
          for (const method of ['POST', 'PUT']) {
            const body = { passphrase: 'x', key: Buffer.alloc(32).toString('base64') }
            const { status } = await stand.ask(`${root}/${deed}`, { key, method, body })
            assert.ok([404, 405].includes(status), `${method} ${root}/${deed}: ${status}`)
          }
        }
      }
    },
    weaken: [
      {
        file: 'src/server/routes/probes.ts',
        find: "      method: 'GET',\n      path: '/livez',\n",
        put: "      method: 'POST',\n      path: '/api/vault/unlock',\n      access: 'admin',\n      writeError: writePlainError,\n      description: { summary: 'planted', group: 'server', anyBody: true },\n      handle: async () => jsonAnswer({ status: 'ok' }),\n    },\n    {\n      method: 'GET',\n      path: '/livez',\n",
      },
    ],
  },
  {
    id: 'L010',
    name: 'changes or removes what the audit log says of it',
    run: async (build) => {
      const stand = await build.start()
      for (let at = 0; at < 4; at += 1) await stand.makeKey({ name: `key-${at}` })
      assert.equal((await verdictOf(stand)).fault, undefined)
      const path = [...stand.files().keys()].find((file) => file.endsWith('.db')) ?? join(stand.cwd)
      const database = new DatabaseSync(path)
      try {
        const rows = database.prepare('SELECT seq FROM audit ORDER BY seq').all()
        assert.ok(rows.length >= 4)
        const change = (sql: string): void => database.exec(sql)
        change('CREATE TABLE kept AS SELECT * FROM audit')
        change("UPDATE audit SET actor_id = 'nobody' WHERE seq = 2")
        assert.deepEqual(await verdictOf(stand), { fault: 'edited', seq: 2 })
        const restore = (): void =>
          change('DELETE FROM audit; INSERT INTO audit SELECT * FROM kept')
        restore()
        change('DELETE FROM audit WHERE seq = 2')
        assert.deepEqual(await verdictOf(stand), { fault: 'removed', seq: 2 })
        restore()
        change('DELETE FROM audit WHERE seq = (SELECT max(seq) FROM audit)')
        assert.equal((await verdictOf(stand)).fault, 'truncated')
        restore()
        change("UPDATE audit SET details = '{}' WHERE seq = 3")
        assert.deepEqual(await verdictOf(stand), { fault: 'edited', seq: 3 })
        restore()
        assert.equal((await verdictOf(stand)).fault, undefined)
      } finally {
        database.close()
      }
    },
    weaken: [
      {
        file: 'src/store/audit/verify.ts',
        find: "    if (check === 'bad') return { fault: 'edited', seq }\n",
        put: '',
      },
    ],
  },
]
