// Limits in a real Redis keep the contract, for two gateways at once, and fail fast when it is gone.
import { afterAll, describe, expect, it } from 'vitest'
import { limitStoreContract } from '../../src/resilience/limits/limit-store.contract.ts'
import { RedisConnection } from '../../src/store/redis/redis-connection.ts'
import { RedisLimits } from '../../src/store/redis/redis-limits.ts'
import { failureOf } from '../context.ts'
import { redisServer } from './redis-server.ts'

const { value: redis, reason } = await redisServer()

async function connected(namespace: string, patienceMs: number): Promise<RedisLimits> {
  const connection = new RedisConnection({ url: redis?.url ?? '', patienceMs, random: () => 0.5 })
  const limits = new RedisLimits(connection, {
    clock: Date.now,
    newId: () => crypto.randomUUID(),
    namespace,
    settleMs: 1000,
  })
  await connection.open()
  return limits
}

describe.skipIf(redis === undefined)(`Redis${reason === undefined ? '' : `: ${reason}`}`, () => {
  afterAll(async () => {
    await redis?.close()
  })

  limitStoreContract(
    'limits in Redis',
    async () => {
      const [store, other] = [await connected('contract', 2000), await connected('contract', 2000)]
      return {
        store,
        other,
        // Redis has a clock of its own, which no test can move.
        pass: (milliseconds) =>
          new Promise((resolve) => {
            setTimeout(resolve, milliseconds)
          }),
        close: async () => {
          await store.close()
          await other.close()
        },
      }
    },
    { slackMs: 1000, runs: 100 },
  )

  describe('a Redis that does not answer', () => {
    const take = { kind: 'rate', key: 'lost', limit: 10, periodMs: 60_000, cost: 1 } as const

    it('fails a call that hangs, with an error of ours that names no address', async () => {
      const limits = await connected('hangs', 50)
      await limits.take([take])
      redis?.freeze()
      const failure = await failureOf(limits.take([take]))
      redis?.thaw()
      await limits.close()
      expect(failure).toMatchObject({ kind: 'internal', code: 'redis_timeout' })
      expect(String(failure)).not.toContain('127.0.0.1')
    })

    it('fails at once while it is gone', async () => {
      const limits = await connected('gone', 50)
      await redis?.kill()
      expect(await failureOf(limits.take([take]))).toMatchObject({ code: 'redis_lost' })
      await limits.close()
      await redis?.start()
    })
  })

  it('a Redis that lost its memory is told what every gateway remembers before it counts again', async () => {
    const tokens = { kind: 'rate', key: 'k', limit: 100, periodMs: 3_600_000, cost: 30 } as const
    const seat = { kind: 'concurrency', key: 'k', limit: 1, holder: 'one', ttlMs: 60_000 } as const
    const [busy, idle] = [await connected('again', 500), await connected('again', 500)]
    await idle.take([tokens, seat])
    await busy.take([{ ...tokens, cost: 40 }])
    await redis?.kill()
    await redis?.start()
    const settling = await failureOf(busy.take([tokens]))
    expect(settling).toMatchObject({ kind: 'internal' })
    const answer = async (): Promise<unknown> =>
      failureOf(busy.take([{ ...tokens, cost: 31 }, seat]))
    // 30 and 40 of 100 are gone, though the one that took the 30 has not called since.
    await expect.poll(answer, { timeout: 10_000, interval: 100 }).toMatchObject({
      resolved: { granted: false, at: 0, standings: [{ remaining: 30 }, { remaining: 0 }] },
    })
    await busy.close()
    await idle.close()
  })
})
