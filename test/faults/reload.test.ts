// A configuration that changes under traffic: no call is dropped, no wrong one is taken, and what calls had begun with stays for them.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { loadConfig } from '../../src/config/load.ts'
import type { Happening } from '../../src/exchange/happening.ts'
import type { BaseProvider } from '../../src/providers/base-provider.ts'
import { type Gateway, createGateway } from '../../src/server/gateway.ts'
import { DONE, chunk } from '../bugs/chunks.ts'
import { IDS } from '../bugs/protocols.ts'
import { type FakeUpstream, openUpstream } from '../fake-upstream.ts'
import { completion, wantsStream } from '../openai-replies.ts'
import { RawClient } from '../raw-client.ts'
import { askIn, requestIn } from './asks.ts'
import { HALF } from './half-answer.ts'

let folder: string
let upstream: FakeUpstream
let gateway: Gateway
let url: string
const facts: Happening[] = []
const clients: RawClient[] = []

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'patchbay-reload-'))
  upstream = await openUpstream()
})

afterEach(async () => {
  for (const { socket } of clients.splice(0)) socket.destroy()
  await gateway.close()
  await upstream.close()
  rmSync(folder, { recursive: true })
  facts.length = 0
})

const FILE = 'patchbay.yaml'

function write(text: string): void {
  writeFileSync(join(folder, FILE), text)
}

function provider(name: string, more: string = ''): string {
  return `{ name: ${name}, type: custom, base_url: "${upstream.url}/v1", models: [m], settings: { local: true }${more} }`
}

/** Opens a gateway with what the file says by now. */
async function open(): Promise<void> {
  const flags = { server: { port: 0 }, dataDir: folder }
  const readConfig = () => loadConfig({ file: FILE, env: {}, cwd: folder, flags })
  gateway = await createGateway({ config: await readConfig(), readConfig, env: {}, drainMs: 1000 })
  gateway.manager.happenings.listen((fact) => facts.push(fact))
  const listening = await gateway.listen()
  url = listening.url
}

const WHOLE = completion('pong')

function streaming(model: string, id: (typeof IDS)[number]): RawClient {
  const client = RawClient.at(url).send(requestIn(id, { model, shape: 'stream' }))
  clients.push(client)
  return client
}

async function statusOf(model: string): Promise<number> {
  const { path, body } = askIn('openai-chat', { model, shape: 'whole' })
  const answer = await fetch(`${url}${path}`, { method: 'POST', body: JSON.stringify(body) })
  await answer.arrayBuffer()
  return answer.status
}

/** Streams of the old set that have begun stall; everything else is answered whole. */
function scripted(): void {
  upstream.answer(({ json }) => (wantsStream(json) ? HALF : WHOLE))
}

/** The configuration of one turn: a provider that stays, one that changes, and one that comes and goes. */
function set(turn: number): string {
  return [
    `providers: [${provider('stays')}, ${provider('changes', `, timeout: ${60 + turn}`)}, ${provider(`turn-${turn % 2}`)}]`,
    `routes: { smart: [changes/m, stays/m], own-${turn % 2}: [turn-${turn % 2}/m] }`,
    'aliases: { short: changes/m }',
    `limits: { max_body_bytes: ${100_000 + turn} }`,
  ].join('\n')
}

