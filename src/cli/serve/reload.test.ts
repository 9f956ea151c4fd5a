// A running server reads its configuration anew: told by a signal, by a command, or by the file itself.
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { type Running, jsonOf, run, start } from '../../../test/run-patchbay.ts'
import { ObjectReader } from '../../wire/json.ts'

let cwd: string
let server: Running

beforeEach(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'patchbay-reload-'))
})

afterEach(async () => {
  server.signal('SIGKILL')
  await server.ended
  await rm(cwd, { recursive: true })
})

async function write(text: string): Promise<void> {
  await writeFile(join(cwd, 'patchbay.yaml'), text)
}

const provider = (name: string): string =>
  `providers: [{ name: ${name}, type: custom, base_url: "http://127.0.0.1:9/v1", models: [m] }]\n`

async function serve(): Promise<Readonly<Record<string, string>>> {
  const argv = ['serve', '--port', '0', '--no-detect', '--no-fetch', '--json', '--log', 'off']
  server = start(argv, { cwd, env: { PATCHBAY_HOME: join(cwd, 'data') } })
  const banner = ObjectReader.of(JSON.parse(await server.printed('stdout', /\n/)), '')
  return {
    PATCHBAY_URL: banner.string('url'),
    PATCHBAY_ADMIN_TOKEN: banner.string('admin_token'),
  }
}

it('takes a good file at SIGHUP, and keeps the one before where the file is wrong', async () => {
  await write(provider('one'))
  await serve()
  await write(`${provider('two')}server: { port: 1234, drain: { wait: 1 } }\n`)
  server.signal('SIGHUP')
  const taken = await server.printed('stderr', /After a restart only: .*\n/)
  expect(taken).toContain('The configuration was read anew (generation 2): providers.')
  // The flag --port wins over the file, so nothing changes there.
  expect(taken).toMatch(/After a restart only: server\.drain\.\n/)
  await write('providers:\n  - nam: two\n')
  server.signal('SIGHUP')
  const refused = await server.printed('stderr', /patchbay\.yaml:2/)
  expect(refused).toContain('not taken; the one before stays in force')
  expect(refused).toContain('did you mean name?')
})

it('is told by a command, which fails where the file is wrong', async () => {
  await write(provider('one'))
  const env = await serve()
  await write(provider('two'))
  expect(await run(['reload'], { cwd, env })).toMatchObject({
    code: 0,
    stdout: 'In force (generation 2): providers.\n',
  })
  const again = await run(['reload', '--json'], { cwd, env })
  expect(jsonOf(again)).toEqual({ generation: 3, changed: [], restart: [] })
  const listed = await run(['providers', 'list', '--json'], { cwd, env })
  expect(jsonOf(listed)).toMatchObject({ default: 'two', providers: [{ name: 'two' }] })
  await write('providers: 7\n')
  const { code, stderr } = await run(['reload'], { cwd, env: { ...env, PATCHBAY_CONFIG: '' } })
  expect(code).not.toBe(0)
  expect(stderr).toContain('patchbay.yaml:1')
})

it('watches the file where that is wanted', async () => {
  await write(`${provider('one')}server: { watch: true }\n`)
  await serve()
  await write(`${provider('two')}server: { watch: true }\n`)
  const told = await server.printed('stderr', /generation 2.*\n/)
  expect(told).toContain('generation 2): providers.')
})
