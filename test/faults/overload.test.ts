// A process that stands still, or runs out of memory, sheds new work in words and survives; and a client that leaves the queue was never there.
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Happening } from '../../src/exchange/happening.ts'
import { ObjectReader } from '../../src/wire/json.ts'
import { DONE, chunk } from '../bugs/chunks.ts'
import { IDS } from '../bugs/protocols.ts'
import { type FakeUpstream, openUpstream } from '../fake-upstream.ts'
import { localHost, openGateway } from '../open-gateway.ts'
import { RawClient, head, post } from '../raw-client.ts'
import { type Running, start } from '../run-patchbay.ts'
import { requestIn } from './asks.ts'
import { HALF } from './half-answer.ts'

let cwd: string
let upstream: FakeUpstream
let server: Running | undefined
const clients: RawClient[] = []

beforeEach(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'patchbay-overload-'))
  upstream = await openUpstream()
  upstream.answer(() => HALF)
})

afterEach(async () => {
  for (const { socket } of clients.splice(0)) socket.destroy()
  server?.signal('SIGKILL')
  await server?.ended
  server = undefined
  await upstream.close()
  await rm(cwd, { recursive: true })
})

/** The server as a process of its own, with so many seconds of patience with its provider. */
async function serve(timeout: number, env: Readonly<Record<string, string>> = {}): Promise<string> {
  await writeFile(
    join(cwd, 'patchbay.yaml'),
    [
      `providers: [{ name: house, type: custom, base_url: "${upstream.url}/v1", models: [m], timeout: ${timeout}, settings: { local: true } }]`,
      // Calls that are left alone here fail one after the other; that is no matter of this process.
      'resilience: { breaker: { consecutive: 1000, samples: 1000 } }',
    ].join('\n'),
  )
  const argv = ['serve', '--port', '0', '--no-detect', '--no-fetch', '--json', '--log', 'off']
  server = start(argv, { cwd, env: { PATCHBAY_HOME: join(cwd, 'data'), ...env } })
  const banner = ObjectReader.of(JSON.parse(await server.printed('stdout', /\n/)), '')
  return banner.string('url')
}

function client(url: string, text: string): RawClient {
  const made = RawClient.at(url).send(text)
  clients.push(made)
  return made
}

async function statusOf(client: RawClient): Promise<number> {
  const text = await client.until(/^HTTP\/1\.1 \d{3} [^]*\r\n\r\n/)
  return Number(text.slice(9, 12))
}

describe('F130 an event loop that stands still for two seconds', () => {
  it('sheds new calls, keeps the probes, breaks no stream under way, and is itself again', async () => {
    const url = await serve(1)
    const stream = client(url, requestIn('openai-chat', { model: 'house/m', shape: 'stream' }))
    await stream.until(/half/)
    const request = await upstream.nextRequest()
    // Until it measures itself, which it does not while it starts.
    const ask = (): RawClient =>
      client(url, requestIn('openai-chat', { model: 'house/m', shape: 'stream' }))
    let shed: RawClient | undefined
    while (shed === undefined) {
      server?.signal('SIGSTOP')
      // Longer than the patience with the provider, which has said more meanwhile.
      const goOn = setTimeout(() => server?.signal('SIGCONT'), 2000)
      request.write(`data: ${JSON.stringify(chunk({ content: ' more' }))}\n\n`)
      const asked = ask()
      if ((await statusOf(asked)) === 503) shed = asked
      const next = ask()
      if ((await statusOf(next)) === 503) shed = next
      clearTimeout(goOn)
    }
    await shed.until(/gateway_overloaded/)
    expect(shed.text).toMatch(/retry-after: [123]\r\n/)
    expect(shed.text).toContain('x-should-retry: true')
    const alive = client(url, head('GET', [], '/livez'))
    expect(await statusOf(alive)).toBe(200)
    request.write(`data: ${JSON.stringify(chunk({}, 'stop'))}\n\n${DONE}`)
    request.end()
    const whole = await stream.until(/\[DONE\]/)
    expect(whole).toContain(' more')
    expect(whole).not.toMatch(/idle_timeout|"error"/)
    while ((await statusOf(ask())) !== 200) continue
  })
})

describe('F131 large bodies that do not fit into memory together', () => {
  it('are refused with 503 where there is no room, and the process survives', async () => {
    const url = await serve(60, { NODE_OPTIONS: '--max-old-space-size=128' })
    const body = {
      model: 'house/m',
      stream: true,
      messages: [{ role: 'user', content: 'x'.repeat(1024 * 1024) }],
    }
    const text = post('/openai/v1/chat/completions', body)
    const counts = new Map<number, number>()
    const one = async (): Promise<void> => {
      const asking = RawClient.at(url).send(text)
      const status = await statusOf(asking).catch(() => 0)
      counts.set(status, (counts.get(status) ?? 0) + 1)
      asking.socket.destroy()
    }
    await Promise.all(Array.from({ length: 300 }, async () => one()))
    const known = new Set([200, 502, 503, 504])
    expect([...counts].filter(([status]) => !known.has(status))).toEqual([])
    expect(counts.get(503)).toBeGreaterThan(0)
    expect(await statusOf(client(url, head('GET', [], '/livez')))).toBe(200)
    const small = { model: 'house/m', shape: 'stream' } as const
    while ((await statusOf(client(url, requestIn('openai-chat', small)))) !== 200) continue
  })
})

describe.each(IDS)('F091 a client of %s that leaves while it waits for its turn', (id) => {
  it('was never at the provider, and leaves no place taken', async () => {
    const facts: Happening[] = []
    const gateway = await openGateway({
      providers: [localHost('house', upstream)],
      drainMs: 1,
      config: { overload: { process: { maxCalls: 1, reserve: 0, queueMs: 60_000 } } },
    })
    gateway.gateway.manager.happenings.listen((fact) => facts.push(fact))
    const ask = { model: 'house/m', shape: 'stream' } as const
    const first = client(gateway.url, requestIn('openai-chat', ask))
    await first.until(/half/)
    const started = (): number => facts.filter(({ type }) => type === 'call-started').length
    const ended = (): Happening | undefined => facts.find(({ type }) => type === 'call-ended')
    const leaving = client(gateway.url, requestIn(id, { ...ask, shape: 'whole' }))
    while (started() < 2) await new Promise((next) => setImmediate(next))
    leaving.socket.destroy()
    while (ended() === undefined) await new Promise((next) => setImmediate(next))
    expect(ended()).toMatchObject({ outcome: 'abandoned', attempts: [] })
    expect(facts).toContainEqual(expect.objectContaining({ type: 'client-gone', phase: 'queue' }))
    expect(upstream.requests).toHaveLength(1)
    first.socket.destroy()
    const next = client(gateway.url, requestIn(id, ask))
    await next.until(/half/)
    await gateway.close()
  })
})