describe('F128 reloads under traffic', () => {
  it('50 of them, good and bad, drop no call and cut no stream', async () => {
    scripted()
    const BAD = [
      'providers: [{ name: ',
      'providers: [{ name: stays, type: nonsense }]',
      'server: { prot: 1 }',
      'default_provider: nobody',
    ]
    write(set(0))
    await open()
    const names = ['stays/m', 'changes/m', 'turn-0/m', 'smart', 'own-0', 'short'] as const
    const open6 = IDS.map((id, at) => streaming(names[at] ?? 'stays/m', id))
    await Promise.all(open6.map((client) => client.until(/half/)))
    const streams = upstream.requests.slice()

    const done = new AbortController()
    const statuses: number[] = []
    const traffic = ['stays/m', 'changes/m', 'smart', 'short'].map(async (model) => {
      while (!done.signal.aborted) statuses.push(await statusOf(model))
    })
    for (let turn = 1; turn <= 50; turn += 1) {
      const bad = turn % 5 === 0 ? BAD[(turn / 5) % BAD.length] : undefined
      write(bad ?? set(turn))
      const before = statuses.length
      const outcome = await gateway.reload().then(
        () => 'applied',
        () => 'rejected',
      )
      expect(outcome).toBe(bad === undefined ? 'applied' : 'rejected')
      while (statuses.length < before + 2) await new Promise((next) => setImmediate(next))
    }
    done.abort()
    await Promise.all(traffic)
    expect(statuses.length).toBeGreaterThan(100)
    expect(statuses.filter((status) => status !== 200)).toEqual([])

    for (const stream of streams) {
      stream.write(`data: ${JSON.stringify(chunk({ content: ' whole' }))}\n\n`)
      stream.write(`data: ${JSON.stringify(chunk({}, 'stop'))}\n\n${DONE}`)
      stream.end()
    }
    await Promise.all(open6.map((client) => client.until(/\r\n0\r\n\r\n/)))
    expect(open6.filter(({ text }) => !text.includes('whole') || /"error":\{/.test(text))).toEqual(
      [],
    )
    const told = facts.flatMap((fact) => (fact.type === 'config-reloaded' ? [fact.result] : []))
    expect(told.filter((result) => result === 'applied')).toHaveLength(40)
    expect(told.filter((result) => result === 'rejected')).toHaveLength(10)
  })

  it('a wrong file is refused with its line, and changes nothing', async () => {
    upstream.answer(() => WHOLE)
    write(`providers: [${provider('house')}]`)
    await open()
    write('providers:\n  - name: house\n    tipe: custom\n')
    await expect(gateway.reload()).rejects.toThrow(
      'patchbay.yaml:3: providers[0].tipe is not a known key; did you mean type?',
    )
    write(`providers: [${provider('other')}, { name: house, type: nonsense }]`)
    await expect(gateway.reload()).rejects.toThrow(/Unknown provider type "nonsense"/)
    expect(await statusOf('house/m')).toBe(200)
    expect(await statusOf('other/m')).toBe(404)
    expect(facts.filter(({ type }) => type === 'config-reloaded')).toMatchObject([
      { result: 'rejected', generation: 1, error: { code: 'config' } },
      { result: 'rejected', generation: 1, error: { code: 'unknown_provider_type' } },
    ])
  })
})

describe('what a reload does', () => {
  it('keeps a call with the provider that it began with, and closes that one after it', async () => {
    upstream.answer(() => HALF)
    write(`providers: [${provider('house')}]`)
    await open()
    const before = gateway.manager.getProvider('house')
    const closed = closings(before)
    const stream = streaming('house/m', 'openai-chat')
    await stream.until(/half/)
    write(`providers: [${provider('new')}]`)
    expect(await gateway.reload()).toEqual({ generation: 2, changed: ['providers'], restart: [] })
    expect(gateway.manager.findProvider('house')).toBeUndefined()
    expect(gateway.manager.defaultName).toBe('new')
    expect(closed.count).toBe(0)
    const [request] = upstream.requests
    request?.write(`data: ${JSON.stringify(chunk({}, 'stop'))}\n\n${DONE}`)
    request?.end()
    await stream.until(/\[DONE\]/)
    await closed.once
    expect(closed.count).toBe(1)
  })

  it('leaves alone what has not changed, and what was registered otherwise', async () => {
    upstream.answer(() => WHOLE)
    write(`providers: [${provider('house')}, ${provider('shed')}]`)
    await open()
    const { manager } = gateway
    const [house, shed] = [manager.getProvider('house'), manager.getProvider('shed')]
    const guest = manager.registerProvider({ ...shed.config, name: 'guest' })
    manager.routes.set({ name: 'guests', targets: [{ model: 'guest/m' }] })
    write(
      `providers: [${provider('shed', ', timeout: 5')}, ${provider('house')}]\nroutes: { r: [house/m] }`,
    )
    await gateway.reload()
    expect(manager.getProvider('house')).toBe(house)
    expect(manager.getProvider('shed')).not.toBe(shed)
    expect(manager.getProvider('guest')).toBe(guest)
    expect(manager.listProviders().map(({ name }) => name)).toEqual(['shed', 'house', 'guest'])
    expect(manager.routes.list().map(({ name }) => name)).toEqual(['r', 'guests'])
    // The file wins for what it names.
    write(
      `providers: [${provider('guest', ', timeout: 7')}]\nroutes: { guests: [guest/m, guest/m] }`,
    )
    await gateway.reload()
    expect(manager.getProvider('guest').config.timeout).toBe(7)
    expect(manager.routes.find('guests')?.targets).toHaveLength(2)
    expect(manager.listProviders().map(({ name }) => name)).toEqual(['guest'])
  })

  it('refuses a name that would mean two things', async () => {
    write(`providers: [${provider('house')}]`)
    await open()
    gateway.manager.routes.set({ name: 'mine', targets: [{ model: 'house/m' }] })
    write(`providers: [${provider('house')}, ${provider('mine')}]`)
    await expect(gateway.reload()).rejects.toMatchObject({ code: 'name_taken' })
    write(`providers: [${provider('house')}]\naliases: { mine: house/m }`)
    await expect(gateway.reload()).rejects.toMatchObject({ code: 'name_taken' })
    gateway.manager.routes.delete('mine')
    await gateway.reload()
    gateway.manager.registerProvider({ ...gateway.manager.getProvider('house').config, name: 'p' })
    write(`providers: [${provider('house')}]\nroutes: { p: [house/m] }`)
    await expect(gateway.reload()).rejects.toMatchObject({ code: 'name_taken' })
  })

  it('puts prices, limits and hosts in force, and says what waits for a restart', async () => {
    upstream.answer(() => WHOLE)
    write(`providers: [${provider('house')}]`)
    await open()
    write(
      [
        'server: { allowed_hosts: [box.lan], drain: { wait: 1 } }',
        `providers: [${provider('house')}]`,
        'prices: { house/m: { input: 1, output: 2 } }',
        'limits: { max_body_bytes: 20, rules: [{ scope: all, requests: { per_day: 1 } }] }',
      ].join('\n'),
    )
    const report = await gateway.reload()
    expect(report).toEqual({
      generation: 2,
      changed: ['prices', 'limits', 'server.allowed_hosts'],
      restart: ['server.drain'],
    })
    expect(await statusOf('house/m')).toBe(413)
    write(
      `providers: [${provider('house')}]\nlimits: { rules: [{ scope: all, requests: { per_day: 1 } }] }`,
    )
    await gateway.reload()
    expect(await statusOf('house/m')).toBe(200)
    expect(await statusOf('house/m')).toBe(429)
  })

  it('is refused where a program gave the configuration', async () => {
    write(`providers: [${provider('house')}]`)
    const config = await loadConfig({ file: FILE, env: {}, cwd: folder })
    gateway = await createGateway({ config: { ...config, dataDir: folder }, env: {} })
    await expect(gateway.reload()).rejects.toMatchObject({ code: 'reload_unsupported' })
  })
})

/** Counts how often a provider is closed. */
function closings(provider: BaseProvider): {
  readonly count: number
  readonly once: Promise<void>
} {
  const { promise: once, resolve } = Promise.withResolvers<void>()
  const seen = { count: 0, once }
  provider.close = async () => {
    seen.count += 1
    resolve()
  }
  return seen
}
