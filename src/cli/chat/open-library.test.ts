// patchbay chat without a server: the library in this process, configured by patchbay.yaml.
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ServerResponse } from 'node:http'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { type FakeRest, failure, fakeRest } from '../../../test/fake-rest.ts'
import { type Outcome, jsonOf, run } from '../../../test/run-patchbay.ts'
import type { Json } from '../../wire/json.ts'

let cwd: string
let upstream: FakeRest | undefined

beforeEach(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'patchbay-library-'))
})

afterEach(async () => {
  await upstream?.close()
  upstream = undefined
  await rm(cwd, { recursive: true })
})

function chunk(delta: Json, finish: string | null = null): Json {
  const choices = [{ index: 0, delta, finish_reason: finish }]
  return { id: 'c1', object: 'chat.completion.chunk', created: 1, model: 'tiny', choices }
}

/** A stream of chat completions that ends as it should. */
function completion(response: ServerResponse): void {
  const usage = { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5 }
  const chunks = [
    chunk({ role: 'assistant', content: '' }),
    chunk({ content: 'Good ' }),
    chunk({ content: 'day.' }),
    chunk({}, 'stop'),
    { id: 'c1', object: 'chat.completion.chunk', created: 1, model: 'tiny', choices: [], usage },
  ]
  response.writeHead(200, { 'content-type': 'text/event-stream' })
  const frames = chunks.map((value) => `data: ${JSON.stringify(value)}\n\n`).join('')
  response.end(`${frames}data: [DONE]\n\n`)
}

async function chat(argv: readonly string[]): Promise<Outcome> {
  await writeFile(
    join(cwd, 'patchbay.yaml'),
    `server: { port: 9 }
providers:
  - name: house
    type: custom
    base_url: ${upstream?.url ?? 'http://127.0.0.1:9'}/v1
    models: [tiny, small]
    default_model: tiny
aliases: { little: house/small }
`,
  )
  // No Ollama of this machine, no data of this user.
  const env = { OLLAMA_HOST: '127.0.0.1:9', PATCHBAY_HOME: join(cwd, 'data') }
  return run(['chat', ...argv], { cwd, env })
}

it('answers from the configured provider and says on stderr that no server runs', async () => {
  upstream = await fakeRest({ 'POST /v1/chat/completions': completion })
  const { code, stdout, stderr } = await chat(['-s', 'Be brief.', 'Hello'])
  expect({ code, stdout }).toEqual({ code: 0, stdout: 'Good day.\n' })
  expect(stderr).toContain('No Patchbay runs at http://127.0.0.1:9; answering in this process.')
  expect(upstream.asked[0]?.body).toMatchObject({
    model: 'tiny',
    messages: [
      { role: 'system', content: 'Be brief.' },
      { role: 'user', content: 'Hello' },
    ],
  })
})

it('gives the counts with --json, and knows aliases', async () => {
  upstream = await fakeRest({ 'POST /v1/chat/completions': completion })
  const outcome = await chat(['--json', '-m', 'little', 'Hello'])
  expect(jsonOf(outcome)).toEqual({
    response: 'Good day.',
    model: 'small',
    provider: 'house',
    tokens: 5,
    finish_reason: 'stop',
    latency_ms: expect.any(Number),
  })
})

it('ends with 1 and the nearest name for a provider that is not there', async () => {
  const { code, stderr } = await chat(['-p', 'hose', 'Hello'])
  expect(code).toBe(1)
  expect(stderr).toContain('There is no provider called "hose".')
  expect(stderr).toContain('house')
})

it('ends with 69 when the provider is down', async () => {
  expect(await chat(['Hello'])).toMatchObject({ code: 69, stdout: '' })
})

it('ends with 77 when the provider refuses the key', async () => {
  upstream = await fakeRest({ 'POST /v1/chat/completions': failure(401, 'no') })
  expect(await chat(['Hello'])).toMatchObject({ code: 77, stdout: '' })
})
