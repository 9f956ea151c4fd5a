// Two gateways that count in one Redis: a crowd gets what there is and not one more, also when Redis dies in the middle.
import { afterAll, describe, expect, it } from 'vitest'
import type { LimitRule } from '../../src/resilience/limits/limit-rule.ts'
import { Secret } from '../../src/vault/secret.ts'
import { Crowd, TOKENS_EACH, statuses } from '../crowd.ts'
import { redisServer } from './redis-server.ts'

const { value: redis, reason } = await redisServer()

const CASES: readonly (readonly [string, LimitRule])[] = [
  // Besides what ten use, each of the two gateways sets 2 % aside.
  ['tokens', { scope: 'all', tokens: { perDay: 10.6 * TOKENS_EACH } }],
  ['calls at once', { scope: 'all', concurrency: 10, onBackendLoss: 'closed' }],
]

const READY = { code: 200, said: { status: 'ok' } }

let crowds = 0

async function openCrowd(rule: LimitRule, timeoutMs: number): Promise<Crowd> {
  crowds += 1
  const url = new Secret(redis?.url ?? '')
  const namespace = `crowd-${crowds}`
  return Crowd.open({
    rules: [rule],
    gateways: 2,
    redis: () => ({ url, instances: 2, namespace, timeoutMs, settleMs: 2000, slice: 0.02 }),
  })
}

describe.skipIf(redis === undefined)(`Redis${reason === undefined ? '' : `: ${reason}`}`, () => {
  afterAll(async () => {
    await redis?.close()
  })

  it.each(CASES)('100 streams get 10 through a limit of %s that allows 10', async (_, rule) => {
    const crowd = await openCrowd(rule, 5000)
    const answers = await crowd.rush(100)
    expect(statuses(answers)).toEqual({ 200: 10, 429: 90 })
    expect(crowd.slow.begun).toBe(10)
    await crowd.close()
  })

  it.each(CASES)(
    'never more than the limit of %s, when Redis dies in the middle and comes back empty',
    async (_, rule) => {
      const crowd = await openCrowd(rule, 2000)
      const before = await crowd.rush(6)
      expect(statuses(before)).toEqual({ 200: 6 })
      const during = crowd.rush(40)
      await redis?.kill()
      await during
      expect(statuses(await crowd.rush(10))).toEqual({ 429: 10 })
      await redis?.start()
      // Until both have told what they remember, nobody is let in.
      const ready = async (): Promise<unknown> =>
        Promise.all([crowd.readiness(0), crowd.readiness(1)])
      await expect.poll(ready, { timeout: 40_000, interval: 100 }).toEqual([READY, READY])
      await crowd.rush(50)
      await crowd.rush(50)
      // Fewer, where an answer of Redis was lost: what it may have granted is not granted again.
      expect(crowd.slow.begun).toBeLessThanOrEqual(10)
      expect(crowd.slow.mostAtOnce).toBeLessThanOrEqual(10)
      expect(crowd.slow.begun).toBeGreaterThanOrEqual(6)
      await crowd.close()
    },
  )
})
