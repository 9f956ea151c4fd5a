// patchbay audit and config, against a real gateway; and the examination of a database that nobody serves.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { type OpenGateway, openGateway } from '../../../test/open-gateway.ts'
import { type Outcome, jsonOf, run } from '../../../test/run-patchbay.ts'
import { EXIT } from '../exit.ts'

const folder = mkdtempSync(join(tmpdir(), 'patchbay-audit-cli-'))
const home = mkdtempSync(join(tmpdir(), 'patchbay-audit-home-'))
const ENV = { PATCHBAY_HOME: folder, HOME: home, XDG_CONFIG_HOME: home }
let gateway: OpenGateway | undefined
let adminToken = ''

beforeAll(async () => {
  gateway = await openGateway({
    dataDir: folder,
    env: ENV,
    mayInit: true,
    config: { store: {}, sources: { 'server.port': 'flag' } },
  })
  ;({ adminToken } = gateway)
  await routes('set', 'smart', '--target', 'house/m')
  await routes('set', 'smart', '--target', 'house/m', 'other/m')
  await routes('remove', 'smart')
})
afterAll(async () => {
  await gateway?.close()
  rmSync(folder, { recursive: true })
  rmSync(home, { recursive: true })
})

async function patchbay(...argv: readonly string[]): Promise<Outcome> {
  const online = gateway === undefined ? {} : { PATCHBAY_URL: gateway.url }
  const env = { ...ENV, ...online, PATCHBAY_ADMIN_TOKEN: adminToken }
  return run([...argv], { cwd: folder, env })
}

/** As somebody does who can write the database. */
function edit(sql: string): void {
  const database = new DatabaseSync(join(folder, 'patchbay.db'))
  database.exec(sql)
  database.close()
}

async function routes(...argv: readonly string[]): Promise<void> {
  expect((await patchbay('routes', ...argv)).code).toBe(EXIT.ok)
}

describe('patchbay audit', () => {
  it('lists what was done, the newest first, a page at a time', async () => {
    const { stdout } = await patchbay('audit', 'list', '--limit', '2')
    expect(stdout).toMatch(/^SEQ +TIME +WHO +WHAT +WHOM +OUTCOME\n4 .* route\.remove +smart +done/)
    expect(stdout).toContain('More: patchbay audit list --after 3')
    const rest = await patchbay('audit', 'list', '--after', '3', '--json')
    expect(jsonOf(rest)).toMatchObject({
      entries: [
        { seq: 2, action: 'route.set', subject: 'smart', actor: 'admin', status: 200 },
        { seq: 1, action: 'server.start', actor: 'system' },
      ],
      next: null,
    })
  })

  it('lists only what is asked for', async () => {
    const one = await patchbay('audit', 'list', '--action', 'route.remove', '--json')
    expect(jsonOf(one)).toMatchObject({ entries: [{ seq: 4 }] })
    const wrong = await patchbay('audit', 'list', '--limit', 'many')
    expect(wrong.code).toBe(EXIT.usage)
  })

  it('says that the log is whole, while a server runs too', async () => {
    const { code, stdout } = await patchbay('audit', 'verify')
    expect([code, stdout]).toEqual([EXIT.ok, 'The audit log is as it was written: 4 entries.\n'])
  })

  it('shows what is in force and where it comes from', async () => {
    const { stdout } = await patchbay('config', 'show')
    expect(stdout).toMatch(/^server\.port +0 +flag$/m)
    expect(stdout).toMatch(/^auth\.anonymous +"local" +default$/m)
  })
})

describe('patchbay audit verify, where no server runs', () => {
  beforeAll(async () => {
    await gateway?.close()
    gateway = undefined
  })
  let undo = ''
  afterEach(() => {
    if (undo !== '') edit(undo)
    undo = ''
  })

  it.each([
    [
      "UPDATE audit SET subject = 'other' WHERE seq = 2",
      "UPDATE audit SET subject = 'smart' WHERE seq = 2",
      'entry 2 was changed after it was written',
    ],
    [
      'UPDATE audit SET seq = 100 WHERE seq = 3',
      'UPDATE audit SET seq = 3 WHERE seq = 100',
      'entry 3 is missing',
    ],
    [
      'UPDATE audit_head SET seq = 9',
      'UPDATE audit_head SET seq = 5',
      'the end of the log was cut off',
    ],
  ])('L010: finds %s', async (sql, back, words) => {
    edit(sql)
    undo = back
    const { code, stderr } = await patchbay('audit', 'verify')
    expect(code).toBe(EXIT.data)
    expect(stderr).toContain(words)
    const json = await patchbay('audit', 'verify', '--json')
    expect([json.code, jsonOf(json)]).toMatchObject([EXIT.data, { ok: false }])
  })

  it('is content with what nobody touched, and says where there is nothing', async () => {
    expect(await patchbay('audit', 'verify')).toMatchObject({
      code: EXIT.ok,
      stdout: 'The audit log is as it was written: 5 entries.\n',
    })
    const nothing = await run(['audit', 'verify'], { cwd: home, env: { PATCHBAY_HOME: home } })
    expect(nothing.code).toBe(EXIT.failure)
    expect(nothing.stderr).toContain('There is no database')
  })
})
