// The first run without Ollama and keys: the server starts whatever becomes of the embedded model.
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { type Running, start } from '../../../test/run-patchbay.ts'

let cwd: string
let running: Running | undefined

beforeEach(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'patchbay-first-'))
})

afterEach(async () => {
  running?.signal('SIGKILL')
  await running?.ended
  running = undefined
  await rm(cwd, { recursive: true })
})

function firstRun(argv: readonly string[]): Running {
  running = start(['serve', '--port', '0', ...argv], {
    cwd,
    env: { PATCHBAY_HOME: join(cwd, 'data'), OLLAMA_HOST: '127.0.0.1:9' },
  })
  return running
}

it('makes the embedded model the default and says when it will be fetched', async () => {
  const server = firstRun(['--no-fetch'])
  const banner = await server.printed('stdout', /Stop it with Ctrl-C/)
  expect(banner).toMatch(/^ {2}local: the embedded model, free, the default$/m)
  expect(banner).toContain('"model": "local"')
  const said = await server.printed('stderr', /models pull/)
  expect(said).toContain('Its first use fetches it (about 98 MB, and 71 MB for its engine).')
})

it('runs on when the model cannot be fetched, and says the next command', async () => {
  // A file where the folder of the engine would be: nothing can be fetched, with or without a network.
  await mkdir(join(cwd, 'data'), { mode: 0o700 })
  await writeFile(join(cwd, 'data', 'engine'), '')
  const server = firstRun([])
  const said = await server.printed('stderr', /models pull/)
  expect(said).toContain('The server runs without it. Try again with: patchbay models pull')
  const banner = await server.printed('stdout', /Stop it with Ctrl-C/)
  const url = /answers at (\S+)/.exec(banner)?.[1] ?? ''
  expect((await fetch(url)).status).toBe(200)
})

it('fetches nothing when something else answers', async () => {
  await writeFile(
    join(cwd, 'patchbay.yaml'),
    'providers: [{ name: house, type: custom, base_url: "http://127.0.0.1:9/v1" }]',
  )
  const server = firstRun([])
  const banner = await server.printed('stdout', /Stop it with Ctrl-C/)
  expect(banner).toMatch(/^ {2}house: custom, free, the default$/m)
  expect(banner).toMatch(/^ {2}local: the embedded model, free$/m)
  server.signal('SIGTERM')
  const { code, stderr } = await server.ended
  expect(code).toBe(0)
  expect(stderr).not.toContain('Fetching')
})
