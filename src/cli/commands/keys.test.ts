// patchbay keys and teams, against a real gateway.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type OpenGateway, openGateway } from '../../../test/open-gateway.ts'
import { type Outcome, jsonOf, run } from '../../../test/run-patchbay.ts'
import { FakeProvider } from '../../../test/server-fakes.ts'
import { isObject } from '../../wire/json.ts'

let gateway: OpenGateway

beforeEach(async () => {
  const box = new FakeProvider({ name: 'box', local: true, models: ['tiny'] })
  gateway = await openGateway({ providers: [box] })
})
afterEach(async () => gateway.close())

async function patchbay(
  line: string,
  env: Readonly<Record<string, string>> = {},
): Promise<Outcome> {
  const own = { PATCHBAY_URL: gateway.url, PATCHBAY_ADMIN_TOKEN: gateway.adminToken, ...env }
  return run(line.split(' '), { cwd: tmpdir(), env: own })
}

/** The secret on stdout, and the id in it. */
async function made(line: string): Promise<{ readonly secret: string; readonly id: string }> {
  const { code, stdout } = await patchbay(line)
  expect(code).toBe(0)
  const secret = stdout.trim()
  return { secret, id: secret.split('_').at(-3) ?? '' }
}

describe('patchbay keys', () => {
  it('makes a key, whose secret alone is on stdout, and which answers', async () => {
    const { secret, id } = await made(
      'keys create shop --model box/* --budget 12.50/month 1/day:soft --tag project=atlas',
    )
    expect(secret).toMatch(/^pb_live_\w+$/)
    const chat = await patchbay('chat --model box/tiny Hi', { PATCHBAY_KEY: secret })
    expect(chat).toMatchObject({ code: 0, stdout: 'pong\n' })
    const { stdout } = await patchbay(`keys show ${id}`)
    expect(stdout).toContain(`shop (pb_live_${id}_…): active`)
    expect(stdout).toMatch(/models +box\/\*/)
    expect(stdout).toMatch(/budget +\$12\.5\/month, \$1\/day \(soft\)/)
    expect(stdout).toMatch(/tags +project=atlas/)
    expect(stdout).not.toContain(secret.split('_')[3])
  })

  it('lists, sets, rotates, revokes and removes', async () => {
    const { secret, id } = await made('keys create first --owner ada --expires 30d')
    const listed = await patchbay('keys list')
    expect(listed.stdout).toMatch(new RegExp(`${id} +first +client +active +\\$100/month`))
    const set = await patchbay(
      `keys set ${id} --name second --requests-per-minute 5 --budget none --expires never`,
    )
    expect(set.stdout).toMatch(/second .*active/)
    expect(set.stdout).toMatch(/limits +5 requests\/minute/)
    expect(set.stdout).toMatch(/budget +none/)
    expect(set.stdout).not.toContain('expires_at')
    const { secret: next } = await made(`keys rotate ${id} --overlap 0`)
    expect(await patchbay('chat Hi', { PATCHBAY_KEY: secret })).toMatchObject({ code: 77 })
    expect(await patchbay('chat Hi', { PATCHBAY_KEY: next })).toMatchObject({ code: 0 })
    expect((await patchbay(`keys revoke ${id}`)).stdout).toBe(`Revoked ${id}.\n`)
    expect(await patchbay('chat Hi', { PATCHBAY_KEY: next })).toMatchObject({ code: 77 })
    expect((await patchbay(`keys remove ${id}`)).stdout).toBe(`Removed ${id}.\n`)
    expect(await patchbay(`keys show ${id}`)).toMatchObject({ code: 1 })
  })

  it('makes admin keys, whose roles hold', async () => {
    const { secret } = await made('keys create watcher --role viewer')
    expect(secret).toMatch(/^pba_/)
    const env = { PATCHBAY_ADMIN_TOKEN: secret }
    expect(await patchbay('keys list', env)).toMatchObject({ code: 0 })
    const refused = await patchbay('keys create more', env)
    expect(refused).toMatchObject({ code: 77, stdout: '' })
    expect(refused.stderr).toContain('operator')
  })

  it('prints one JSON value with --json', async () => {
    const json = jsonOf(await patchbay('keys create shop --json'))
    expect(isObject(json) ? Object.keys(json).toSorted() : []).toEqual(['key', 'secret'])
    const list = jsonOf(await patchbay('keys list --json'))
    expect(list).toMatchObject({ keys: expect.any(Array) })
  })

  it.each([
    ['keys create x --budget 5', /12\.50\/month/],
    ['keys create x --requests-per-minute many', /whole number/],
    ['keys create x --tag nothing', /project=atlas/],
    ['keys create x --expires soon', /30d/],
    ['keys set 000000000000', /Nothing is to be changed/],
    ['keys rotate 000000000000 --overlap x', /seconds/],
  ])('says what is wrong with: %s', async (line, message) => {
    const { code, stderr } = await patchbay(line)
    expect(code).toBe(2)
    expect(stderr).toMatch(message)
  })
})

describe('patchbay keys recover', () => {
  it("makes an owner's key without a server and without a key, which the next start knows", async () => {
    const home = mkdtempSync(join(tmpdir(), 'patchbay-recover-'))
    const env = { PATCHBAY_HOME: home }
    const { code, stdout } = await run(['keys', 'recover'], { cwd: home, env })
    expect([code, stdout]).toEqual([0, expect.stringMatching(/^pba_\w+\n$/)])
    const config = { store: {} }
    const open = await openGateway({ dataDir: home, config })
    try {
      const own = { PATCHBAY_URL: open.url, PATCHBAY_ADMIN_TOKEN: stdout.trim() }
      const listed = await run(['keys', 'list'], { cwd: home, env: own })
      expect(listed.stdout).toMatch(/recovered owner +owner/)
    } finally {
      await open.close()
      rmSync(home, { recursive: true, force: true })
    }
  })
})

describe('patchbay chat', () => {
  it('A004 shows no admin token: it asks as nobody', async () => {
    const { code, stdout } = await patchbay('chat Hi')
    expect([code, stdout]).toEqual([0, 'pong\n'])
  })
})

describe('patchbay teams', () => {
  it('makes, lists, sets and removes them, and their keys with them', async () => {
    expect((await patchbay('teams create lab --model box/* --concurrency 4')).stdout).toMatch(
      /lab \(lab\): active/,
    )
    const { secret } = await made('keys create one --team lab')
    expect(await patchbay('chat Hi', { PATCHBAY_KEY: secret })).toMatchObject({ code: 0 })
    expect((await patchbay('teams list')).stdout).toMatch(/lab +lab +active/)
    expect((await patchbay('teams show lab')).stdout).toMatch(/limits +4 calls at once/)
    expect((await patchbay('teams set lab --state revoked')).stdout).toContain('revoked')
    expect(await patchbay('chat Hi', { PATCHBAY_KEY: secret })).toMatchObject({ code: 77 })
    expect((await patchbay('teams remove lab')).stdout).toBe('Removed lab.\n')
    expect(await patchbay('teams set lab')).toMatchObject({ code: 2 })
  })
})
