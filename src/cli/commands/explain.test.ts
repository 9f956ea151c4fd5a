// patchbay explain: by a running server, or in this process; for people and for programs; and how it ends.
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type FakeRest, fakeRest } from '../../../test/fake-rest.ts'
import { type Outcome, jsonOf, run } from '../../../test/run-patchbay.ts'
import type { JsonObject } from '../../wire/json.ts'

const KEY = 'sk-canary-in-a-file'
const CONFIG = `server: { port: 9 }
providers:
  - name: house
    type: custom
    base_url: http://127.0.0.1:9/v1
    api_key: ${KEY}
    models: [tiny]
    settings: { headers: { x-team: ${KEY} } }
  - name: claude
    type: anthropic
    api_key: ${KEY}
aliases: { little: house/tiny }
routes:
  smart:
    - { model: house/tiny, context_tokens: 10 }
    - gone/tiny
    - claude/claude-sonnet-4-5
prices:
  house/tiny: { input: 0.5, output: 1.5, cache_read: 0.1 }
`

const REQUEST = {
  model: 'little',
  max_tokens: 1000,
  system: 'You are kind.',
  top_k: 5,
  messages: [{ role: 'user', content: 'x'.repeat(300) }],
}

let cwd: string

beforeEach(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'patchbay-explain-'))
  await writeFile(join(cwd, 'patchbay.yaml'), CONFIG)
  await writeFile(join(cwd, 'request.json'), JSON.stringify(REQUEST))
})

afterEach(async () => rm(cwd, { recursive: true }))

async function explain(argv: readonly string[], stdin?: string): Promise<Outcome> {
  const env = { OLLAMA_HOST: '127.0.0.1:9', PATCHBAY_HOME: join(cwd, 'data') }
  return run(['explain', ...argv], { cwd, env, ...(stdin === undefined ? {} : { stdin }) })
}

