// A key that is ended at one gateway is ended at every other on the same database within a second: processes of their own, a real database.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, describe, expect, it } from 'vitest'
import { type JsonObject, isObject, parseJson } from '../../src/wire/json.ts'
import { type Running, start } from '../run-patchbay.ts'
import { postgresServer } from './postgres-server.ts'

const { value: postgres, reason } = await postgresServer()

/** What K006 and A021 ask for. */
const AT_MOST_MS = 1000

interface Gateway {
  readonly running: Running
  readonly url: string
  /** In clear, where it was the first to start. */
  readonly adminToken: string
}

let gateways: Gateway[] = []
let folders: string[] = []

afterEach(async () => {
  for (const { running } of gateways) running.signal('SIGTERM')
  await Promise.all(gateways.map(async ({ running }) => running.ended))
  for (const folder of folders) rmSync(folder, { recursive: true, force: true })
  gateways = []
  folders = []
})

async function gateway(home: string, settings: string): Promise<Gateway> {
  const cwd = mkdtempSync(join(tmpdir(), 'patchbay-revoking-'))
  folders.push(cwd)
  writeFileSync(join(cwd, 'patchbay.yaml'), settings)
  const argv = ['serve', '--no-detect', '--no-fetch', '--json', '--port', '0']
  // The key of the vault that both have is where the first start puts it.
  const env = { PATCHBAY_HOME: join(home, 'data'), XDG_CONFIG_HOME: join(home, 'config') }
  const running = start(argv, { cwd, env })
  const banner = await running.printed('stdout', /"url": ?"http[^"]*"/)
  const [, url = ''] = /"url": ?"(http[^"]*?)\/?"/.exec(banner) ?? []
  const [, adminToken = ''] = /"(pba_\w+)"/.exec(banner) ?? []
  const opened = { running, url, adminToken }
  gateways.push(opened)
  return opened
}

async function ask(url: string, key: string, body?: JsonObject): Promise<JsonObject> {
  const response = await fetch(url, {
    method: body === undefined ? 'GET' : 'POST',
    headers: { authorization: `Bearer ${key}` },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  const json = parseJson(await response.text())
  return { ...(isObject(json) ? json : {}), status: response.status }
}

async function endsEverywhere(one: Gateway, other: Gateway): Promise<void> {
  const { adminToken } = one
  const keys = `${one.url}/api/admin/keys`
  const made = await ask(keys, adminToken, { name: 'short' })
  expect(made['status']).toBe(201)
  const secret = String(made['secret'])
  const id = isObject(made['key']) ? String(made['key']['id']) : ''
  const statusAt = async ({ url }: Gateway): Promise<unknown> =>
    (await ask(`${url}/api/keys/self`, secret))['status']
  expect([await statusAt(one), await statusAt(other)]).toEqual([200, 200])

  const turned = await ask(`${keys}/${id}/rotate`, adminToken, { overlap_seconds: 0 })
  const turnedAt = performance.now()
  expect(await statusAt(one)).toBe(401)
  await expect.poll(async () => statusAt(other), { interval: 10, timeout: 10_000 }).toBe(401)
  expect(performance.now() - turnedAt).toBeLessThan(AT_MOST_MS)

  const next = String(turned['secret'])
  expect((await ask(`${other.url}/api/keys/self`, next))['status']).toBe(200)
  await ask(`${keys}/${id}/revoke`, adminToken, {})
  const revokedAt = performance.now()
  const nextAt = async ({ url }: Gateway): Promise<unknown> =>
    (await ask(`${url}/api/keys/self`, next))['status']
  expect(await nextAt(one)).toBe(401)
  await expect.poll(async () => nextAt(other), { interval: 10, timeout: 10_000 }).toBe(401)
  expect(performance.now() - revokedAt).toBeLessThan(AT_MOST_MS)
}

it('K006 A021 two processes on one SQLite file hear of it within a second', async () => {
  const home = mkdtempSync(join(tmpdir(), 'patchbay-shared-'))
  folders.push(home)
  const one = await gateway(home, '')
  const other = await gateway(home, '')
  expect(other.adminToken).toBe('')
  await endsEverywhere(one, other)
})

describe.skipIf(postgres === undefined)(
  `PostgreSQL${reason === undefined ? '' : `: ${reason}`}`,
  () => {
    afterAll(async () => postgres?.close())

    it('K006 A021 two processes on one PostgreSQL hear of it within a second', async () => {
      const settings = `store: { url: "${(await postgres?.database()) ?? ''}" }\n`
      const home = mkdtempSync(join(tmpdir(), 'patchbay-shared-'))
      folders.push(home)
      const one = await gateway(home, settings)
      const other = await gateway(home, settings)
      await endsEverywhere(one, other)
    })
  },
)
