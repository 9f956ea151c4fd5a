// patchbay version, help and wrong use; and the check for an old Node.
import { execFileSync } from 'node:child_process'
import { tmpdir } from 'node:os'
import { describe, expect, it } from 'vitest'
import { jsonOf, run, start } from '../../test/run-patchbay.ts'
import { packageVersion } from './version.ts'

const cwd = tmpdir()

describe('patchbay', () => {
  it('starts as a program and tells its version', async () => {
    const { code, stdout, stderr } = await start(['--version'], { cwd }).ended
    expect({ code, stdout, stderr }).toEqual({
      code: 0,
      stdout: `${packageVersion()}\n`,
      stderr: '',
    })
  })

  it('tells the versions as JSON', async () => {
    const outcome = await run(['version', '--json'], { cwd })
    expect(jsonOf(outcome)).toEqual({ patchbay: packageVersion(), node: process.versions.node })
  })

  it('tells the versions to people', async () => {
    const { stdout } = await run(['version'], { cwd })
    expect(stdout).toBe(`patchbay ${packageVersion()} (Node ${process.versions.node})\n`)
  })

  it('shows its commands on stdout when asked, and succeeds', async () => {
    const { code, stdout } = await run(['--help'], { cwd })
    expect(code).toBe(0)
    for (const command of ['serve', 'chat', 'providers', 'models', 'health', 'doctor']) {
      expect(stdout).toContain(`\n  ${command}`)
    }
  })

  it.each([
    ['no command', [], 'Usage: patchbay'],
    ['an unknown command', ['serv'], 'Did you mean serve?'],
    ['an unknown option', ['health', '--jsn'], 'Did you mean --json?'],
    ['a missing argument', ['providers', 'remove'], "missing required argument 'name'"],
    ['a port that is none', ['serve', '--port', '8O80'], 'whole number from 0 to 65535'],
    ['a log format that is none', ['serve', '--log', 'xml'], 'text, json, off'],
  ])('ends with 2 and says why: %s', async (_what, argv, message) => {
    const { code, stdout, stderr } = await run(argv, { cwd })
    expect(code).toBe(2)
    expect(stdout).toBe('')
    expect(stderr).toContain(message)
  })

  it('says wrong use in JSON too', async () => {
    const outcome = await run(['health', '--json', '--jsn'], { cwd })
    expect(jsonOf(outcome)).toMatchObject({ error: { exit_code: 2 } })
  })
})

/** What bin/patchbay.js tells a Node of that version; undefined when it goes on. It is plain JavaScript, so it is asked as a program. */
function refusalFor(version: string): string | undefined {
  const file = new URL('../../bin/node-version.js', import.meta.url).href
  const script = `import { refusalFor } from '${file}'; console.log(refusalFor('${version}') ?? '')`
  const argv = ['--input-type=module', '--eval', script]
  const said = execFileSync(process.execPath, argv, { encoding: 'utf8' }).trim()
  return said === '' ? undefined : said
}

describe('an old Node', () => {
  it.each(['24.0.0', 'v26.1.0', '100.0.0'])('is not %s', (version) => {
    expect(refusalFor(version)).toBeUndefined()
  })

  it.each(['20.19.2', 'v8.17.0', '23.11.1'])('like %s is told what to do', (version) => {
    const refusal = refusalFor(version)
    expect(refusal).toContain(`this is Node ${version.replace('v', '')}`)
    expect(refusal).toContain('npm ci && npm start')
    expect(refusal).toContain('nodejs.org')
  })
})
