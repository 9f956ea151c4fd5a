// A key is rotated while calls are made: the new one is tried first, none of the calls fails, the old one is retired.
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type FakeTransport, fakeTransport } from '../../../test/fake-transport.ts'
import { FakeTime } from '../../../test/server-fakes.ts'
import { mergeLayers } from '../../config/merge.ts'
import { ProviderManager } from '../../pipeline/library.ts'
import { WatchedDocuments } from '../../store/documents/watched-documents.ts'
import { openDatabase } from '../../store/open-database.ts'
import type { Database } from '../../store/operation.ts'
import { type Bench, type BenchShelf, openBench } from '../../vault/fixtures/bench.ts'
import { InForce } from '../reload.ts'
import { type OpenedRegistry, openRegistry } from './open-registry.ts'
import { OVERLAP_MS } from './rotation.ts'

const OLD = 'sk-canary-old-0123456789'
const NEW = 'sk-canary-new-0123456789'
const ID = 'provider:house:k1'

let database: Database
let bench: Bench<BenchShelf>
let time: FakeTime
let transport: FakeTransport
/** Keys that the host takes. */
let good: Set<string>
/** The host is away. */
let isAway = false
let manager: ProviderManager
let opened: OpenedRegistry
let documents: WatchedDocuments

beforeEach(async () => {
  time = new FakeTime()
  good = new Set([OLD, NEW])
  isAway = false
  database = await openDatabase({ url: 'memory:', file: '', durability: 'fast', now: () => 1 })
  bench = await openBench()
  transport = fakeTransport(({ url, headers }) => {
    const key = headers['authorization']?.replace('Bearer ', '') ?? ''
    if (isAway) return { status: 503, chunks: ['{}'] }
    if (!good.has(key)) return { status: 401, chunks: ['{"error":{"message":"bad key"}}'] }
    if (url.pathname.endsWith('/models')) return { chunks: ['{"object":"list","data":[]}'] }
    const message = { role: 'assistant', content: 'pong' }
    const choice = { index: 0, message, finish_reason: 'stop' }
    return { chunks: [JSON.stringify({ id: 'x', object: 'chat.completion', choices: [choice] })] }
  })
  await start()
  await opened.registrar.register({
    provider_type: 'custom',
    name: 'house',
    base_url: 'https://house.example/v1',
    models: ['m'],
    api_key: OLD,
  })
})
afterEach(async () => {
  opened.close()
  documents.close()
  await database.close()
})

async function start(): Promise<void> {
  manager = new ProviderManager({ transport })
  documents = new WatchedDocuments(database, {
    now: time.now,
    every: () => () => undefined,
    failed: (thrown) => {
      throw thrown
    },
  })
  const inForce = new InForce(mergeLayers([], { dataDir: '', baseDir: '' }))
  const { now, after } = time
  const { vault } = bench
  opened = await openRegistry({ documents, manager, inForce, now, after, vault })
  opened.registerStored()
}

function states(): readonly string[] {
  return bench.vault.list(ID).map(({ version, state }) => `${version} ${state}`)
}

function keysUsed(): readonly string[] {
  return transport.sent
    .filter(({ url }) => url.pathname.endsWith('/completions'))
    .map(({ headers }) => headers['authorization']?.replace('Bearer ', '') ?? '')
}

it('F137: a rotation under load fails no call, and from then on the old key is not sent', async () => {
  let isRotating = true
  const answers: string[] = []
  const caller = async (): Promise<void> => {
    for (let after = 0; after < 20;) {
      answers.push((await manager.chat('ping', { provider: 'house', model: 'm' })).content)
      if (!isRotating) after += 1
    }
  }
  const callers = Array.from({ length: 20 }, caller)
  await opened.rotation.rotate(ID, { key: NEW })
  isRotating = false
  const before = transport.sent.length
  await Promise.all(callers)
  expect(new Set(answers)).toEqual(new Set(['pong']))
  expect(answers.length).toBeGreaterThanOrEqual(400)
  const late = keysUsed().slice(-300)
  expect(new Set(late)).toEqual(new Set([NEW]))
  expect(transport.sent.length).toBeGreaterThan(before)
})

describe('a rotation', () => {
  it('keeps the old key for the overlap, then retires it', async () => {
    expect(await opened.rotation.rotate(ID, { key: NEW })).toMatchObject({ state: 'active' })
    expect(states()).toEqual(['1 active', '2 active'])
    await time.pass(OVERLAP_MS - 1)
    expect(states()).toEqual(['1 active', '2 active'])
    await time.pass(1)
    await opened.rotation.settled()
    expect(states()).toEqual(['1 retired', '2 active'])
  })

  it('that a restart falls into is ended by the next process', async () => {
    await opened.rotation.rotate(ID, { key: NEW, overlapMs: 1000 })
    opened.close()
    await time.pass(5000)
    expect(states()).toEqual(['1 active', '2 active'])
    await start()
    await time.pass(0)
    await opened.rotation.settled()
    expect(states()).toEqual(['1 retired', '2 active'])
    expect(manager.getProvider('house').credentials?.key()?.reveal()).toBe(NEW)
  })

  it('to a key that the provider refuses changes nothing', async () => {
    good.delete(NEW)
    await expect(opened.rotation.rotate(ID, { key: NEW, unchecked: true })).rejects.toMatchObject({
      code: 'key_refused',
      status: 422,
    })
    expect(states()).toEqual(['1 active'])
    expect(manager.getProvider('house').credentials?.key()?.reveal()).toBe(OLD)
  })

  it('to a key of which the provider says nothing is made only where that is asked for', async () => {
    isAway = true
    await expect(opened.rotation.rotate(ID, { key: NEW })).rejects.toMatchObject({
      code: 'key_unchecked',
    })
    expect(states()).toEqual(['1 active'])
    await opened.rotation.rotate(ID, { key: NEW, unchecked: true })
    expect(states()).toEqual(['1 active', '2 active'])
  })

  it('of a secret that no provider has is refused', async () => {
    await expect(opened.rotation.rotate('provider:x:k1', { key: NEW })).rejects.toMatchObject({
      status: 404,
      code: 'secret_unknown',
    })
  })
})

it('the version in use is not retired by hand, another one is', async () => {
  await opened.rotation.rotate(ID, { key: NEW })
  await expect(opened.rotation.retire(ID, 2)).rejects.toMatchObject({ code: 'secret_in_use' })
  expect(await opened.rotation.retire(ID, 1)).toMatchObject({ state: 'retired' })
})

it('a key is tried at no cost', async () => {
  expect(await opened.rotation.test(ID)).toMatchObject({ healthy: true, key: 'ok' })
  good.delete(OLD)
  expect(await opened.rotation.test(ID)).toMatchObject({ healthy: false, key: 'invalid' })
  expect(keysUsed()).toEqual([])
})