describe('in this process', () => {
  it('tells the order of a route’s targets, and why others are left out', async () => {
    const { code, stdout } = await explain(['request.json', '-m', 'smart'])
    expect(code).toBe(0)
    expect(stdout).toMatch(/^Route smart \(priority\):$/m)
    expect(stdout).toMatch(/^1 +claude\/claude-sonnet-4-5 +closed, 0 in flight$/m)
    expect(stdout).toMatch(/^- +gone\/tiny +There is no model/m)
    expect(stdout).toMatch(/^- +house\/tiny +holds 10 tokens, and this takes about \d+$/m)
    expect(stdout).toMatch(/^target +claude\/claude-sonnet-4-5$/m)
  })

  it('tells people who is asked and why, what is sent, what is lost and what it costs', async () => {
    const { code, stdout, stderr } = await explain(['request.json'])
    expect(stderr).toBe('No Patchbay runs at http://127.0.0.1:9; explaining in this process.\n')
    expect(code).toBe(0)
    const shown = [
      /^protocol +anthropic-messages$/m,
      /^target +house\/tiny$/m,
      /^why +"little" is an alias of "house\/tiny"; /m,
      /^lane +translate$/m,
      /^asked in +openai-chat, the only protocol of this provider$/m,
      /^policy +default {2}\(lenient: pass, default: warn, strict: refuse\)$/m,
      /^POST http:\/\/127\.0\.0\.1:9\/v1\/chat\/completions {2}\(openai-chat\)$/m,
      /^authorization: \[secret\]$/m,
      /^x-team: \[secret\]$/m,
      /"content": "x{200}\.\.\. \(300 characters\)"/,
      /^2 +dropped +top_k +pass +warn +refuse +sampling\.topK: /m,
      /^tokens +about \d+ in, at most 1000 out$/m,
      /^price +\$0\.5 in, \$1\.5 out for a million tokens {2}\(your configuration\)$/m,
      /^cost +\$0\.0000\d+ for the input, at most \$0\.0015\d+$/m,
    ]
    for (const line of shown) expect(stdout).toMatch(line)
    expect(stdout).not.toContain(KEY)
  })

  it('gives programs one value, and fails where the request would be refused', async () => {
    const outcome = await explain(['request.json', '--policy', 'strict', '--json'])
    expect(outcome.code).toBe(1)
    expect(jsonOf(outcome)).toMatchObject({
      protocol: 'anthropic-messages',
      policy: 'strict',
      request: { body: { model: 'tiny' } },
      refusal: { status: 400, body: { type: 'error' } },
    })
    expect(outcome.stderr).toContain('This request would be refused.')
    expect(outcome.stdout).not.toContain(KEY)
    const forPeople = await explain(['request.json', '--policy', 'strict'])
    expect(forPeople.stdout).toMatch(/^Refused with status 400:\n\{/m)
  })

  it('reads stdin, takes another target, protocol, path and headers', async () => {
    const body = '{"contents":[{"parts":[{"text":"hi"}]}]}'
    const gemini = await explain(['-', '-m', 'claude/claude-sonnet-4-5', '--json'], body)
    expect(jsonOf(gemini)).toMatchObject({
      protocol: 'gemini',
      model: { provider: 'claude', model: 'claude-sonnet-4-5' },
      price: { source: 'list', name: 'anthropic/claude-sonnet-4-5' },
    })
    const plain = '{"model":"house/tiny","messages":[{"role":"user","content":"hi"}]}'
    const argv = ['-', '-d', 'ollama', '--header', 'X-Patchbay-Policy: lenient', '--json']
    expect(jsonOf(await explain(argv, plain))).toMatchObject({
      protocol: 'ollama',
      policy: 'lenient',
    })
    const path = await explain(['-', '--path', '/v1/chat/completions', '--json'], plain)
    expect(jsonOf(path)).toMatchObject({ protocol: 'openai-chat', lane: 'patch' })
  })

  it('shows what the embedded model would be given', async () => {
    await writeFile(
      join(cwd, 'patchbay.yaml'),
      'server: { port: 9 }\nproviders: [{ name: local }]\n',
    )
    const { code, stdout } = await explain(['-', '-d', 'patchbay'], '{"message":"hi"}')
    expect(code).toBe(0)
    expect(stdout).toMatch(/^Given to the provider in this process:\n\{/m)
    expect(stdout).toMatch(/^price +free/m)
  })

  it.each<[string, readonly string[], string | undefined, number, RegExp]>([
    [
      'no protocol could be known',
      ['-'],
      '{"model":"house","messages":[]}',
      1,
      /give "dialect", or the "path"/,
    ],
    ['the protocol is unknown', ['-', '-d', 'latin'], '{"messages":[]}', 1, /no protocol "latin"/],
    ['the file is not there', ['nowhere.json'], undefined, 2, /nowhere\.json cannot be read/],
    ['nothing comes in', ['-'], '', 2, /No request came in on stdin/],
    [
      'a header is none',
      ['request.json', '-H', 'nonsense'],
      undefined,
      2,
      /"nonsense" is no header/,
    ],
    [
      'the policy is none',
      ['request.json', '--policy', 'harsh'],
      undefined,
      2,
      /lenient, default, strict/,
    ],
    ['no file is named', [], undefined, 2, /missing required argument/],
  ])('fails when %s', async (...[, argv, stdin, code, message]) => {
    const outcome = await explain(argv, stdin)
    expect(outcome.code).toBe(code)
    expect(outcome.stderr).toMatch(message)
  })
})

describe('by a running server', () => {
  let server: FakeRest
  afterEach(async () => server.close())

  const answer: JsonObject = { protocol: 'ollama', refusal: { status: 404, body: { error: 'no' } } }

  it('asks it with the admin token and prints what it says', async () => {
    server = await fakeRest({ 'POST /api/explain': answer })
    const env = {
      PATCHBAY_URL: server.url,
      PATCHBAY_ADMIN_TOKEN: 'pba_t',
      PATCHBAY_KEY: 'pb_live_k',
    }
    const outcome = await run(['explain', '-', '--model', 'm', '--json'], {
      cwd,
      env,
      stdin: '{"a": 1.0}',
    })
    expect(server.asked).toEqual([
      {
        line: 'POST /api/explain',
        authorization: 'Bearer pba_t',
        body: { body: '{"a": 1.0}', model: 'm' },
      },
    ])
    expect(outcome.code).toBe(1)
    expect(jsonOf(outcome)).toEqual(answer)
  })

  it('says so when the server that was named is not there', async () => {
    server = await fakeRest({})
    const outcome = await run(['explain', '-', '--url', 'http://127.0.0.1:9'], { cwd, stdin: '{}' })
    expect(outcome.code).toBe(69)
  })
})
