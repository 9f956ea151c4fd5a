// Every call of the admin API, found by asking: who may not is refused, nothing unknown is taken, and whatever was to change something is in the audit log by the time it is answered.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type JsonObject, isArray, isObject } from '../src/wire/json.ts'
import { type Answer, StaffedGateway, errorOf } from './staffed-gateway.ts'

interface Place {
  readonly method: string
  readonly path: string
}

const staffed = new StaffedGateway()
const { ask } = staffed
let places: readonly Place[] = []

beforeAll(async () => {
  await staffed.start()
  places = await adminPlaces()
})
afterAll(async () => staffed.close())

/** As the server itself describes and guards them. */
async function adminPlaces(): Promise<readonly Place[]> {
  const { json } = await ask('/openapi.json')
  const { paths } = json
  const all = Object.entries(isObject(paths) ? paths : {}).flatMap(([path, methods]) =>
    Object.keys(isObject(methods) ? methods : {}).map((method) => ({
      method: method.toUpperCase(),
      path: path.replaceAll(/\{\w+\}/g, 'nobody'),
    })),
  )
  const guarded: Place[] = []
  for (const place of all) {
    if (!place.path.startsWith('/api/')) continue
    const answer = await ask(place.path, { method: place.method })
    if (errorOf(answer)['code'] === 'admin_token_missing') guarded.push(place)
  }
  return guarded
}

function changing(): readonly Place[] {
  return places.filter(({ method }) => method !== 'GET')
}

async function asOwner({ method, path }: Place, body?: JsonObject): Promise<Answer> {
  const key = staffed.open.adminToken
  const headers = { 'if-match': '*' }
  return ask(path, { method, key, headers, ...(body === undefined ? {} : { body }) })
}

async function newest(): Promise<JsonObject> {
  const { json } = await asOwner({ method: 'GET', path: '/api/admin/audit?limit=1' })
  const [entry] = isArray(json['entries']) ? json['entries'] : []
  return isObject(entry) ? entry : {}
}

describe('the admin API', () => {
  it('is there', () => {
    expect(changing().length).toBeGreaterThanOrEqual(9)
    expect(places.map(({ path }) => path)).toContain('/api/admin/audit')
  })

  it('is for no client, whatever the call', async () => {
    for (const { method, path } of places) {
      const answer = await ask(path, { method, key: staffed.open.clientKey })
      expect([method, path, answer.status]).toEqual([method, path, 403])
    }
  })

  it('takes no field that it does not know: nobody makes himself an owner by the way', async () => {
    for (const place of changing()) {
      for (const field of ['role', 'is_admin', 'scopes', 'owner_id', 'constructor']) {
        // An admin key has a role, which is an owner's to say: key-api.test.ts.
        if (field === 'role' && place.path.startsWith('/api/admin/keys')) continue
        const answer = await asOwner(place, { [field]: 'owner' })
        expect([place, field, answer.status]).toEqual([place, field, 400])
      }
    }
  })

  it('writes down every call that was to change something, before it is answered', async () => {
    for (const place of changing()) {
      const answer = await asOwner(place, { unheard_of: 1 })
      const entry = await newest()
      expect([place, entry['request_id']]).toEqual([place, answer.headers.get('x-request-id')])
      expect(entry).toMatchObject({ actor: 'admin', role: 'owner', status: answer.status })
    }
  })

  it('answers nonsense with an error that tells nothing of the inside', async () => {
    const nonsense = ['{', '[]', '"x"', '{"a":'.repeat(500), '\u0000', '{"name":"\\ud800"}']
    for (const { method, path } of changing()) {
      for (const body of nonsense) {
        const answer = await ask(path, { method, key: staffed.open.adminToken, body })
        expect([method, path, body, answer.status < 500]).toEqual([method, path, body, true])
        if (answer.status >= 400) expect(errorOf(answer)).toHaveProperty('request_id')
        expect(answer.text).not.toMatch(/\bat \S+ \(|node_modules|\.ts:|SELECT|INSERT|SQLITE/)
      }
    }
  })

  it('leaves no key in the log', async () => {
    const { text } = await asOwner({ method: 'GET', path: '/api/admin/audit?limit=500' })
    expect(text.length).toBeGreaterThan(1000)
    expect(staffed.leaks()).toEqual([])
  })
})

describe('the audit log over HTTP', () => {
  it('is read a page at a time, and searched', async () => {
    await asOwner({ method: 'POST', path: '/api/providers/home/default' })
    const first = await asOwner({ method: 'GET', path: '/api/admin/audit?limit=2' })
    const rest = await asOwner({
      method: 'GET',
      path: `/api/admin/audit?limit=2&after=${String(first.json['next'])}`,
    })
    const numbers = [first, rest].flatMap(({ json }) =>
      isArray(json['entries'])
        ? json['entries'].map((one) => (isObject(one) ? Number(one['seq']) : 0))
        : [],
    )
    expect(numbers).toEqual([0, 1, 2, 3].map((back) => (numbers[0] ?? 0) - back))
    const found = await asOwner({
      method: 'GET',
      path: '/api/admin/audit?action=provider.default&subject=home',
    })
    expect(found.json['entries']).toMatchObject([{ subject: 'home', outcome: 'done', status: 200 }])
    const wrong = await asOwner({ method: 'GET', path: '/api/admin/audit?after=x' })
    expect(wrong.status).toBe(400)
  })

  it('tells who was not let in', async () => {
    const answer = await ask('/api/providers', { key: 'pba_wrong' })
    expect(answer.status).toBe(401)
    const entries = await asOwner({
      method: 'GET',
      path: '/api/admin/audit?outcome=refused&limit=500',
    })
    expect(entries.text).toContain('"reason":"admin_token_missing"')
  })

  it('is whole', async () => {
    const verdict = await asOwner({ method: 'GET', path: '/api/admin/audit/verification' })
    const { entries, keyed, unprotected } = verdict.json
    expect({ keyed, unprotected }).toEqual({ keyed: entries, unprotected: 0 })
    expect(verdict.json).not.toHaveProperty('fault')
  })
})
