// Keys and teams over the API of a real gateway: made, shown once, changed, ended; and who may do any of it.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { FakeProvider } from '../../../test/server-fakes.ts'
import { type OpenGateway, openGateway } from '../../../test/open-gateway.ts'
import { type Json, type JsonObject, isArray, isObject, parseJson } from '../../wire/json.ts'

let open: OpenGateway
const bodies: string[] = []
const secrets: string[] = []

interface Asked {
  readonly status: number
  readonly headers: Headers
  readonly json: JsonObject
  readonly code: string | undefined
}

interface Asking {
  readonly key?: string
  readonly body?: Json | undefined
  readonly headers?: Readonly<Record<string, string>>
}

async function ask(
  line: string,
  { key = open.adminToken, body, headers = {} }: Asking = {},
): Promise<Asked> {
  const [method = 'GET', path = '/'] = line.split(' ')
  const response = await fetch(`${open.url}${path}`, {
    method,
    headers: { ...(key === '' ? {} : { authorization: `Bearer ${key}` }), ...headers },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  const text = await response.text()
  const read = text.startsWith('{') ? parseJson(text) : {}
  const json = isObject(read) ? read : {}
  const { secret, ...rest } = json
  if (typeof secret === 'string') secrets.push(secret)
  bodies.push(JSON.stringify(rest))
  const error = isObject(json['error']) ? json['error'] : {}
  const code = typeof error['code'] === 'string' ? error['code'] : undefined
  return { status: response.status, headers: response.headers, json, code }
}

function textAt(json: JsonObject, ...path: readonly string[]): string {
  const found = path.reduce<Json | undefined>(
    (node, name) => (isObject(node) ? node[name] : undefined),
    json,
  )
  return typeof found === 'string' ? found : ''
}

interface Made {
  readonly id: string
  readonly secret: string
  readonly etag: string
}

async function make(body: JsonObject, key?: string): Promise<Made> {
  const made = await ask('POST /api/admin/keys', { body, ...(key === undefined ? {} : { key }) })
  expect(made.status).toBe(201)
  const id = textAt(made.json, 'key', 'id')
  const { headers } = await ask(`GET /api/admin/keys/${id}`)
  return { id, secret: textAt(made.json, 'secret'), etag: headers.get('etag') ?? '' }
}

async function chat(key: string, model = 'box/tiny'): Promise<Asked> {
  const messages = [{ role: 'user', content: 'Hi' }]
  return ask('POST /v1/chat/completions', { key, body: { model, messages } })
}

beforeAll(async () => {
  const box = new FakeProvider({ name: 'box', local: true, models: ['tiny'] })
  open = await openGateway({ providers: [box] })
})
afterAll(async () => open.close())

describe('a key over the API', () => {
  it('is shown once, and works; lists and looks never have its secret', async () => {
    const { id, secret } = await make({ name: 'shop', owner: 'ada', tags: { project: 'x' } })
    expect(secret).toMatch(/^pb_live_/)
    expect((await chat(secret)).status).toBe(200)
    const { json } = await ask('GET /api/admin/keys')
    const keys = isArray(json['keys']) ? json['keys'] : []
    expect(keys.map((one) => (isObject(one) ? one['id'] : undefined))).toContain(id)
  })

  it('has finite limits and a hard budget, unless it is said otherwise', async () => {
    const { id } = await make({ name: 'plain' })
    expect((await ask(`GET /api/admin/keys/${id}`)).json['key']).toMatchObject({
      limits: { requests: { per_minute: 600 }, tokens: { per_minute: 1_000_000 }, concurrency: 64 },
      budget: [{ usd: '100', period: 'month', hard: true }],
      state: 'active',
      created_by: open.adminToken.split('_')[1],
    })
    const free = await make({ name: 'free', limits: {}, budget: [] })
    expect((await ask(`GET /api/admin/keys/${free.id}`)).json['key']).toMatchObject({
      limits: {},
      budget: [],
    })
  })

  it('has the texts of its calls kept only where it says so', async () => {
    const { id, etag } = await make({
      name: 'kept',
      content: { retention_days: 7, words: ['atlas'] },
    })
    const path = `/api/admin/keys/${id}`
    expect((await ask(`GET ${path}`)).json['key']).toMatchObject({
      content: { retention_days: 7, redact: ['emails', 'cards', 'keys'], words: ['atlas'] },
    })
    const headers = { 'if-match': etag }
    const changed = await ask(`PATCH ${path}`, { body: { content: null }, headers })
    expect(changed.status).toBe(200)
    expect(Object.keys(isObject(changed.json['key']) ? changed.json['key'] : {})).not.toContain(
      'content',
    )
  })

  it('is listed a page at a time', async () => {
    const seen: string[] = []
    let after = ''
    do {
      const { json } = await ask(`GET /api/admin/keys?limit=2${after}`)
      const keys = isArray(json['keys']) ? json['keys'] : []
      expect(keys.length).toBeLessThanOrEqual(2)
      seen.push(...keys.map((one) => (isObject(one) ? String(one['id']) : '')))
      after = typeof json['next'] === 'string' ? `&after=${json['next']}` : ''
    } while (after !== '')
    expect(new Set(seen).size).toBe(seen.length)
    expect(seen.length).toBeGreaterThanOrEqual(5)
  })

  it('A032 changes only from the state that was looked at', async () => {
    const { id, etag } = await make({ name: 'one' })
    const path = `PATCH /api/admin/keys/${id}`
    expect(await ask(path, { body: { name: 'two' } })).toMatchObject({ status: 428 })
    const first = await ask(path, { body: { name: 'two' }, headers: { 'if-match': etag } })
    expect(first).toMatchObject({ status: 200, json: { key: { name: 'two' } } })
    const late = await ask(path, { body: { name: 'three' }, headers: { 'if-match': etag } })
    expect(late).toMatchObject({ status: 412, code: 'version_conflict' })
    const next = first.headers.get('etag') ?? ''
    expect(
      await ask(path, { body: { models: ['box/*'] }, headers: { 'if-match': next } }),
    ).toMatchObject({
      status: 200,
      json: { key: { name: 'two', models: ['box/*'] } },
    })
  })

  it('gets a new secret, and the old one goes on for as long as is said', async () => {
    const { id, secret } = await make({ name: 'turning' })
    const turned = await ask(`POST /api/admin/keys/${id}/rotate`, { body: { overlap_seconds: 60 } })
    const next = textAt(turned.json, 'secret')
    expect(next.split('_')[2]).toBe(id)
    expect(await Promise.all([secret, next].map(async (key) => (await chat(key)).status))).toEqual([
      200, 200,
    ])
    await ask(`POST /api/admin/keys/${id}/rotate`, { body: { overlap_seconds: 0 } })
    expect((await chat(next)).status).toBe(401)
  })

  it('K006 is refused from the moment that it is revoked or removed', async () => {
    const { id, secret } = await make({ name: 'ending' })
    expect((await ask(`POST /api/admin/keys/${id}/revoke`)).json).toMatchObject({
      key: { state: 'revoked' },
    })
    expect(await chat(secret)).toMatchObject({ status: 401, code: 'key_revoked' })
    expect((await ask(`POST /api/admin/keys/${id}/rotate`)).code).toBe('key_revoked')
    expect((await ask(`DELETE /api/admin/keys/${id}`)).status).toBe(200)
    expect(await chat(secret)).toMatchObject({ status: 401, code: 'invalid_api_key' })
    expect((await ask(`GET /api/admin/keys/${id}`)).status).toBe(404)
  })

  it('K007 that nobody has is refused in the same words as one with a wrong secret', async () => {
    const { secret } = await make({ name: 'target' })
    const other = await make({ name: 'other' })
    const wrong = secret.slice(0, 21) + other.secret.slice(21)
    const said = await Promise.all(
      [wrong, other.secret.replace(/^(.{9})./, '$1#')].map(async (key) => chat(key)),
    )
    for (const { status, code } of said)
      expect({ status, code }).toEqual({ status: 401, code: 'invalid_api_key' })
  })

  it('K016 shows its holder what it may do, and nothing of another', async () => {
    const { id, secret } = await make({ name: 'self', models: ['box/tiny'], endpoints: ['chat'] })
    const own = await ask('GET /api/keys/self', { key: secret })
    expect(own).toMatchObject({ status: 200, json: { key: { id, models: ['box/tiny'] } } })
    expect((await ask('GET /api/keys/other', { key: secret })).status).toBe(404)
    expect((await ask(`GET /api/admin/keys/${id}`, { key: secret })).status).toBe(403)
    expect((await ask('GET /api/keys/self', { key: '' })).status).toBe(401)
  })
})

describe('what may be said of a key', () => {
  it.each<[string, JsonObject]>([
    ['state', { state: 'active' }],
    ['id', { id: '000000000000' }],
    ['digests', { digests: [] }],
    ['created_by', { created_by: 'me' }],
    ['version', { version: 9 }],
    ['parent', { parent: '000000000000' }],
    ['kind', { kind: 'admin' }],
    ['team', { team: 'other' }],
    ['scopes', { scopes: ['*'] }],
    ['is_admin', { is_admin: true }],
    ['__proto__', parsedObject('{"__proto__":{"role":"owner"}}')],
    ['constructor', parsedObject('{"constructor":{"prototype":{"role":"owner"}}}')],
  ])('A006 never includes %s once it is made', async (_, extra) => {
    const { id, etag } = await make({ name: 'mass' })
    const answer = await ask(`PATCH /api/admin/keys/${id}`, {
      body: { name: 'changed', ...own(extra) },
      headers: { 'if-match': etag },
    })
    expect(answer.status).toBe(400)
    expect((await ask(`GET /api/admin/keys/${id}`)).headers.get('etag')).toBe(etag)
  })

  it('A006 makes no client key with a role', async () => {
    const body = { name: 'x', role: 'owner' }
    expect(await ask('POST /api/admin/keys', { body })).toMatchObject({ status: 400 })
    const { id, etag } = await make({ name: 'y' })
    const answer = await ask(`PATCH /api/admin/keys/${id}`, {
      body: { role: 'owner' },
      headers: { 'if-match': etag },
    })
    expect(answer.status).toBe(400)
  })

  it.each<[string, JsonObject]>([
    ['a negative budget', { budget: [{ usd: '-5', period: 'day' }] }],
    ['a budget of a number', { budget: [{ usd: 5, period: 'day' }] }],
    ['half a billionth', { budget: [{ nano_usd: 0.5, period: 'day' }] }],
    ['more than can be counted', { budget: [{ nano_usd: 1e300, period: 'day' }] }],
    ['both words for money', { budget: [{ usd: '1', nano_usd: 1, period: 'day' }] }],
    [
      'two budgets of one period',
      {
        budget: [
          { usd: '1', period: 'day' },
          { usd: '2', period: 'day' },
        ],
      },
    ],
    ['an unknown period', { budget: [{ usd: '1', period: 'fortnight' }] }],
    ['a limit of nothing', { limits: { requests: { per_minute: 0 } } }],
    ['a negative limit', { limits: { concurrency: -1 } }],
    ['a bare model', { models: ['gpt-5'] }],
    ['a star in the middle', { models: ['a/*b'] }],
    ['no network', { cidrs: ['10.0.0.0/33'] }],
    ['a date that is none', { expires_at: 'soon' }],
    ['an unknown endpoint', { endpoints: ['everything'] }],
    ['a tag with a line break', { tags: { a: 'b\r\nx: y' } }],
    ['no name', { name: '' }],
  ])('K014 is never %s', async (_, extra) => {
    const answer = await ask('POST /api/admin/keys', { body: { name: 'n', ...extra } })
    expect(answer.status).toBe(400)
  })
})

/** JSON as it comes over the wire: names that would be magic in a literal are plain keys. */
function parsedObject(text: string): JsonObject {
  const read = parseJson(text)
  return isObject(read) ? read : {}
}

function own(extra: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(extra).map(([name, value]) => [name === '__proto__' ? 'proto' : name, value]),
  )
}

describe('roles', () => {
  it('are held to on every route of the admins, for everybody', async () => {
    const owner = await make({ name: 'o', kind: 'admin', role: 'owner' })
    const operator = await make({ name: 'p', kind: 'admin', role: 'operator' })
    const viewer = await make({ name: 'v', kind: 'admin' })
    const client = await make({ name: 'c' })
    const { json } = await ask('GET /openapi.json', { key: '' })
    const places = adminPlaces(json)
    expect(places.length).toBeGreaterThan(20)
    const least = { viewer: 0, operator: 1, owner: 2 }
    for (const { method, path, role } of places) {
      const line = `${method} ${path.replaceAll(/\{[a-z_]+\}/g, 'nobody')}`
      if (line.includes('/api/events')) continue
      expect([line, (await ask(line, { key: '' })).status]).toEqual([line, 401])
      expect([line, (await ask(line, { key: 'garbage' })).status]).toEqual([line, 401])
      expect([line, (await ask(line, { key: `${viewer.secret}x` })).status]).toEqual([line, 401])
      expect([line, (await ask(line, { key: client.secret })).status]).toEqual([line, 403])
      const low = await ask(line, { key: viewer.secret, body: bodyFor(method) })
      expect([line, low.code === 'role_too_low']).toEqual([line, least[role] > 0])
      const middle = await ask(line, { key: operator.secret, body: bodyFor(method) })
      expect([line, middle.code === 'role_too_low']).toEqual([line, least[role] > 1])
      const high = await ask(line, { key: owner.secret, body: bodyFor(method) })
      expect([line, high.code]).not.toEqual([line, 'role_too_low'])
      expect([line, high.status === 401 || high.status === 403]).toEqual([line, false])
    }
  })

  it('A005 let no operator make, change or end an admin key', async () => {
    const operator = await make({ name: 'p', kind: 'admin', role: 'operator' })
    const owner = await make({ name: 'o', kind: 'admin', role: 'owner' })
    const key = operator.secret
    const body = { name: 'mine', kind: 'admin', role: 'owner' }
    const any = { 'if-match': '*' }
    const one = `/api/admin/keys/${operator.id}`
    const tries = [
      await ask('POST /api/admin/keys', { key, body }),
      await ask('POST /api/admin/keys', { key, body: { ...body, role: 'viewer' } }),
      await ask(`PATCH ${one}`, { key, body: { role: 'owner' }, headers: any }),
      await ask(`POST ${one}/rotate`, { key }),
      await ask(`POST /api/admin/keys/${owner.id}/revoke`, { key }),
      await ask(`DELETE /api/admin/keys/${owner.id}`, { key }),
    ]
    expect(tries.map(({ status, code }) => [status, code])).toEqual(
      tries.map(() => [403, 'role_too_low']),
    )
    expect(await ask('POST /api/admin/keys', { key, body: { name: 'fine' } })).toMatchObject({
      status: 201,
    })
  })

  it('never leave nobody to govern', async () => {
    const { json } = await ask('GET /api/admin/keys?limit=500')
    const first = open.adminToken.split('_')[1] ?? ''
    for (const one of isArray(json['keys']) ? json['keys'] : []) {
      const id = isObject(one) && one['role'] === 'owner' ? String(one['id']) : first
      if (id !== first) await ask(`DELETE /api/admin/keys/${id}`)
    }
    const path = `/api/admin/keys/${first}`
    const any = { 'if-match': '*' }
    const tries = [
      await ask(`DELETE ${path}`),
      await ask(`POST ${path}/revoke`),
      await ask(`PATCH ${path}`, { body: { role: 'viewer' }, headers: any }),
      await ask(`PATCH ${path}`, { body: { expires_at: '2999-01-01T00:00:00Z' }, headers: any }),
    ]
    expect(tries.map(({ status, code }) => [status, code])).toEqual(
      tries.map(() => [409, 'last_owner']),
    )
    const other = await make({ name: 'second', kind: 'admin', role: 'owner' })
    const both = await Promise.all(
      [first, other.id].map((id) =>
        ask(`POST /api/admin/keys/${id}/revoke`, { key: other.secret }),
      ),
    )
    expect(both.filter(({ status }) => status === 200)).toHaveLength(1)
  })
})

interface AdminPlace {
  readonly method: string
  readonly path: string
  readonly role: 'viewer' | 'operator' | 'owner'
}

function adminPlaces(document: JsonObject): readonly AdminPlace[] {
  const paths = isObject(document['paths']) ? document['paths'] : {}
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(isObject(methods) ? methods : {}).flatMap(([method, operation]) => {
      const role = isObject(operation) ? operation['x-patchbay-role'] : undefined
      if (role !== 'viewer' && role !== 'operator' && role !== 'owner') return []
      return [{ method: method.toUpperCase(), path, role }]
    }),
  )
}

/** What every route refuses, so that the walk changes nothing. */
function bodyFor(method: string): Json | undefined {
  return method === 'GET' || method === 'DELETE' ? undefined : { nonsense: true }
}

describe('after all this', () => {
  it('no answer but the one that made it held a secret', () => {
    expect(secrets.length).toBeGreaterThan(20)
    const all = bodies.join('\n')
    expect(
      secrets.filter(
        (secret) => all.includes(secret) || all.includes(secret.split('_').at(-2) ?? '?'),
      ),
    ).toEqual([])
    expect(all.includes('"digest"')).toBe(false)
  })
})
