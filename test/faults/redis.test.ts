// Faults of the Redis that gateways share: calls go on, each limit as it says, and nothing is let through that should not be.
import { afterAll, afterEach, describe, expect, it } from 'vitest'
import type { Happening } from '../../src/exchange/happening.ts'
import type { LimitRule } from '../../src/resilience/limits/limit-rule.ts'
import { RedisConnection } from '../../src/store/redis/redis-connection.ts'
import { Secret } from '../../src/vault/secret.ts'
import { Crowd, TOKENS_EACH, statuses } from '../crowd.ts'
import { redisServer } from '../real/redis-server.ts'
import { type RedisFault, type RedisProxy, redisProxy } from './redis-proxy.ts'

const { value: redis, reason } = await redisServer()

const REQUESTS = { scope: 'all', requests: { perDay: 1_000_000 } } as const
const READY = { code: 200, said: { status: 'ok' } }
const ALONE = { code: 200, said: { status: 'ok', warnings: ['limits_counted_alone'] } }
const CLOSED = { code: 503, said: { status: 'limits_lost' } }

let namespaces = 0
let crowd: Crowd | undefined
let proxies: RedisProxy[] = []

interface Opening {
  readonly rules: readonly LimitRule[]
  readonly gateways?: number
  readonly fault?: RedisFault
  readonly timeoutMs?: number
  readonly slice?: number
}

/** Each gateway has a proxy of its own before the one Redis. */
async function opened(opening: Opening): Promise<{ crowd: Crowd; proxy: RedisProxy }> {
  const { rules, gateways = 1, fault = { kind: 'none' }, timeoutMs = 1000, slice = 0 } = opening
  namespaces += 1
  const namespace = `faults-${namespaces}`
  for (let count = 0; count < gateways; count += 1) {
    const proxy = await redisProxy(redis?.url ?? '')
    proxy.set(fault)
    proxies.push(proxy)
  }
  const shared = { instances: gateways, namespace, timeoutMs, settleMs: 300, slice }
  crowd = await Crowd.open({
    rules,
    gateways,
    redis: (at) => ({ url: new Secret(proxies[at]?.url ?? ''), ...shared }),
  })
  const [proxy] = proxies
  if (proxy === undefined) throw new Error('no proxy')
  return { crowd, proxy }
}

function modes(decisions: readonly Extract<Happening, { type: 'limiter-decided' }>[]): unknown {
  return [...new Set(decisions.map(({ mode }) => mode))]
}

function lastState(): string | undefined {
  return crowd?.facts('limiter-backend').at(-1)?.state
}

/** Waits for a state; how long that takes is not what is tested. */
async function until(state: 'up' | 'down'): Promise<void> {
  await expect.poll(lastState, { timeout: 30_000, interval: 20 }).toBe(state)
}

afterEach(async () => {
  await crowd?.close()
  for (const proxy of proxies) await proxy.close()
  crowd = undefined
  proxies = []
})

