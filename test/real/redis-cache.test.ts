// The cache of answers in a real Redis: gateways share it, and a lost Redis is passed by.
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

    afterEach(async () => {
      for (const gateway of gateways.splice(0)) await gateway.close()
      await proxy?.close()
    })

    async function ask(at: number): Promise<string> {
      const answer = await fetch(`${gateways[at]?.url}/v1/chat/completions`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'x-patchbay-cache': 'ttl=60' },
        body: JSON.stringify({ model: 'tiny', messages: [{ role: 'user', content: 'Hi' }] }),
      })
      await answer.text()
      return `${answer.status} ${answer.headers.get('x-patchbay-cache')}`
    }

    it('share what was answered, and answer without it when Redis is lost', async () => {
      const home = new FakeProvider({ name: 'home', local: true, models: ['tiny'] })
      const away = new FakeProvider({ name: 'home', local: true, models: ['tiny'] })
      proxy = await redisProxy(redis?.url ?? '')
      for (const [provider, url] of [
        [home, redis?.url ?? ''],
        [away, proxy.url],
      ] as const) {
        const shared = { instances: 2, namespace: 'two', timeoutMs: 1000, settleMs: 100, slice: 0 }
        gateways.push(
          await openGateway({
            providers: [provider],
            config: { redis: { url: new Secret(url), ...shared } },
          }),
        )
      }
      expect([await ask(0), await ask(1)]).toEqual(['200 miss', '200 hit'])
      expect(away.asked).toHaveLength(0)
      proxy.set({ kind: 'cut' })
      expect(await ask(1)).toBe('200 bypass')
      expect(await ask(1)).toBe('200 bypass')
    })
  })
})
