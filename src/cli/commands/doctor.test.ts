// patchbay doctor: each check, and the report as a whole.
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type FakeRest, fakeRest } from '../../../test/fake-rest.ts'
import { type Outcome, jsonOf, run } from '../../../test/run-patchbay.ts'
import { type Json, ObjectReader } from '../../wire/json.ts'
import { checkDataFolder, checkNode } from '../doctor/machine-checks.ts'

let cwd: string
let server: FakeRest | undefined

beforeEach(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'patchbay-doctor-'))
})

afterEach(async () => {
  await server?.close()
  server = undefined
  await rm(cwd, { recursive: true })
})

/** Of a machine without Ollama, in a folder of its own. */
function doctor(argv: readonly string[] = [], env: Record<string, string> = {}): Promise<Outcome> {
  const all = { OLLAMA_HOST: '127.0.0.1:9', PATCHBAY_HOME: join(cwd, 'data'), PATCHBAY_PORT: '0' }
  return run(['doctor', ...argv], { cwd, env: { ...all, ...env } })
}

/** Check -> what was found. */
function findings(outcome: Outcome): Readonly<Record<string, Json>> {
  const report = ObjectReader.of(jsonOf(outcome), '')
  return Object.fromEntries(
    report.items('checks').map(({ value, path }): [string, Json] => {
      const finding = ObjectReader.of(value, path)
      return [finding.string('check'), finding.source]
    }),
  )
}

describe('the report', () => {
  it('is a line a check with what to do, and succeeds when nothing failed', async () => {
    const { code, stdout, stderr } = await doctor()
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toMatch(/^ok {4}node: Node 2\d/m)
    expect(stdout).toContain('ok    configuration: no patchbay.yaml, so the defaults hold')
    expect(stdout).toMatch(/^warn {2}embedded model: .*\n {6}-> .*patchbay models pull$/m)
  })

  it('is JSON with --json', async () => {
    const outcome = await doctor(['--json'])
    expect(jsonOf(outcome)).toMatchObject({ ok: true })
    expect(Object.keys(findings(outcome))).toEqual([
      'node',
      'configuration',
      'start',
      'exposure',
      'data folder',
      'server',
      'providers',
      'embedded model',
    ])
  })

  it('ends with 78 for a wrong configuration, and looks no further', async () => {
    await writeFile(join(cwd, 'patchbay.yaml'), 'servr: {}')
    const outcome = await doctor(['--json'])
    expect(outcome.code).toBe(78)
    expect(findings(outcome)).toEqual({
      node: expect.anything(),
      configuration: expect.objectContaining({
        state: 'fail',
        detail: 'patchbay.yaml:1: servr is not a known key; did you mean server?',
      }),
    })
  })

  it('names what it found, never a key', async () => {
    await writeFile(
      join(cwd, 'patchbay.yaml'),
      'providers: [{ name: mine, type: openai, api_key: sk-in-the-file }]',
    )
    await chmod(join(cwd, 'patchbay.yaml'), 0o644)
    const outcome = await doctor(['--json'], { ANTHROPIC_API_KEY: 'sk-ant-in-the-environment' })
    const { providers, ...rest } = findings(outcome)
    expect(providers).toMatchObject({ state: 'ok', detail: expect.stringContaining('mine') })
    expect(providers).toMatchObject({ detail: expect.stringContaining('ANTHROPIC_API_KEY') })
    expect(rest['configuration file']).toMatchObject({ state: 'warn' })
    expect(outcome.stdout + outcome.stderr).not.toMatch(/sk-in-the-file|sk-ant-in/)
  })

  it('sees a Patchbay that runs', async () => {
    server = await fakeRest({})
    const outcome = await doctor(['--json'], { PATCHBAY_PORT: new URL(server.url).port })
    expect(findings(outcome)['server']).toMatchObject({
      state: 'ok',
      detail: `Patchbay runs at ${server.url}`,
    })
  })

  it('fails when something else has the port', async () => {
    server = await fakeRest({ 'GET /': { hello: 'world' } })
    const outcome = await doctor(['--json'], { PATCHBAY_PORT: new URL(server.url).port })
    expect(outcome.code).toBe(1)
    expect(findings(outcome)['server']).toMatchObject({
      state: 'fail',
      detail: expect.stringContaining('Another program listens there'),
      fix: expect.stringContaining('--port'),
    })
  })
})

describe('checkNode', () => {
  it('wants 24 or newer', () => {
    expect(checkNode('24.0.0').state).toBe('ok')
    expect(checkNode('20.19.2')).toMatchObject({ state: 'fail', detail: 'Node 20.19.2 is too old' })
  })
})

describe('checkDataFolder', () => {
  it('is content with a folder that only its owner sees, or that is still to be made', async () => {
    const folder = join(cwd, 'own')
    expect(await checkDataFolder(folder)).toMatchObject({ state: 'ok' })
    await mkdir(folder, { mode: 0o700 })
    expect(await checkDataFolder(folder)).toEqual({
      check: 'data folder',
      state: 'ok',
      detail: folder,
    })
  })

  it('warns of one that others can look into', async () => {
    const folder = join(cwd, 'shared')
    await mkdir(folder)
    await chmod(folder, 0o755)
    expect(await checkDataFolder(folder)).toMatchObject({
      state: 'warn',
      fix: `chmod 700 ${folder}`,
    })
  })

  it('fails for a file in its place', async () => {
    const file = join(cwd, 'file')
    await writeFile(file, '')
    expect(await checkDataFolder(file)).toMatchObject({ state: 'fail' })
  })
})

/** A file with one provider that has a key. */
function keyedConfig(url: string): string {
  return `providers:
  - { name: office, type: custom, base_url: "${url}/v1", api_key: "\${OFFICE_KEY}" }
`
}

describe('the keys', () => {
  it('are looked at where providers have any, and a refused one is said with its label', async () => {
    server = await fakeRest({
      'GET /v1/models': (response) => {
        response.writeHead(401, { 'content-type': 'application/json' })
        response.end('{"error":{"message":"No such key."}}')
      },
    })
    await writeFile(join(cwd, 'patchbay.yaml'), keyedConfig(server.url))
    const outcome = await doctor(['--json'], { OFFICE_KEY: 'sk-canary-key' })
    expect(findings(outcome)['keys']).toMatchObject({
      state: 'warn',
      detail: expect.stringMatching(/^refused: office#k1 \(.*key/),
    })
    expect(outcome.stdout).not.toContain('sk-canary-key')
  })

  it('that are taken are well', async () => {
    server = await fakeRest({ 'GET /v1/models': { data: [] } })
    await writeFile(join(cwd, 'patchbay.yaml'), keyedConfig(server.url))
    const outcome = await doctor(['--json'], { OFFICE_KEY: 'sk-canary-key' })
    expect(findings(outcome)['keys']).toMatchObject({ state: 'ok', detail: 'office#k1 taken' })
  })
})
