// patchbay serve as a program: what it prints, that it answers, how it stops.
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { fakeRest } from '../../../test/fake-rest.ts'
import { type Running, jsonOf, run, start } from '../../../test/run-patchbay.ts'
import { ObjectReader } from '../../wire/json.ts'

let cwd: string
let running: Running | undefined

beforeEach(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'patchbay-serve-'))
})

afterEach(async () => {
  running?.signal('SIGKILL')
  await running?.ended
  running = undefined
  await rm(cwd, { recursive: true })
})

/** Starts it on a free port with a data folder of its own, looking for nothing on this machine. */
function serve(argv: readonly string[] = [], env: Record<string, string> = {}): Running {
  running = start(['serve', '--port', '0', '--no-detect', '--no-fetch', ...argv], {
    cwd,
    env: { PATCHBAY_HOME: join(cwd, 'data'), ...env },
  })
  return running
}

describe('serve', () => {
  it('shows the keys at the first start only, and snippets that hold them', async () => {
    const first = serve()
    const banner = await first.printed('stdout', /Stop it with Ctrl-C/)
    const url = /answers at (\S+)/.exec(banner)?.[1] ?? ''
    const key = /PATCHBAY_KEY=(pb_live_\S+)/.exec(banner)?.[1] ?? 'no key'
    expect(banner).toMatch(/PATCHBAY_ADMIN_TOKEN=pba_\S+/)
    expect(banner).toContain(`curl -N ${url}/v1/chat/completions`)
    expect(banner.split(key).length).toBeGreaterThan(3)
    expect(banner).toContain(`OLLAMA_HOST=${url}`)
    first.signal('SIGTERM')
    expect(await first.ended).toMatchObject({ code: 0 })

    const second = serve()
    const again = await second.printed('stdout', /Stop it with Ctrl-C/)
    expect(again).not.toMatch(/pba_|pb_live_/)
    expect(again).toContain('$PATCHBAY_KEY')
  })

  it('answers the other commands, and logs them on stderr without a token', async () => {
    const server = serve(['--json'])
    const line = await server.printed('stdout', /\n/)
    const banner = ObjectReader.of(JSON.parse(line), '')
    const env = {
      PATCHBAY_URL: banner.string('url'),
      PATCHBAY_ADMIN_TOKEN: banner.string('admin_token'),
    }
    const added = await run(['providers', 'add', 'paid', '--type', 'openai', '--json'], {
      cwd,
      env,
    })
    expect(jsonOf(added)).toMatchObject({ registered: true, provider: { name: 'paid' } })
    const listed = await run(['providers', 'list', '--json'], { cwd, env })
    expect(jsonOf(listed)).toMatchObject({ default: 'paid', providers: [{ name: 'paid' }] })
    const bare = { PATCHBAY_URL: env.PATCHBAY_URL }
    expect(await run(['providers', 'list'], { cwd, env: bare })).toMatchObject({ code: 77 })
    const removed = await run(['providers', 'remove', 'paid'], { cwd, env })
    expect(removed).toMatchObject({ code: 0, stdout: 'Removed paid.\n' })
    server.signal('SIGINT')
    const { code, stderr } = await server.ended
    expect(code).toBe(0)
    expect(stderr).toMatch(/^POST \/api\/providers\/register 201 \d+ ms$/m)
    expect(stderr).toMatch(/^GET \/api\/providers 401 \d+ ms admin_token_missing$/m)
    expect(stderr).not.toContain(env.PATCHBAY_ADMIN_TOKEN)
  })

  it('logs JSON lines with --log json', async () => {
    const server = serve(['--json', '--log', 'json'])
    const banner = ObjectReader.of(JSON.parse(await server.printed('stdout', /\n/)), '')
    await run(['health'], { cwd, env: { PATCHBAY_URL: banner.string('url') } })
    const lines = (await server.printed('stderr', /"request"/)).split('\n')
    expect(JSON.parse(lines.find((line) => line.includes('"request"')) ?? '')).toMatchObject({
      method: 'GET',
      path: '/api/providers/health',
      status: 200,
    })
  })

  it('says little with --quiet, but shows new keys', async () => {
    const server = serve(['--quiet'])
    const text = await server.printed('stdout', /vault\.auto_init/)
    expect(text).toMatch(/^http:\/\/127\.0\.0\.1:\d+\n/)
    expect(text).toMatch(/pba_\S+/)
    expect(text).not.toContain('curl')
  })

  it('chats through the provider of its configuration', async () => {
    const upstream = await fakeRest({
      'POST /v1/chat/completions': {
        id: 'c1',
        object: 'chat.completion',
        created: 1,
        model: 'tiny',
        choices: [
          { index: 0, message: { role: 'assistant', content: 'Hi.' }, finish_reason: 'stop' },
        ],
      },
    })
    try {
      await writeFile(
        join(cwd, 'patchbay.yaml'),
        `providers: [{ name: house, type: custom, base_url: "${upstream.url}/v1", models: [tiny] }]`,
      )
      const server = serve(['--json'])
      const banner = ObjectReader.of(JSON.parse(await server.printed('stdout', /\n/)), '')
      expect(banner.source).toMatchObject({ default_provider: 'house', providers: ['house'] })
      const answer = await fetch(`${banner.string('url')}/v1/chat/completions`, {
        method: 'POST',
        body: JSON.stringify({ model: 'house/tiny', messages: [{ role: 'user', content: 'Hi' }] }),
      })
      expect(await answer.json()).toMatchObject({ choices: [{ message: { content: 'Hi.' } }] })
      expect(await server.printed('stderr', /house\/tiny/)).toMatch(/200 \d+ ms house\/tiny/)
    } finally {
      await upstream.close()
    }
  })
})

