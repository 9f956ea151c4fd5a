// What is registered over the API on a real gateway: it comes back after a restart, reaches the gateway beside it, and its keys are nowhere but in the vault.
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { PatchbayConfig } from '../src/config/schema.ts'
import { type Json, type JsonObject, isArray, isObject, parseJson } from '../src/wire/json.ts'
import { type OpenGateway, openGateway } from './open-gateway.ts'

const KEY = 'sk-canary-persistence-0123456789'
const OTHER_KEY = 'sk-canary-persistence-9876543210'
const HOUSE = {
  provider_type: 'custom',
  name: 'house',
  base_url: 'https://house.example/v1',
  models: ['m'],
  api_key: KEY,
}

interface Answer {
  readonly status: number
  readonly json: JsonObject
  readonly etag: string | null
}

let folder: string
let home: string
let adminToken = ''
const opened: OpenGateway[] = []

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'patchbay-kept-'))
  home = mkdtempSync(join(tmpdir(), 'patchbay-kept-home-'))
  adminToken = ''
})
afterEach(async () => {
  for (const one of opened.splice(0)) await one.close()
  rmSync(folder, { recursive: true })
  rmSync(home, { recursive: true })
})

async function start(config: Partial<PatchbayConfig> = {}): Promise<OpenGateway> {
  const gateway = await openGateway({
    dataDir: folder,
    env: { HOME: home, XDG_CONFIG_HOME: home },
    mayInit: true,
    config: { store: {}, ...config },
  })
  opened.push(gateway)
  adminToken = gateway.adminToken === '' ? adminToken : gateway.adminToken
  return gateway
}

async function restart(config: Partial<PatchbayConfig> = {}): Promise<OpenGateway> {
  for (const one of opened.splice(0)) await one.close()
  return start(config)
}

