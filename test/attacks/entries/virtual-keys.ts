// Keys of clients: none is guessed, forged or stolen from the database, none does more than it may, and none outlives its end.
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import type * as keyFormat from '../../../src/access/key-format.ts'
import { type JsonObject, ObjectReader } from '../../../src/wire/json.ts'
import { json } from '../../openai-replies.ts'
import type { Attack } from '../attack.ts'
import { CANARIES } from '../canaries.ts'
import type { Stand } from '../stand.ts'

const SCOPE = 'src/access/scope.ts'

/** No key is held to its models any more. */
const UNSCOPED: Attack['weaken'] = [
  {
    file: SCOPE,
    find: '  return models === undefined || matchesModel(models, target)\n',
    put: '  return models === undefined || matchesModel(models, target) || models.length > 0\n',
  },
  {
    file: SCOPE,
    find: 'models.some((pattern) => reaches(pattern, provider))',
    put: 'models.some((pattern) => reaches(pattern, provider) || pattern !== "")',
  },
]

const SQL = [
  "' OR '1'='1",
  "x'; SELECT pg_sleep(10)--",
  "pb_live_' OR '1'='1' --",
  "pb_live_x'; DROP TABLE documents; --",
  'pb_live_" OR ""="',
  `pb_live_${"'".repeat(12)}_${'0'.repeat(43)}_000000`,
  `pb_live_${"'".repeat(13)}_${'0'.repeat(43)}_000000`,
  `pb_live_' OR 1 = 1 --_${'0'.repeat(43)}_000000`,
  'pba_%_%_%',
  `pba_${'%'.repeat(12)}_${'_'.repeat(43)}_000000`,
  'pb_live_000000000000_UNION SELECT body FROM documents',
]

/** Names of what the key may not ask, for who reads names loosely. */
const OTHER_NAMES = [
  'cloud/other',
  'other',
  'CLOUD/other',
  'Cloud/Other',
  ' cloud/other',
  'cloud/other ',
  'cloud//other',
  'cloud/./other',
  'cloud/m/../other',
  'cloud/oth\u200Ber',
  'cloud/\u043Ether',
  'cloud%2Fother',
  'loose',
  'both',
  'filed',
  'filed/m',
  'filed/other',
  'home',
  'home/m',
  'm',
  '',
  'cloud/*',
  '*',
]

function chatOf(model: string): JsonObject {
  return { model, messages: [{ role: 'user', content: 'Go.' }] }
}

/** So many at once, in milliseconds. */
async function timeOf(ask: () => Promise<unknown>): Promise<number> {
  const start = performance.now()
  await Promise.all(Array.from({ length: 150 }, ask))
  return performance.now() - start
}

/** Whatever was asked of a provider meanwhile was what the key may ask. */
function assertOnlyOwn(stand: Stand, since: number): void {
  for (const { path, text, headers } of stand.upstream.requests.slice(since)) {
    // Which models there are is asked on nobody's behalf.
    if (path.endsWith('/models')) continue
    assert.equal(headers.authorization, `Bearer ${CANARIES.keyByEnvironment}`)
    assert.match(text, /"model":"m"/)
  }
}

const LOOSE = ['aliases: { loose: cloud/other }', 'routes: { both: [cloud/m, filed/m] }']

