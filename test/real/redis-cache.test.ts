// What is kept in a real Redis: gateways share the cache of answers and the calls of an Idempotency-Key, and go on without it.
import { afterAll, afterEach, describe, expect, it } from 'vitest'
import { entryStoreContract } from '../../src/resilience/cache/entry-store.contract.ts'
import { RedisConnection } from '../../src/store/redis/redis-connection.ts'
import { RedisEntries } from '../../src/store/redis/redis-entries.ts'
import { Secret } from '../../src/vault/secret.ts'
import { type RedisProxy, redisProxy } from '../faults/redis-proxy.ts'
import { type OpenGateway, openGateway } from '../open-gateway.ts'
import { FakeProvider } from '../server-fakes.ts'
import { redisServer } from './redis-server.ts'

const { value: redis, reason } = await redisServer()

async function entries(): Promise<{ readonly store: RedisEntries; readonly end: () => void }> {
  const url = redis?.url ?? ''
  const connection = new RedisConnection({ url, patienceMs: 5000, random: () => 0.5 })
  await connection.open()
  const store = new RedisEntries(connection, { namespace: 'entries', isLost: () => false })
  return { store, end: () => connection.close() }
}

describe.skipIf(redis === undefined)(`Redis${reason === undefined ? '' : `: ${reason}`}`, () => {
  afterAll(async () => {
    await redis?.close()
  })

  entryStoreContract('entries in Redis', async () => {
    const [one, other] = [await entries(), await entries()]
    return {
      store: one.store,
      other: other.store,
      // Redis has a clock of its own, which no test can move.
      pass: (milliseconds) =>
        new Promise((resolve) => {
          setTimeout(resolve, milliseconds)
        }),
      close: async () => {
        one.end()
        other.end()
      },
    }
  })

  describe('two gateways', () => {
    const gateways: OpenGateway[] = []
    let proxy: RedisProxy | undefined
    let opens = 0

    afterEach(async () => {
      for (const gateway of gateways.splice(0)) await gateway.close()
      await proxy?.close()
    })

    async function opened(): Promise<readonly FakeProvider[]> {
      proxy = await redisProxy(redis?.url ?? '')
      const providers = []
      for (const url of [redis?.url ?? '', proxy.url]) {
        const provider = new FakeProvider({ name: 'home', local: true, models: ['tiny'] })
        const more = { instances: 2, timeoutMs: 1000, settleMs: 100, slice: 0 }
        const config = { redis: { url: new Secret(url), namespace: `two-${opens}`, ...more } }
        gateways.push(await openGateway({ providers: [provider], config }))
        providers.push(provider)
      }
      opens += 1
      return providers
    }

    async function ask(at: number, headers: Readonly<Record<string, string>>): Promise<Response> {
      const answer = await fetch(`${gateways[at]?.url}/v1/chat/completions`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: JSON.stringify({ model: 'tiny', messages: [{ role: 'user', content: 'Hi' }] }),
      })
      await answer.text()
      return answer
    }

    async function cache(at: number): Promise<string> {
      const answer = await ask(at, { 'x-patchbay-cache': 'ttl=60' })
      return `${answer.status} ${answer.headers.get('x-patchbay-cache')}`
    }

    async function again(at: number, key: string): Promise<string> {
      const answer = await ask(at, { 'idempotency-key': key })
      return `${answer.status} ${answer.headers.get('idempotency-replayed')}`
    }

    it('share what was answered, and answer without it when Redis is lost', async () => {
      const [, away] = await opened()
      expect([await cache(0), await cache(1)]).toEqual(['200 miss', '200 hit'])
      expect(away?.asked).toHaveLength(0)
      proxy?.set({ kind: 'cut' })
      expect([await cache(1), await cache(1)]).toEqual(['200 bypass', '200 bypass'])
    })

    it('F102 make a call of one Idempotency-Key once, and each its own once while Redis is lost', async () => {
      const [home, away] = await opened()
      expect([await again(0, 'a'), await again(1, 'a')]).toEqual(['200 null', '200 true'])
      const crowd = Array.from({ length: 10 }, async (_, at) => again(at % 2, 'b'))
      const made = (await Promise.all(crowd)).filter((one) => one === '200 null')
      expect(made).toHaveLength(1)
      expect((home?.asked.length ?? 0) + (away?.asked.length ?? 0)).toBe(2)
      proxy?.set({ kind: 'cut' })
      expect([await again(1, 'c'), await again(1, 'c')]).toEqual(['200 null', '200 true'])
    })
  })
})