async function ask(to: OpenGateway, call: string, body?: JsonObject): Promise<Answer> {
  const [method = '', path = '', match] = call.split(' ')
  const answer = await fetch(`${to.url}${path}`, {
    method,
    headers: {
      authorization: `Bearer ${adminToken}`,
      ...(match === undefined ? {} : { 'if-match': match }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  const json = parseJson(await answer.text())
  const { status, headers } = answer
  return { status, json: isObject(json) ? json : {}, etag: headers.get('etag') }
}

async function provider(to: OpenGateway, name: string): Promise<JsonObject> {
  const { json } = await ask(to, `GET /api/providers/${name}`)
  return isObject(json['provider']) ? json['provider'] : {}
}

function codeOf({ json }: Answer): unknown {
  return isObject(json['error']) ? json['error']['code'] : undefined
}

/** Waits for a fact that another process makes. */
async function until(isSo: () => Promise<boolean>, withinMs: number): Promise<number> {
  const begun = performance.now()
  while (!(await isSo())) {
    if (performance.now() - begun > withinMs) throw new Error(`not within ${withinMs} ms`)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  return performance.now() - begun
}

/** Every byte that lies in the data folder. */
function onDisk(): string {
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ name }) => join(folder, name))
    .map((path) => readFileSync(path, 'latin1'))
    .join('\n')
}

describe('a restart', () => {
  it('brings back what was registered, with its key, its route and the default; and not what was removed', async () => {
    const first = await start()
    expect((await ask(first, 'POST /api/providers/register', HOUSE)).status).toBe(201)
    const second = { ...HOUSE, name: 'second', api_key: OTHER_KEY }
    await ask(first, 'POST /api/providers/register', second)
    await ask(first, 'POST /api/providers/second/default')
    await ask(first, 'PUT /api/routes/smart', { targets: ['house/m', 'second/m'] })
    await ask(first, 'PUT /api/routes/gone', { targets: ['house/m'] })
    await ask(first, 'DELETE /api/routes/gone')
    const passing = { ...HOUSE, name: 'passing', persist: false }
    await ask(first, 'POST /api/providers/register', passing)
    expect(await provider(first, 'passing')).toMatchObject({ source: 'api', persisted: false })

    const again = await restart()
    const { json } = await ask(again, 'GET /api/providers')
    expect(json).toMatchObject({ default: 'second', shadowed: [], broken: [] })
    const listed = isArray(json['providers']) ? json['providers'] : []
    expect(listed).toMatchObject([
      { name: 'house', source: 'api', enabled: true, has_key: true },
      { name: 'second', source: 'api', is_default: true },
    ])
    expect(listed).toHaveLength(2)
    expect(again.gateway.manager.getProvider('house').credentials?.key()?.reveal()).toBe(KEY)
    const routes = await ask(again, 'GET /api/routes')
    expect(routes.json['routes']).toMatchObject([{ name: 'smart', source: 'api' }])

    await ask(again, 'DELETE /api/providers/second')
    expect(await provider(await restart(), 'second')).toEqual({})
  })

  it('leaves no key on the disk but in the vault', async () => {
    const first = await start()
    await ask(first, 'POST /api/providers/register', HOUSE)
    await ask(first, 'PUT /api/providers/house/credentials/k2', { api_key: OTHER_KEY })
    await ask(first, 'GET /api/admin/secrets')
    await restart()
    const disk = onDisk()
    expect(disk).toContain('house.example')
    expect(disk).not.toContain(KEY)
    expect(disk).not.toContain(OTHER_KEY)
  })

  it('has the file win for what it names, and says so', async () => {
    const first = await start()
    await ask(first, 'POST /api/providers/register', HOUSE)
    const own = { providerType: 'custom', name: 'house', baseUrl: 'https://file.example/v1' }
    const again = await restart({ providers: [own] })
    const { json } = await ask(again, 'GET /api/providers')
    expect(json).toMatchObject({
      providers: [{ name: 'house', source: 'file', base_url: 'https://file.example/v1' }],
      shadowed: [{ name: 'house', reason: expect.stringContaining('wins') }],
    })
    for (const [call, body] of [
      ['POST /api/providers/register', HOUSE],
      ['PATCH /api/providers/house', { models: ['x'] }],
      ['DELETE /api/providers/house', undefined],
    ] as const) {
      expect(codeOf(await ask(again, `${call} *`, body))).toBe('managed_by_file')
    }
    expect(await provider(await restart(), 'house')).toMatchObject({ base_url: HOUSE.base_url })
  })
})

it('what one gateway is told, another on the same database does within a second', async () => {
  const [one, other] = [await start(), await start()]
  await ask(one, 'POST /api/providers/register', HOUSE)
  const has = async (): Promise<boolean> =>
    other.gateway.manager.findProvider('house')?.credentials?.key()?.reveal() === KEY
  expect(await until(has, 1000)).toBeLessThan(1000)
  await ask(one, 'PUT /api/providers/house/credentials/k1', { api_key: OTHER_KEY })
  const hasNew = async (): Promise<boolean> =>
    other.gateway.manager.getProvider('house').credentials?.key()?.reveal() === OTHER_KEY
  await until(hasNew, 1000)
  await ask(one, 'DELETE /api/providers/house')
  await until(async () => other.gateway.manager.findProvider('house') === undefined, 1000)
})

describe('the state that a change is meant for', () => {
  it('A032: of two changes of one state, one is made', async () => {
    const gateway = await start()
    await ask(gateway, 'POST /api/providers/register', HOUSE)
    const { etag } = await ask(gateway, 'GET /api/providers/house')
    const change = async (model: string): Promise<number> =>
      (await ask(gateway, `PATCH /api/providers/house ${etag}`, { models: [model] })).status
    const outcomes = await Promise.all([change('a'), change('b')])
    expect(outcomes.toSorted((one, other) => one - other)).toEqual([200, 412])
    const unconditional = await ask(gateway, 'PATCH /api/providers/house', { models: ['c'] })
    expect(unconditional.status).toBe(428)
  })
})

describe('attacks on stored keys', () => {
  it('S012: pointing a provider elsewhere without its key is refused', async () => {
    const gateway = await start()
    await ask(gateway, 'POST /api/providers/register', HOUSE)
    const evil = { base_url: 'https://evil.example/v1' }
    const answer = await ask(gateway, 'PATCH /api/providers/house *', evil)
    expect([answer.status, codeOf(answer)]).toEqual([409, 'key_bound_to_origin'])
    expect(await provider(gateway, 'house')).toMatchObject({ base_url: HOUSE.base_url })
  })

  it('S013: whoever points it elsewhere in the database gets a provider without a key, and the others work', async () => {
    const first = await start()
    await ask(first, 'POST /api/providers/register', HOUSE)
    const other = { ...HOUSE, name: 'other', api_key: OTHER_KEY }
    await ask(first, 'POST /api/providers/register', other)
    for (const one of opened.splice(0)) await one.close()
    const database = new DatabaseSync(join(folder, 'patchbay.db'))
    database.exec(
      `UPDATE documents SET body = replace(body, 'house.example', 'evil.example') WHERE kind = 'provider' AND id = 'house'`,
    )
    database.close()
    const again = await start()
    expect(await provider(again, 'house')).toMatchObject({
      enabled: false,
      has_key: false,
      disabled_reason: expect.stringContaining('does not open'),
    })
    expect(again.gateway.manager.getProvider('other').credentials?.key()?.reveal()).toBe(OTHER_KEY)
  })

  it('L010: whoever edits the audit log in the database is found out', async () => {
    const first = await start()
    await ask(first, 'POST /api/providers/register', HOUSE)
    for (const one of opened.splice(0)) await one.close()
    const database = new DatabaseSync(join(folder, 'patchbay.db'))
    database.exec(`UPDATE audit SET actor_id = 'somebody' WHERE action = 'provider.register'`)
    database.close()
    const again = await start()
    const { json } = await ask(again, 'GET /api/admin/audit/verification')
    expect(json).toMatchObject({ fault: 'edited', seq: 2 })
  })
})

it('no call of the API takes a program, a template or a piece of code', async () => {
  const gateway = await start()
  const { json } = await ask(gateway, 'GET /openapi.json')
  const names = new Set<string>()
  const walk = (node: Json | undefined): void => {
    if (Array.isArray(node)) node.forEach((one) => walk(one))
    if (!isObject(node)) return
    const { properties } = node
    if (isObject(properties)) for (const name of Object.keys(properties)) names.add(name)
    Object.values(node).forEach((one) => walk(one))
  }
  const { paths } = json
  for (const [path, methods] of Object.entries(isObject(paths) ? paths : {})) {
    if (!path.startsWith('/api/')) continue
    for (const operation of Object.values(isObject(methods) ? methods : {})) {
      if (isObject(operation)) walk(operation['requestBody'])
    }
  }
  expect(names.size).toBeGreaterThan(20)
  const suspicious =
    /command|exec|binary|script|template|plugin|module|code|shell|argv|callback|file|folder/
  expect([...names].filter((name) => suspicious.test(name))).toEqual([])
  for (const type of ['./evil.js', '/tmp/evil.mjs', 'node:child_process', '../../plugin']) {
    const answer = await ask(gateway, 'POST /api/providers/register', { provider_type: type })
    expect([type, answer.status]).toEqual([type, 400])
  }
})