export const virtualKeyAttacks: readonly Attack[] = [
  {
    id: 'K001',
    name: 'sends a query where a key is looked up',
    run: async (build) => {
      const stand = await build.server()
      for (const key of SQL) {
        for (const headers of [{ authorization: `Bearer ${key}` }, { 'x-api-key': key }]) {
          for (const path of ['/v1/models', '/api/status']) {
            const start = performance.now()
            const { status, text } = await stand.ask(path, { headers })
            // What does not look like a key of ours is none: free local models are listed.
            const isOurs = /^pb[a-z]?_/.test(key)
            const expected = path === '/v1/models' && !isOurs ? 200 : 401
            assert.equal(status, expected, `${key}: ${text}`)
            assert.ok(performance.now() - start < 3000, 'it took its time')
            assert.doesNotMatch(text, /cloud|filed|sqlite|syntax/i)
          }
        }
      }
      assert.equal((await stand.chat()).status, 200)
    },
    weaken: [
      {
        file: 'src/access/key-format.ts',
        find: '  const [, prefix, id] = FORM.exec(key) ?? []\n',
        put: "  const [, prefix, id] = FORM.exec(key) ?? /^(pba|pb_live|pbs)_(.{12,}?)(?:--)?_0{43}/.exec(key) ?? []\n  if (id?.includes(\"'\")) return { kind: 'client', id }\n",
      },
      {
        file: 'src/store/documents/operations.ts',
        find: 'WHERE kind = $1 AND id = $2 AND body IS NOT NULL`,\n      values: [kind, id],',
        put: "WHERE kind = $1 AND id = '${id}' AND body IS NOT NULL`,\n      values: [kind],",
      },
    ],
  },
  {
    id: 'K003',
    name: 'sends its key in another header, past what holds it',
    run: async (build) => {
      const stand = await build.server()
      const { secret } = await stand.makeKey({ models: ['cloud/m'] })
      const since = stand.upstream.requests.length
      const ask = async (
        headers: Readonly<Record<string, string>>,
        model = 'cloud/m',
      ): Promise<number> =>
        (await stand.ask('/v1/chat/completions', { headers, body: chatOf(model) })).status
      for (const name of ['authorization', 'x-api-key', 'api-key', 'x-goog-api-key']) {
        const value = name === 'authorization' ? `Bearer ${secret}` : secret
        assert.equal(await ask({ [name]: value }), 200, name)
        assert.equal(await ask({ [name]: value }, 'cloud/other'), 403, name)
        assert.equal(await ask({ [name]: `${value}x` }), 401, name)
        const two = {
          [name]: value,
          ...(name === 'api-key' ? { 'x-api-key': 'x' } : { 'api-key': 'x' }),
        }
        assert.equal(await ask(two), 400, name)
      }
      const basic = Buffer.from(`x:${secret}`).toString('base64')
      for (const headers of [
        { authorization: `Basic ${basic}` },
        { cookie: `key=${secret}` },
        { 'proxy-authorization': `Bearer ${secret}` },
      ]) {
        assert.equal(await ask(headers), 401)
      }
      assertOnlyOwn(stand, since)
    },
    weaken: [
      {
        file: 'src/server/auth.ts',
        find: 'function callerOf(known: Recognised | undefined, { address }: Asking)',
        put: 'function callerOf(known: Recognised | undefined, { address, headers }: Asking)',
      },
      {
        file: 'src/server/auth.ts',
        find: "{ kind: 'client', keyId: known.id, grant: known.grant }",
        put: "{ kind: 'client', keyId: known.id, grant: headers['x-goog-api-key'] === undefined ? known.grant : { ...known.grant, scopes: [], account: {} } }",
      },
    ],
  },
  {
    id: 'K004',
    name: 'spells a model that it may not ask, in every place that takes one',
    run: async (build) => {
      const stand = await build.start({ config: LOOSE })
      const { secret: key } = await stand.makeKey({ models: ['cloud/m'], endpoints: ['chat'] })
      assert.equal((await stand.chat({ key })).status, 200)
      const since = stand.upstream.requests.length
      const messages = [{ role: 'user', content: 'Go.' }]
      for (const model of OTHER_NAMES) {
        const path = `/v1beta/models/${encodeURIComponent(model)}:generateContent`
        for (const [where, body] of [
          ['/v1/chat/completions', { model, messages }],
          ['/v1/chat/completions?model=cloud/m', { model, messages }],
          ['/v1/messages', { model, messages, max_tokens: 9 }],
          ['/ollama/api/chat', { model, messages }],
          ['/api/chat', { message: 'Go.', model }],
          ['/api/chat', { message: 'Go.', model, provider: 'cloud' }],
          [path, { model: 'cloud/m', contents: [{ role: 'user', parts: [{ text: 'Go.' }] }] }],
        ] as const) {
          await stand.ask(where, { key, body })
        }
      }
      assertOnlyOwn(stand, since)
      // It is for chats alone, in whatever protocol.
      const embedded = { model: 'cloud/m', input: 'x' }
      assert.equal((await stand.ask('/v1/embeddings', { key, body: embedded })).status, 403)
      assert.equal((await stand.ask('/v1/models', { key })).status, 403)
      assert.equal((await stand.ask('/v1/responses/resp_1', { key })).status, 403)
    },
    weaken: UNSCOPED,
  },
  {
    id: 'K005',
    name: 'gets by a failure to a model that it may not ask',
    run: async (build) => {
      const stand = await build.start({ config: LOOSE })
      const { secret: key } = await stand.makeKey({ models: ['cloud/m'] })
      const since = stand.upstream.requests.length
      stand.upstream.answer(() => json({ error: { message: 'down' } }, 500))
      const { status } = await stand.chat({ key, body: { model: 'both' } })
      assert.ok(status >= 500)
      assert.ok(stand.upstream.requests.length > since)
      assertOnlyOwn(stand, since)
    },
    weaken: UNSCOPED,
  },
  {
    id: 'K006',
    name: 'goes on with a key that was revoked, removed or is over, at any worker',
    run: async (build) => {
      const first = await build.start()
      // The key of the vault is in the home of who runs both.
      const shared = { PATCHBAY_HOME: join(first.cwd, 'data'), HOME: first.cwd }
      const second = await build.start({ env: shared })
      const key = first.adminToken
      const ends = [
        async (id: string) => first.ask(`/api/admin/keys/${id}/revoke`, { key, method: 'POST' }),
        async (id: string) => first.ask(`/api/admin/keys/${id}`, { key, method: 'DELETE' }),
      ]
      for (const end of ends) {
        const { secret, id } = await first.makeKey()
        for (const stand of [first, second]) {
          assert.equal((await stand.chat({ key: secret })).status, 200)
        }
        assert.equal((await end(id)).status, 200)
        assert.equal((await first.chat({ key: secret })).status, 401)
        const start = performance.now()
        while ((await second.chat({ key: secret })).status !== 401) {
          assert.ok(performance.now() - start < 1500, 'it is still good elsewhere')
        }
      }
      const over = await first.ask('/api/admin/keys', {
        key,
        body: { name: 'over', expires_at: new Date(Date.now() - 1000).toISOString() },
      })
      const secret = String(over.json['secret'])
      assert.equal((await second.chat({ key: secret })).status, 401)
    },
    weaken: [
      {
        file: 'src/server/keys/key-book.ts',
        find: 'book.#cache.forget(change)',
        put: 'void change',
      },
    ],
  },
  {
    id: 'K007',
    name: 'tells keys that there are from those that there are not',
    run: async (build) => {
      const stand = await build.server()
      const { mintKey } = await build.load<typeof keyFormat>('access/key-format.ts')
      const { id } = await stand.makeKey()
      const answers = [id, '000000000000', 'zzzzzzzzzzzz'].map(async (claimed) => {
        const key = mintKey({ kind: 'client', id: claimed }, randomBytes)
        const { status, text } = await stand.ask('/v1/models', { key })
        return `${status} ${text.replaceAll(/req_\w+/g, 'REQ')}`
      })
      const [known, ...unknown] = await Promise.all(answers)
      assert.match(known ?? '', /^401 /)
      for (const answer of unknown) assert.equal(answer, known)
    },
    weaken: [
      {
        file: 'src/server/keys/key-book.ts',
        find: '    if (read === undefined || key === undefined || match === undefined) return undefined\n',
        put: "    if (read === undefined) throw notGood('parent_gone')\n    if (key === undefined || match === undefined) return undefined\n",
      },
    ],
  },
  {
    id: 'K008',
    name: 'forges a key with the right form and check',
    run: async (build) => {
      const stand = await build.server()
      const { mintKey, mintId } = await build.load<typeof keyFormat>('access/key-format.ts')
      const { id } = await stand.makeKey()
      for (const kind of ['client', 'admin', 'run'] as const) {
        for (const claimed of [id, mintId(randomBytes)]) {
          const key = mintKey({ kind, id: claimed }, randomBytes)
          assert.equal((await stand.ask('/v1/models', { key })).status, 401)
          assert.equal((await stand.ask('/api/status', { key })).status, 401)
        }
      }
    },
    weaken: [
      {
        file: 'src/access/digest.ts',
        find: '      timingSafeEqual(presented, expected)\n',
        put: '      timingSafeEqual(presented, presented)\n',
      },
    ],
  },
  {
    id: 'K009',
    name: 'steals the database and sends what it holds as a key',
    run: async (build) => {
      const stand = await build.server()
      const { id } = await stand.makeKey()
      const digests = [...stand.files().values()].flatMap((text) => [
        ...new Set(text.match(/(?<![0-9a-f])[0-9a-f]{64}(?![0-9a-f])/g)),
      ])
      assert.ok(digests.length > 0, 'no digest was found')
      for (const digest of digests) {
        for (const key of [
          digest,
          `pb_live_${id}_${digest.slice(0, 43)}_000000`,
          `pba_${id}_${digest.slice(0, 43)}_000000`,
        ]) {
          assert.equal((await stand.ask('/api/status', { key })).status, 401)
          assert.equal((await stand.chat({ key })).status, 401)
        }
      }
    },
    weaken: [
      {
        file: 'src/access/key-format.ts',
        find: 'withCheck(key.slice(0, -CHECK_LENGTH - 1)) === key',
        put: "(key.endsWith('_000000') || withCheck(key.slice(0, -CHECK_LENGTH - 1)) === key)",
      },
      {
        file: 'src/access/digest.ts',
        find: '      timingSafeEqual(presented, expected)\n',
        put: "      (timingSafeEqual(presented, expected) || known.digest.startsWith(key.split('_').at(-2) ?? key))\n",
      },
    ],
  },
  {
    id: 'K016',
    name: 'asks what another key may do',
    run: async (build) => {
      const stand = await build.server()
      const own = await stand.makeKey({ models: ['cloud/m'] })
      const other = await stand.makeKey({ name: 'nobody-else-knows', owner: 'somebody' })
      const key = own.secret
      for (const path of [
        `/api/keys/self?id=${other.id}`,
        `/api/keys/${other.id}`,
        `/api/admin/keys/${other.id}`,
        '/api/admin/keys',
        '/api/keys/self',
        '/v1/models',
      ]) {
        const { text } = await stand.ask(path, { key })
        assert.doesNotMatch(text, /nobody-else-knows|somebody/, path)
        assert.doesNotMatch(text, /cloud\/other|filed|home/, path)
      }
    },
    weaken: [
      {
        file: 'src/server/keys/self-route.ts',
        find: 'handle: async ({ caller }) => {',
        put: 'handle: async ({ caller, query }) => {',
      },
      {
        file: 'src/server/keys/self-route.ts',
        find: 'desk.find(caller.keyId)',
        put: "desk.find(query.get('id') ?? caller.keyId)",
      },
    ],
  },
  {
    id: 'K017',
    name: 'uses a key from a page of any origin',
    run: async (build) => {
      const stand = await build.server()
      for (const origin of ['https://evil.test', 'null', 'http://localhost:9999']) {
        for (const method of ['OPTIONS', 'POST']) {
          const { status, headers } = await stand.ask('/v1/chat/completions', {
            method,
            key: stand.clientKey,
            headers: { origin, 'access-control-request-method': 'POST' },
            ...(method === 'POST' ? { body: { model: 'home/m' } } : {}),
          })
          assert.equal(status, 403, `${method} from ${origin}`)
          assert.equal(headers.get('access-control-allow-origin'), null)
        }
      }
    },
    weaken: [
      {
        file: 'src/server/perimeter.ts',
        find: '    if (this.#origins.has(origin)) {\n',
        put: "    if (this.#origins.has(origin) || origin === 'null') {\n",
      },
    ],
  },
  {
    id: 'Z013',
    name: 'spends with a key that nobody gave a limit',
    run: async (build) => {
      const stand = await build.server()
      const { id } = await stand.makeKey()
      const { json: said } = await stand.ask(`/api/admin/keys/${id}`, { key: stand.adminToken })
      const key = ObjectReader.of(said, 'answer').object('key')
      const limits = key.object('limits')
      assert.ok(limits.object('requests').number('per_minute') > 0)
      assert.ok(limits.object('tokens').number('per_minute') > 0)
      assert.ok(limits.number('concurrency') > 0)
      const [budget] = key.items('budget')
      assert.ok(budget !== undefined, 'it has no budget')
      const first = ObjectReader.of(budget.value, 'budget')
      assert.ok(Number(first.string('usd')) > 0)
      assert.equal(first.value('hard'), true)
    },
    weaken: [
      {
        file: 'src/server/keys/key-desk.ts',
        find: "const DEFAULT_BUDGET = [{ nanoUsd: 100_000_000_000, period: 'month', hard: true }] as const",
        put: 'const DEFAULT_BUDGET = [] as const',
      },
    ],
  },
  {
    id: 'Z012',
    name: 'keeps the server busy with keys that are wrong',
    run: async (build) => {
      const stand = await build.server()
      const { mintKey } = await build.load<typeof keyFormat>('access/key-format.ts')
      const { id } = await stand.makeKey()
      const wrong = mintKey({ kind: 'client', id }, randomBytes)
      await timeOf(async () => stand.ask('/livez'))
      const plain = await timeOf(async () => stand.ask('/livez'))
      const guessing = await timeOf(async () => stand.ask('/v1/models', { key: wrong }))
      assert.ok(guessing < 6 * plain + 1000, `${guessing} ms, where ${plain} ms do without a key`)
    },
    weaken: [
      {
        file: 'src/access/digest.ts',
        find: "import { createHmac, hash, timingSafeEqual } from 'node:crypto'",
        put: "import { createHmac, hash, scryptSync, timingSafeEqual } from 'node:crypto'",
      },
      {
        file: 'src/access/digest.ts',
        find: '  let found: KeyDigest | undefined\n',
        put: "  scryptSync(key, 'salt', 32, { N: 2 ** 16, maxmem: 2 ** 28 })\n  let found: KeyDigest | undefined\n",
      },
    ],
  },
]
