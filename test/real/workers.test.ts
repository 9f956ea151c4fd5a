// Several workers of one server are one server: what is limited, broken, refused, opened or asked once is so for all of them.
import { randomBytes } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { DONE, chunk } from '../bugs/chunks.ts'
import { HALF } from '../faults/half-answer.ts'
import { completion, wantsStream } from '../openai-replies.ts'
import type { RawClient } from '../raw-client.ts'
import { run, start } from '../run-patchbay.ts'
import { WorkerServer } from '../worker-server.ts'

const hasProc = process.platform === 'linux'
const WHOLE = completion('pong')
const WORKERS = 3

const SETTINGS = [
  'server: { drain: { wait: 0, deadline: 20 } }',
  'resilience: { max_attempts: 1, timeouts: { first_byte: 600, idle: 600, content: 600 }, breaker: { consecutive: 3, open: 60 } }',
  'routes: { r: [house/m, house/other] }',
  'limits:',
  '  rules:',
  '    - { scope: model, of: house/day, requests: { per_day: 40 } }',
  '    - { scope: model, of: house/held, concurrency: 6 }',
]

const VAULT_KEY = randomBytes(32).toString('base64url')

let server: WorkerServer

beforeAll(async () => {
  server = await WorkerServer.open({
    workers: WORKERS,
    settings: SETTINGS,
    provider: ', api_key: sk-one',
    env: { PATCHBAY_VAULT_KEY: VAULT_KEY },
  })
})

beforeEach(() => {
  server.upstream.answer(({ json }) => (wantsStream(json) ? HALF : WHOLE))
})

afterAll(async () => {
  await server.close()
})

async function statuses(count: number, model: string): Promise<readonly number[]> {
  return Promise.all(Array.from({ length: count }, async () => (await server.ask(model)).status))
}

function times<Value>(count: number, value: Value): readonly Value[] {
  return Array.from({ length: count }, () => value)
}

/** So many streams at once, once each has the head of its answer. */
async function streams(count: number, model: string): Promise<readonly RawClient[]> {
  const opened = times(count, model).map((name) => server.stream(name))
  await Promise.all(opened.map((stream) => stream.until(/\r\n\r\n/)))
  return opened
}

function isGoing({ text, socket }: RawClient): boolean {
  return text.startsWith('HTTP/1.1 200') && !socket.destroyed
}

function finish(): void {
  for (const request of server.asked) {
    request.write(`data: ${JSON.stringify(chunk({}, 'stop'))}\n\n${DONE}`)
    request.end()
  }
}

describe('limits over three workers', () => {
  it('a number a day lets exactly so many through, however many ask at once', async () => {
    const before = server.asked.length
    const all = (await Promise.all([statuses(40, 'house/day'), statuses(40, 'house/day')])).flat()
    expect(all.filter((status) => status === 200)).toHaveLength(40)
    expect(all.filter((status) => status === 429)).toHaveLength(40)
    expect(server.asked.length - before).toBe(40)
  })

  it.skipIf(!hasProc)(
    'so many at once is exact, and what a killed worker held is free for others',
    async () => {
      const first = await streams(24, 'house/held')
      expect(first.filter(isGoing)).toHaveLength(6)
      expect((await server.ask('house/held')).status).toBe(429)

      // Nobody has died yet: the processes are in the order of their numbers.
      const busy = /patchbay_streams_active\{worker="(\d)"\} [1-9]/.exec(await server.metrics())
      process.kill(server.pids()[Number(busy?.[1])] ?? 0, 'SIGKILL')
      await server.running.printed('stderr', /ended by SIGKILL/)
      await server.allUp()
      const more = await streams(12, 'house/held')
      const left = first.filter(isGoing).length
      expect(left).toBeLessThan(6)
      const refused = more.filter((stream) => !isGoing(stream)).map(({ text }) => text)
      expect(refused).toEqual(times(6 + left, expect.stringMatching(/^HTTP\/1.1 429/)))
      finish()
      await server.seen(async () => (await server.ask('house/held')).status === 200)
    },
  )
})

describe('what is done once', () => {
  it('a call with an Idempotency-Key, whichever workers it is sent to', async () => {
    const once = async (): Promise<Response> =>
      server.ask('house/once', { 'idempotency-key': 'once' })
    const before = server.asked.length
    const answers = await Promise.all(times(12, once).map(async (ask) => ask()))
    expect([200, 409]).toEqual(expect.arrayContaining(answers.map(({ status }) => status)))
    const again = await Promise.all(times(6, once).map(async (ask) => ask()))
    const replayed = again.map((answer) => answer.headers.get('idempotency-replayed'))
    expect(replayed).toEqual(times(6, 'true'))
    expect(server.asked.length - before).toBe(1)
  })
})

