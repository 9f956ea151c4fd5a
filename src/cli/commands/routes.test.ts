// patchbay routes, against a gateway.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type OpenGateway, openGateway } from '../../../test/open-gateway.ts'
import { type Outcome, jsonOf, run } from '../../../test/run-patchbay.ts'
import { ScriptedProvider } from '../../testing.ts'
import { EXIT } from '../exit.ts'

let cwd: string
let gateway: OpenGateway

beforeEach(async () => {
  cwd = mkdtempSync(join(tmpdir(), 'patchbay-routes-'))
  gateway = await openGateway({ providers: [new ScriptedProvider({ name: 'a' })] })
})

afterEach(async () => {
  await gateway.close()
  rmSync(cwd, { recursive: true })
})

function patchbay(...argv: readonly string[]): Promise<Outcome> {
  const env = { PATCHBAY_URL: gateway.url, PATCHBAY_ADMIN_TOKEN: gateway.adminToken }
  return run(argv, { cwd, env })
}

const SET = ['routes', 'set', 'smart', '--strategy', 'weighted', '--target', 'a/m=3', 'gone/m']

describe('patchbay routes', () => {
  it('sets one and shows how its targets stand', async () => {
    const { code, stdout } = await patchbay(...SET)
    expect(code).toBe(EXIT.ok)
    expect(stdout).toMatch(/^smart \(weighted\)\n/)
    expect(stdout).toMatch(/^a\/m +3 +closed, 0 in flight$/m)
    expect(stdout).toMatch(/^gone\/m +1 +There is no model "gone\/m"/m)
    expect((await patchbay('routes', 'show', 'smart')).stdout).toBe(stdout)
  })

  it('lists and removes', async () => {
    await patchbay(...SET)
    expect((await patchbay('routes', 'list')).stdout).toMatch(
      /^smart +weighted +a\/m, gone\/m +api$/m,
    )
    expect(await patchbay('routes', 'remove', 'smart')).toMatchObject({
      code: EXIT.ok,
      stdout: 'Removed smart.\n',
    })
    expect(jsonOf(await patchbay('routes', 'list', '--json'))).toMatchObject({ routes: [] })
    expect(await patchbay('routes', 'remove', 'smart')).toMatchObject({
      code: EXIT.failure,
      stderr: expect.stringContaining('There is no route of this name.'),
    })
  })

  it('prints the JSON of the API', async () => {
    expect(jsonOf(await patchbay(...SET, '--json'))).toMatchObject({
      route: { name: 'smart', targets: [{ model: 'a/m', weight: 3 }, { model: 'gone/m' }] },
    })
  })

  it.each([
    ['an unknown strategy', ['--strategy', 'best', '--target', 'a/m'], 'weighted'],
    ['a weight that is none', ['--target', 'a/m=much'], 'The weight in "a/m=much"'],
    ['no target', [], '--target'],
  ])('refuses %s', async (_what, argv, message) => {
    expect(await patchbay('routes', 'set', 'smart', ...argv)).toMatchObject({
      code: EXIT.usage,
      stderr: expect.stringContaining(message),
    })
  })
})

it('patchbay health shows the targets that were asked', async () => {
  const { llm } = gateway.gateway
  await llm.chat('Hi', { model: 'a/scripted' })
  const { stdout } = await patchbay('health')
  expect(stdout).toMatch(/^a\/scripted +closed, answers in \d+ ms, 100% good, 0 in flight$/m)
  expect(jsonOf(await patchbay('health', '--json'))).toMatchObject({
    providers: { a: { targets: [{ model: 'scripted', success_rate: 1 }] } },
  })
})
