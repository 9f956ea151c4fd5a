// Limits of keys, of those above them and of teams: what one key uses, all that it belongs to use.
import { afterEach, describe, expect, it } from 'vitest'
import type { LimitRule } from '../src/resilience/limits/limit-rule.ts'
import { type JsonObject, isObject, tryParseJson } from '../src/wire/json.ts'
import { type OpenGateway, openGateway } from './open-gateway.ts'
import { FakeProvider } from './server-fakes.ts'

let open: OpenGateway | undefined
afterEach(async () => {
  await open?.close()
  open = undefined
})

async function opened(rules: readonly LimitRule[] = []): Promise<OpenGateway> {
  open = await openGateway({
    providers: [new FakeProvider({ name: 'box', local: true, models: ['tiny'] })],
    now: () => Date.UTC(2026, 0, 1),
    config: { limits: { maxBodyBytes: 10_000, rules } },
  })
  return open
}

async function post(path: string, body: JsonObject, key?: string): Promise<JsonObject> {
  const response = await fetch(`${open?.url}${path}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key ?? open?.adminToken}` },
    body: JSON.stringify(body),
  })
  const read = tryParseJson(await response.text())
  return { ...(isObject(read) ? read : {}), status: response.status }
}

interface Made {
  readonly id: string
  readonly key: string
}

async function make(body: JsonObject): Promise<Made> {
  const made = await post('/api/admin/keys', { name: 'k', limits: {}, budget: [], ...body })
  expect(made['status']).toBe(201)
  const id = isObject(made['key']) ? String(made['key']['id']) : ''
  return { id, key: String(made['secret']) }
}

/** How many of so many calls one after another are answered; and what the first refusal says. */
async function passed(key: string, calls: number): Promise<readonly [number, string]> {
  let count = 0
  let said = ''
  const body = { model: 'tiny', max_tokens: 92, messages: [{ role: 'user', content: 'Go' }] }
  for (let call = 0; call < calls; call += 1) {
    const answer = await post('/v1/chat/completions', body, key)
    if (answer['status'] === 200) count += 1
    else if (said === '' && isObject(answer['error'])) said = String(answer['error']['message'])
  }
  return [count, said]
}

const perMinute = (limit: number): JsonObject => ({ requests: { per_minute: limit } })

describe('limits of a record', () => {
  it('hold its key, each for itself', async () => {
    await opened()
    const one = await make({ limits: perMinute(2) })
    const other = await make({ limits: perMinute(3) })
    expect((await passed(one.key, 4))[0]).toBe(2)
    expect(await passed(other.key, 4)).toEqual([3, expect.stringContaining('limits of the key')])
  })

  it('hold for tokens too', async () => {
    await opened()
    const { key } = await make({ limits: { tokens: { per_day: 150 } } })
    // Each sets aside 100 and uses 3: the first whose 100 are not there any more is refused.
    expect((await passed(key, 30))[0]).toBe(17)
  })

  it('are used by every key that was made under theirs, and by the team of all of them', async () => {
    await opened()
    await post('/api/admin/teams', { id: 'lab', limits: perMinute(5) })
    const parent = await make({ limits: perMinute(3), team: 'lab' })
    const child = await make({ parent: parent.id })
    const sister = await make({ parent: parent.id })
    const cousin = await make({ team: 'lab' })
    expect((await passed(child.key, 2))[0]).toBe(2)
    expect(await passed(sister.key, 2)).toEqual([
      1,
      expect.stringContaining(`The key ${parent.id}`),
    ])
    expect(await passed(cousin.key, 5)).toEqual([2, expect.stringContaining('Your team "lab"')])
  })

  it('end with the calls that hold them', async () => {
    await opened()
    const { key } = await make({ limits: { concurrency: 1 } })
    expect((await passed(key, 3))[0]).toBe(3)
  })
})

describe('a rule for teams', () => {
  it('counts for each team, or for the one that it names', async () => {
    await opened([
      { scope: 'team', requests: { perMinute: 3 } },
      { scope: 'team', of: 'small', requests: { perMinute: 1 } },
    ])
    await post('/api/admin/teams', { id: 'small' })
    await post('/api/admin/teams', { id: 'big' })
    const small = await make({ team: 'small' })
    const bigs = [await make({ team: 'big' }), await make({ team: 'big' })]
    const alone = await make({})
    expect((await passed(small.key, 3))[0]).toBe(1)
    expect((await passed(bigs[0]?.key ?? '', 2))[0]).toBe(2)
    expect((await passed(bigs[1]?.key ?? '', 2))[0]).toBe(1)
    expect((await passed(alone.key, 4))[0]).toBe(4)
  })
})

/** What comes of a call with tags: its status, or the code of its refusal. */
async function tagged(key: string, tags: string): Promise<unknown> {
  const response = await fetch(`${open?.url}/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'x-patchbay-tags': tags },
    body: JSON.stringify({ model: 'tiny', messages: [{ role: 'user', content: 'Go' }] }),
  })
  await response.text()
  return response.headers.get('x-patchbay-error') ?? response.status
}

describe('tags of a request', () => {
  it('are taken as far as the key allows, and never over its own', async () => {
    await opened()
    const any = await make({ tags: { project: 'atlas' } })
    const some = await make({ request_tags: ['stage'] })
    expect(await tagged(any.key, 'stage=test, user=7')).toBe(200)
    expect(await tagged(any.key, 'project=other')).toBe('tag_not_allowed')
    expect(await tagged(some.key, 'stage=test')).toBe(200)
    expect(await tagged(some.key, 'user=7')).toBe('tag_not_allowed')
    for (const bad of [
      'stage',
      '=x',
      'stage=',
      'a b=c',
      'stage=1,stage=2',
      `a=${'x'.repeat(200)}`,
      '__proto__=1',
    ]) {
      expect([bad, await tagged(any.key, bad)]).toEqual([bad, 'invalid_tags'])
    }
  })
})