describe.skipIf(redis === undefined)(`Redis${reason === undefined ? '' : `: ${reason}`}`, () => {
  afterAll(async () => {
    await redis?.close()
  })

  describe('F105 Redis absent at boot', () => {
    it('starts within 2 s, says so, serves, and counts together once Redis is there', async () => {
      const startedAt = performance.now()
      const { crowd, proxy } = await opened({ rules: [REQUESTS], fault: { kind: 'cut' } })
      expect(performance.now() - startedAt).toBeLessThan(2000)
      expect(crowd.facts('limiter-backend')).toMatchObject([
        { state: 'down', reason: 'redis_lost' },
      ])
      expect(await crowd.readiness()).toEqual(ALONE)
      expect(statuses(await crowd.rush(5))).toEqual({ 200: 5 })
      proxy.set({ kind: 'none' })
      await until('up')
      expect(await crowd.readiness()).toEqual(READY)
      await crowd.rush(1)
      expect(modes(crowd.facts('limiter-decided').slice(-1))).toEqual(['shared'])
    })

    it('is not ready where a limit is closed while Redis is lost', async () => {
      const { crowd, proxy } = await opened({
        rules: [{ ...REQUESTS, onBackendLoss: 'closed' }],
        fault: { kind: 'cut' },
      })
      expect(await crowd.readiness()).toEqual(CLOSED)
      expect(statuses(await crowd.rush(3))).toEqual({ 429: 3 })
      proxy.set({ kind: 'none' })
      // Nobody calls a server that is not ready: it looks by itself.
      await until('up')
      expect(await crowd.readiness()).toEqual(READY)
    })
  })

  describe('F106 Redis dies under load', () => {
    it.each([['cut'], ['silent'], ['deaf'], ['half-open']] as const)(
      'no call fails, and each decision says that it was local (%s)',
      async (kind) => {
        const { crowd, proxy } = await opened({ rules: [REQUESTS], timeoutMs: 100 })
        await crowd.rush(5)
        const during = crowd.rush(50)
        proxy.set({ kind })
        expect(statuses(await during)).toEqual({ 200: 50 })
        if (kind === 'half-open') return until('up')
        await until('down')
        const before = crowd.facts('limiter-decided').length
        const asked = crowd.facts('limiter-asked').length
        for (let count = 0; count < 5; count += 1) await crowd.rush(10)
        expect(modes(crowd.facts('limiter-decided').slice(before))).toEqual(['local'])
        // A lost Redis is not asked for every call: now and then one looks.
        expect(crowd.facts('limiter-asked').length - asked).toBeLessThan(25)
        proxy.set({ kind: 'none' })
        await until('up')
      },
    )

    it('a limit of tokens falls to the slice that was set aside, and then refuses', async () => {
      const rule = { scope: 'all', tokens: { perDay: 20 * TOKENS_EACH } } as const
      const { crowd, proxy } = await opened({ rules: [rule], slice: 0.1 })
      await crowd.rush(1)
      await expect.poll(() => crowd.facts('limiter-leased').length).toBe(1)
      proxy.set({ kind: 'cut' })
      await until('down')
      expect(statuses(await crowd.rush(10))).toEqual({ 200: 2, 429: 8 })
      expect(modes(crowd.facts('limiter-decided').slice(-10))).toEqual(['leased'])
    })
  })

  it('F107 Redis slow by 2 s: it is given up after its patience, the breaker opens, and calls are decided locally', async () => {
    const { crowd, proxy } = await opened({ rules: [REQUESTS], timeoutMs: 25 })
    proxy.set({ kind: 'slow', milliseconds: 2000 })
    expect(statuses(await crowd.rush(20))).toEqual({ 200: 20 })
    await until('down')
    const errors = crowd.facts('limiter-error').map(({ reason: why }) => why)
    expect(errors).toContain('redis_timeout')
    const waits = crowd.facts('limiter-asked').map(({ elapsedMs }) => elapsedMs)
    expect(Math.max(...waits)).toBeLessThan(1900)
    expect(statuses(await crowd.rush(20))).toEqual({ 200: 20 })
    expect(modes(crowd.facts('limiter-decided').slice(-20))).toEqual(['local'])
  })

  it.each([
    ['-LOADING Redis is loading the dataset in memory', 'redis_loading'],
    ["-READONLY You can't write against a read only replica.", 'redis_readonly'],
    ["-OOM command not allowed when used memory > 'maxmemory'.", 'redis_memory'],
    ['-WRONGTYPE Operation against a key holding the wrong kind of value', 'redis_protocol'],
  ])(
    'F109 F110 Redis says "%s": calls are decided locally until it serves again',
    async (says, why) => {
      const { crowd, proxy } = await opened({ rules: [REQUESTS] })
      await crowd.rush(1)
      proxy.set({ kind: 'says', answer: `${says}\r\n` })
      expect(statuses(await crowd.rush(10))).toEqual({ 200: 10 })
      await until('down')
      expect(crowd.facts('limiter-error').map(({ reason: said }) => said)).toContain(why)
      expect(statuses(await crowd.rush(10))).toEqual({ 200: 10 })
      proxy.set({ kind: 'none' })
      await until('up')
    },
  )

  it.each([
    ['no RESP at all', 'HTTP/1.1 400 Bad Request\r\n\r\n'],
    ['a word where numbers belong', '+OK\r\n'],
    ['nothing where numbers belong', '*-1\r\n'],
    ['numbers that are none', '*4\r\n+x\r\n+y\r\n+z\r\n+w\r\n'],
    ['too few numbers', '*1\r\n:0\r\n'],
    ['a text that never ends', '$99999999\r\nabc'],
  ])(
    'F110 Redis answers with %s: no crash, no grant, local, a new connection',
    async (_, bytes) => {
      const { crowd, proxy } = await opened({ rules: [REQUESTS], timeoutMs: 200 })
      await crowd.rush(1)
      const before = crowd.facts('limiter-decided').length
      proxy.set({ kind: 'garbles', bytes })
      expect(statuses(await crowd.rush(10))).toEqual({ 200: 10 })
      expect(modes(crowd.facts('limiter-decided').slice(before))).toEqual(['local'])
      await until('down')
      proxy.set({ kind: 'none' })
      await until('up')
      await crowd.rush(1)
      expect(modes(crowd.facts('limiter-decided').slice(-1))).toEqual(['shared'])
    },
  )

  it('F109 a count that was evicted is not taken for an unused limit: what gateways remember is told again', async () => {
    const rule = { scope: 'all', requests: { perDay: 10 }, onBackendLoss: 'closed' } as const
    const { crowd } = await opened({ rules: [rule], gateways: 2 })
    expect(statuses(await crowd.rush(20))).toEqual({ 200: 10, 429: 10 })
    const hand = new RedisConnection({ url: redis?.url ?? '', patienceMs: 5000, random: () => 0.5 })
    await hand.open()
    const keys = await hand.send(['KEYS', `{faults-${namespaces}}:rate:*`])
    if (!Array.isArray(keys)) throw new Error('no keys')
    expect(keys).toHaveLength(1)
    await hand.send(['DEL', ...keys.map(String)])
    hand.close()
    const told = async (): Promise<unknown> => {
      expect(statuses(await crowd.rush(4))).toEqual({ 429: 4 })
      return crowd.facts('limiter-reseeded').map(({ reason: why }) => why)
    }
    await expect.poll(told, { timeout: 20_000 }).toContain('count-missing')
    await until('up')
    expect(statuses(await crowd.rush(20))).toEqual({ 429: 20 })
    expect(crowd.slow.begun).toBe(10)
  })

  it('F147 two gateways and a partition: the one that is cut off spends its slice, and the limit holds', async () => {
    const rule = { scope: 'all', tokens: { perDay: 20 * TOKENS_EACH } } as const
    const { crowd } = await opened({ rules: [rule], gateways: 2, slice: 0.1 })
    await crowd.rush(2)
    await expect.poll(() => crowd.facts('limiter-leased').length).toBe(2)
    proxies[1]?.set({ kind: 'cut' })
    await until('down')
    // Of 20: 2 are used, 2 set aside at each.
    expect(statuses(await crowd.rushAt(1, 30))).toEqual({ 200: 2, 429: 28 })
    const [shared = 0, more = 0] = [
      statuses(await crowd.rushAt(0, 30))[200],
      statuses(await crowd.rushAt(0, 30))[200],
    ]
    expect(shared + more).toBeGreaterThanOrEqual(12)
    expect(crowd.slow.begun).toBeLessThanOrEqual(20)
    proxies[1]?.set({ kind: 'none' })
    await until('up')
    await crowd.rush(60)
    expect(crowd.slow.begun).toBeLessThanOrEqual(20)
  })
})