describe('serve refuses', () => {
  it('a port that is taken, and names the flag', async () => {
    const other = await fakeRest({})
    try {
      const argv = ['serve', '--no-detect', '--no-fetch', '--port', new URL(other.url).port]
      const env = { PATCHBAY_HOME: join(cwd, 'data') }
      const { code, stderr } = await start(argv, { cwd, env }).ended
      expect(code).toBe(1)
      expect(stderr).toContain('--port')
    } finally {
      await other.close()
    }
  })

  it('a wrong configuration, with 78, the line and the nearest name', async () => {
    await writeFile(join(cwd, 'patchbay.yaml'), 'server:\n  prot: 1\n')
    const { code, stdout, stderr } = await serve().ended
    expect({ code, stdout }).toEqual({ code: 78, stdout: '' })
    expect(stderr).toContain('patchbay.yaml:2: server.prot is not a known key; did you mean port?')
  })

  it('--open on an address that others can reach, with 78', async () => {
    const { code, stderr } = await serve(['--host', '0.0.0.0', '--open']).ended
    expect(code).toBe(78)
    expect(stderr).toContain('server.open')
  })

  it('an address that others can reach without TLS, with 78 and what to write', async () => {
    const { code, stderr } = await serve(['--host', '0.0.0.0']).ended
    expect(code).toBe(78)
    expect(stderr).toMatch(/server\.tls .* server\.behind_proxy/)
  })

  it('a debugger, a Node that trusts anybody, and a folder that others write into, with 78', async () => {
    const env = { PATCHBAY_HOME: join(cwd, 'data') }
    const argv = ['serve', '--port', '0', '--no-detect', '--no-fetch']
    await mkdir(join(cwd, 'open'))
    await chmod(join(cwd, 'open'), 0o777)
    for (const [more, words] of [
      [{ NODE_OPTIONS: '--inspect=127.0.0.1:0' }, '--inspect'],
      [{ NODE_TLS_REJECT_UNAUTHORIZED: '0' }, 'NODE_TLS_REJECT_UNAUTHORIZED'],
      [{ PATCHBAY_HOME: join(cwd, 'open') }, 'chmod 700'],
    ] as const) {
      const { code, stderr } = await start(argv, { cwd, env: { ...env, ...more } }).ended
      expect([code, stderr]).toEqual([78, expect.stringContaining(words)])
    }
  })

  it('a data folder that it cannot use', async () => {
    await writeFile(join(cwd, 'data'), 'a file')
    const { code, stderr } = await serve().ended
    expect(code).toBe(1)
    expect(stderr).toContain('patchbay.db')
  })
})
