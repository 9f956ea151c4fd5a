// The proof of the limits: gateways that are processes of their own, a real Redis, and a provider that counts for itself.
import { afterAll, afterEach, describe, expect, it } from 'vitest'
import { statuses } from '../crowd.ts'
import { GatewayProcesses, TOKENS_EACH } from './gateway-processes.ts'
import { redisServer } from './redis-server.ts'

const { value: redis, reason } = await redisServer()

/** Enough for ten streams of the crowd, for a day. */
const LIMIT = 10 * TOKENS_EACH
const TOKENS = `limits: { rules: [{ scope: all, tokens: { per_day: ${LIMIT} } }] }`
const READY = '{"status":"ok"}'

let namespaces = 0

/** Patience is long: what is shown here is the count, not the speed of a busy machine. */
function sharing(slice: number, timeoutMs: number): string {
  namespaces += 1
  return `redis: { url: "${redis?.url}", instances: 2, namespace: two-${namespaces}, timeout_ms: ${timeoutMs}, settle_ms: 6000, slice: ${slice} }`
}

let open: GatewayProcesses | undefined

async function opened(gateways: number, settings: readonly string[]): Promise<GatewayProcesses> {
  open = await GatewayProcesses.open({ gateways, settings: settings.join('\n') })
  return open
}

afterEach(async () => {
  await open?.close()
  open = undefined
})

it('100 streams at one process: 10 pass a limit of tokens that allows 10, and never more', async () => {
  const gateways = await opened(1, [TOKENS])
  expect(statuses(await gateways.rush(100))).toEqual({ 200: 10, 429: 90 })
  expect(gateways.upstream.begun).toBe(10)
  gateways.upstream.finish(TOKENS_EACH)
  expect(statuses(await gateways.rush(20))).toEqual({ 429: 20 })
  expect(gateways.upstream.tokens).toBe(LIMIT)
})

describe.skipIf(redis === undefined)(`Redis${reason === undefined ? '' : `: ${reason}`}`, () => {
  afterAll(async () => {
    await redis?.close()
  })

  it('100 streams at two processes: 10 pass the limit that they share, and never more', async () => {
    const gateways = await opened(2, [TOKENS, sharing(0, 10_000)])
    expect(statuses(await gateways.rush(100))).toEqual({ 200: 10, 429: 90 })
    expect(gateways.upstream.begun).toBe(10)
    gateways.upstream.finish(TOKENS_EACH)
    expect(statuses(await gateways.rush(20))).toEqual({ 429: 20 })
    expect(gateways.upstream.tokens).toBe(LIMIT)
  })

  it('what answers did not use is used by others, at either process, up to the limit', async () => {
    const gateways = await opened(2, [TOKENS, sharing(0, 10_000)])
    const passed = async (): Promise<number> => statuses(await gateways.rush(30))[200] ?? 0
    expect(await passed()).toBe(10)
    gateways.upstream.finish(TOKENS_EACH / 2)
    // What the ends of the answers gave back is there a moment after them.
    await expect.poll(passed, { timeout: 20_000 }).toBeGreaterThan(0)
    for (let round = 0; round < 5; round += 1) {
      gateways.upstream.finish(TOKENS_EACH / 2)
      await passed()
    }
    gateways.upstream.finish(TOKENS_EACH / 2)
    expect(gateways.upstream.tokens).toBeLessThanOrEqual(LIMIT)
    expect(gateways.upstream.begun).toBeGreaterThan(10)
  })

  it('F106 F147 Redis killed in the middle and restarted empty: each process spends what it has set aside, together never more than the limit', async () => {
    // Of what ten streams need, each of the two processes sets aside what one needs.
    const gateways = await opened(2, [TOKENS, sharing(0.1, 2000)])
    expect(statuses(await gateways.rush(4))).toEqual({ 200: 4 })
    const during = gateways.rush(100)
    await redis?.kill()
    const answers = await during
    expect(Object.keys(statuses(answers)).every((status) => /^(200|429)$/.test(status))).toBe(true)
    const alone = await gateways.rush(100)
    expect(Object.keys(statuses(alone)).every((status) => /^(200|429)$/.test(status))).toBe(true)
    expect(gateways.upstream.begun).toBeLessThanOrEqual(10)
    // Both spend their slices whoever was faster: Redis or its end.
    expect(gateways.upstream.begun).toBeGreaterThanOrEqual(6)

    await redis?.start()
    await expect
      .poll(async () => gateways.readiness(), { timeout: 40_000, interval: 100 })
      .toEqual([READY, READY])
    await gateways.rush(100)
    await gateways.rush(100)
    expect(gateways.upstream.begun).toBeLessThanOrEqual(10)
    expect(gateways.upstream.begun).toBeGreaterThanOrEqual(8)
    gateways.upstream.finish(TOKENS_EACH)
    expect(gateways.upstream.tokens).toBeLessThanOrEqual(LIMIT)
  })

  it('F106 places of calls at once, closed while Redis is lost: the same', async () => {
    const places = 'limits: { rules: [{ scope: all, concurrency: 10, on_backend_loss: closed }] }'
    const gateways = await opened(2, [places, sharing(0, 2000)])
    expect(statuses(await gateways.rush(100))).toEqual({ 200: 10, 429: 90 })
    await redis?.kill()
    expect(statuses(await gateways.rush(20))).toEqual({ 429: 20 })
    await expect
      .poll(async () => gateways.readiness(), { timeout: 20_000, interval: 100 })
      .toEqual(['{"status":"limits_lost"}', '{"status":"limits_lost"}'])
    await redis?.start()
    await expect
      .poll(async () => gateways.readiness(), { timeout: 40_000, interval: 100 })
      .toEqual([READY, READY])
    // Those who held a place before Redis died hold it still.
    expect(statuses(await gateways.rush(50))).toEqual({ 429: 50 })
    gateways.upstream.finish(TOKENS_EACH)
    const passed = async (): Promise<number> => {
      await gateways.rush(50)
      return gateways.upstream.running
    }
    await expect.poll(passed, { timeout: 20_000 }).toBe(10)
    expect(gateways.upstream.mostAtOnce).toBe(10)
  })
})