describe('what one worker knows', () => {
  it('a provider that it has registered is known to all', async () => {
    const body = JSON.stringify({
      provider_type: 'custom',
      name: 'late',
      base_url: `${server.upstream.url}/v1`,
      models: ['m'],
      settings: { local: true },
    })
    const put = await server.admin('/api/providers/register', { method: 'POST', body })
    expect([put.status, await put.text()]).toEqual([201, expect.any(String)])
    await server.seen(async () => (await statuses(9, 'late/m')).every((status) => status === 200))
  })

  it('a reload over the API has reached all once it is answered, and fails no call', async () => {
    const over = new AbortController()
    const seen: number[] = []
    const traffic = times(2, 'house/m').map(async (model) => {
      while (!over.signal.aborted) seen.push((await server.ask(model)).status)
    })
    for (let turn = 1; turn <= 5; turn += 1) {
      server.write([...SETTINGS, `aliases: { turn-${turn}: house/m }`])
      const answer = await server.admin('/api/config/reload', { method: 'POST' })
      expect(answer.status).toBe(200)
      expect(await statuses(6, `turn-${turn}`)).toEqual(times(6, 200))
    }
    over.abort()
    await Promise.all(traffic)
    expect(new Set(seen)).toEqual(new Set([200]))
  })

  it('a breaker that opens there is open everywhere, and is counted once', async () => {
    server.upstream.answer(({ text }) =>
      text.includes('"other"') ? WHOLE : { status: 500, chunks: ['{}'] },
    )
    const open = /patchbay_circuit_state\{[^}]*model="m"[^}]*state="open"[^}]*\} 1/g
    await server.seen(async () => {
      await server.ask('r')
      return ((await server.metrics()).match(open)?.length ?? 0) >= WORKERS
    })
    const before = server.asked.length
    expect(await statuses(12, 'r')).toEqual(times(12, 200))
    const asked = server.asked.slice(before)
    expect(asked).toHaveLength(12)
    expect(asked.filter(({ text }) => !text.includes('"other"'))).toEqual([])
  })

  it('a key that a provider has refused is left alone by all', async () => {
    server.upstream.answer(() => ({ status: 401, chunks: ['{"error":{"message":"no"}}'] }))
    await server.ask('house/other')
    await server.seen(async () => {
      const before = server.asked.length
      await statuses(9, 'house/other')
      return server.asked.length === before
    })
    const shown = await (await server.admin('/api/providers')).text()
    const label = /"credentials":\[\{"name":"([^"]+)"/.exec(shown)?.[1] ?? ''
    const lift = `/api/providers/house/credentials/${label}/lift`
    const lifted = await server.admin(lift, { method: 'POST' })
    expect([lifted.status, await lifted.text()]).toEqual([200, expect.stringContaining('true')])
    server.upstream.answer(() => WHOLE)
    await server.seen(async () =>
      (await statuses(9, 'house/other')).every((status) => status === 200),
    )
  })

  it.skipIf(!hasProc)('the key of the vault is in the environment of none', () => {
    for (const pid of server.pids()) {
      const environment = readFileSync(`/proc/${pid}/environ`, 'utf8')
      expect(environment).toContain('PATCHBAY_HOME=')
      expect(environment).not.toContain('PATCHBAY_VAULT_KEY')
      expect(readFileSync(`/proc/${pid}/cmdline`, 'utf8')).not.toContain(VAULT_KEY)
    }
  })

  it('a vault that it has locked or opened is so for all', async () => {
    const env = { PATCHBAY_HOME: server.home, HOME: server.cwd }
    const options = { cwd: server.cwd, env }
    const ready = async (): Promise<readonly number[]> =>
      Promise.all(
        times(6, `${server.url}/readyz`).map(
          async (url) => (await fetch(url, { headers: { connection: 'close' } })).status,
        ),
      )
    expect(await run(['vault', 'lock'], options)).toMatchObject({ code: 0 })
    await server.seen(async () => (await ready()).every((status) => status === 503))
    const unlock = run(['vault', 'unlock', '--stdin'], { ...options, stdin: VAULT_KEY })
    expect(await unlock).toMatchObject({ code: 0 })
    await server.seen(async () => (await ready()).every((status) => status === 200))
  })
})

describe('the end', () => {
  it('lets open streams of every worker end, takes no call, and was told of once', async () => {
    server.running.signal('SIGHUP')
    await server.running.printed('stderr', /The configuration was read anew \(generation 7\)/)
    const open = await streams(9, 'house/once')
    await Promise.all(open.map((stream) => stream.until(/half/)))
    server.running.signal('SIGTERM')
    const stopping = /(?:stopping with [1-9]\d* calls[^]*){3}/
    await server.running.printed('stderr', stopping)
    await server.seen(async () =>
      server.ask().then(
        () => false,
        () => true,
      ),
    )
    finish()
    for (const stream of open) await stream.until(/\[DONE\]/)
    const { stdout, stderr, code } = await server.running.ended
    expect(code).toBe(0)
    expect(stdout.match(/"url"/g)).toHaveLength(1)
    expect(stderr.match(/read anew/g)).toHaveLength(1)
    expect(stderr.match(/^Stopping/gm)).toHaveLength(1)
    expect(stderr.match(/stopped after \S+ s, \d+ calls cut/g)).toEqual(
      times(WORKERS, expect.stringMatching(/ 0 calls cut$/)),
    )
  })
})

describe('workers are refused', () => {
  it.each([
    [
      'a database in memory',
      'store: { url: "memory:" }',
      /share a database in memory[^]*workers: 1/,
    ],
    ['what one process refuses too', 'server: { host: 0.0.0.0 }', /server\.tls[^]*No worker/],
  ])('%s, with 78 and what to do', async (_, settings, words) => {
    const cwd = mkdtempSync(join(tmpdir(), 'patchbay-refused-'))
    writeFileSync(join(cwd, 'patchbay.yaml'), `${settings}\n`)
    const argv = ['serve', '--workers', '2', '--port', '0', '--no-detect', '--no-fetch']
    const { code, stderr } = await start(argv, { cwd, env: { PATCHBAY_HOME: join(cwd, 'data') } })
      .ended
    expect([code, stderr]).toEqual([78, expect.stringMatching(words)])
    rmSync(cwd, { recursive: true })
  })
})
