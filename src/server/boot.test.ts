// The gates of a start: which Node, how it was started, and whose the data folder is.
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Boot, assertBoot, bootProblems } from './boot.ts'

let dataDir = ''
beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'patchbay-boot-'))
})
afterAll(async () => rm(dataDir, { recursive: true, force: true }))

function boot(more: Partial<Boot> = {}): Boot {
  const nowMs = Date.parse('2026-11-28')
  return { env: {}, execArgv: [], version: '24.21.0', nowMs, dataDir, ...more }
}

async function gates(more: Partial<Boot>): Promise<readonly string[]> {
  return (await bootProblems(boot(more))).map(({ gate }) => gate)
}

describe('a start', () => {
  it('is fine as it should be', async () => {
    expect(await gates({})).toEqual([])
    await expect(assertBoot(boot())).resolves.toBeUndefined()
  })

  it.each([
    ['24.14.1', []],
    ['24.15.0', []],
    ['26.1.0', []],
    ['31.0.0', []],
    ['24.14.0', ['node']],
    ['24.9.9', ['node']],
    ['25.9.0', ['node']],
    ['22.22.2', ['node']],
    ['20.20.2', ['node']],
    ['', ['node']],
  ])('by Node %s meets %j', async (version, expected) => {
    expect(await gates({ version })).toEqual(expected)
  })

  it('is refused once the line gets no repairs any more', async () => {
    expect(await gates({ nowMs: Date.parse('2028-04-30T12:00:00Z') })).toEqual([])
    expect(await gates({ nowMs: Date.parse('2028-05-01T12:00:00Z') })).toEqual(['node'])
  })

  it.each([
    ['--inspect', ['inspector']],
    ['--inspect-brk=0.0.0.0:9229', ['inspector']],
    ['--inspect-wait', ['inspector']],
    ['--insecure-http-parser', ['inspector']],
    ['--tls-min-v1.0', ['inspector']],
    ['--max-old-space-size=4096', []],
    ['--import=./tracing.js', []],
  ])('with %s meets %j, be it in NODE_OPTIONS', async (flag, expected) => {
    expect(await gates({ execArgv: [flag] })).toEqual(expected)
    expect(await gates({ env: { NODE_OPTIONS: `--no-warnings ${flag}` } })).toEqual(expected)
  })

  it('does not trust every certificate', async () => {
    expect(await gates({ env: { NODE_TLS_REJECT_UNAUTHORIZED: '0' } })).toEqual(['certificates'])
    expect(await gates({ env: { NODE_TLS_REJECT_UNAUTHORIZED: '1' } })).toEqual([])
  })

  it('keeps nothing in a folder that others write into', async () => {
    await chmod(dataDir, 0o770)
    expect(await gates({})).toEqual(['data-folder'])
    await chmod(dataDir, 0o755)
    expect(await gates({})).toEqual([])
    await chmod(dataDir, 0o700)
    expect(await gates({ dataDir: join(dataDir, 'not', 'there') })).toEqual([])
  })

  it('says what to do, and does it all the same where the operator waives the gate', async () => {
    const old = boot({ version: '24.1.0' })
    await expect(assertBoot(old)).rejects.toMatchObject({
      code: 'boot_node',
      message: expect.stringContaining('PATCHBAY_WAIVE=node'),
    })
    await expect(
      assertBoot({ ...old, env: { PATCHBAY_WAIVE: 'inspector, node' } }),
    ).resolves.toBeUndefined()
  })
})
