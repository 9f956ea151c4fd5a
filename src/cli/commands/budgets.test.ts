// patchbay budgets, against a gateway.
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
  cwd = mkdtempSync(join(tmpdir(), 'patchbay-budgets-'))
  const usage = { input: { total: 10 }, output: { total: 5 } }
  const provider = new ScriptedProvider({ name: 'a', replies: [{ content: 'hi', usage }] })
  const rule = { id: 'mine', scope: 'key', limitNano: 1e9, period: 'total', hard: true } as const
  gateway = await openGateway({
    providers: [provider],
    config: { prices: { 'a/m': { input: 1, output: 2 } }, budgets: { rules: [rule] } },
  })
})

afterEach(async () => {
  await gateway.close()
  rmSync(cwd, { recursive: true })
})

function patchbay(...argv: readonly string[]): Promise<Outcome> {
  const env = { PATCHBAY_URL: gateway.url, PATCHBAY_ADMIN_TOKEN: gateway.adminToken }
  return run(['budgets', ...argv], { cwd, env })
}

const SET = ['set', 'all', '--scope', 'installation', '--usd', '500', '--period', 'month'] as const

describe('patchbay budgets', () => {
  it('sets, lists, changes and removes', async () => {
    expect(await patchbay(...SET)).toMatchObject({ code: EXIT.ok, stdout: 'all is set.\n' })
    const { stdout } = await patchbay('list')
    expect(stdout).toMatch(/^mine +config +key +1 +total +hard$/m)
    expect(stdout).toMatch(/^all +api +installation +500 +month +hard$/m)
    await patchbay(...SET, '--soft')
    expect((await patchbay('list')).stdout).toMatch(/^all .* soft$/m)
    expect(await patchbay('remove', 'all')).toMatchObject({ stdout: 'Removed all.\n' })
    expect((await patchbay('list')).stdout).not.toMatch(/^all/m)
    expect(await patchbay('remove', 'all')).toMatchObject({ code: EXIT.failure })
    expect(await patchbay('remove', 'mine')).toMatchObject({ code: EXIT.failure })
  })

  it('shows how they stand once something was spent', async () => {
    await fetch(`${gateway.url}/v1/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${gateway.clientKey}` },
      body: JSON.stringify({
        model: 'a/m',
        max_tokens: 5,
        messages: [{ role: 'user', content: 'Go' }],
      }),
    })
    const { stdout } = await patchbay('list')
    expect(stdout).toMatch(/^key \S+ +total +0\.00002 +0 +0\.99998$/m)
    expect(jsonOf(await patchbay('list', '--json'))).toMatchObject({
      budgets: [{ id: 'mine' }],
      standings: [{ spent_usd: '0.00002' }],
    })
  })

  it('says what is wrong with an amount', async () => {
    const { code, stderr } = await patchbay(
      'set',
      'all',
      '--scope',
      'installation',
      '--usd',
      '-5',
      '--period',
      'month',
    )
    expect(code).not.toBe(EXIT.ok)
    expect(stderr).toMatch(/usd|-5/)
  })
})
