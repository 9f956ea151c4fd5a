// Ten times the calls for five seconds: what is too much is refused, what is taken goes on as before, and afterwards nothing is left of it.
import { afterEach, expect, it } from 'vitest'
import { GatewayProcess } from './gateway-process.ts'
import { type Call, send } from './open-loop.ts'
import { table } from './table.ts'

const PACE_MS = 800
const PLACES = 48
/** Calls a second that the provider answers with all places taken. */
const CAPACITY = (PLACES * 1000) / PACE_MS
const USUAL = 40
const QUIET_MS = 5000
const BURST_MS = 5000
const BURSTS = 3
/** Of a clock read in three processes on a machine that others use too. */
const SLACK_MS = 250
/** What memory may grow to, for that after the first burst: garbage is collected when it suits. */
const MEMORY = 1.5

let gateway: GatewayProcess | undefined

afterEach(async () => {
  await gateway?.close()
})

/** Whole answers a second in a span of time. */
function goodput(calls: readonly Call[], from: number, until: number): number {
  const good = calls.filter(({ isWhole, endedAt }) => isWhole && endedAt >= from && endedAt < until)
  return (good.length * 1000) / (until - from)
}

/** How many calls ended how, with which advice. */
function counted(calls: readonly Call[]): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {}
  for (const { status, code = 'answered', retryAfter = 'no advice' } of calls) {
    const key = `${status} ${code} ${retryAfter}`
    counts[key] = (counts[key] ?? 0) + 1
  }
  return counts
}

it('F151 ten times the calls for five seconds: the excess is refused in words, the rest is served as before', async () => {
  gateway = await GatewayProcess.open({
    mode: 'answers',
    paceMs: PACE_MS,
    // A fifth is kept for critical calls.
    config: [`overload: { max_calls: ${PLACES / 0.8}, reserve: 0.2, queue_wait: 1 }`],
  })
  const { port } = gateway
  const usual = { perSecond: USUAL, forMs: QUIET_MS }
  const burst = { perSecond: USUAL * 10, forMs: BURST_MS }
  // Not counted: code is compiled, and the load of the start does not count either.
  const warm = await send(port, { perSecond: USUAL, forMs: 6000 })
  await Promise.all(warm)
  const all: Call[] = []
  const spans: { kind: 'quiet' | 'burst'; from: number; until: number; memory: number }[] = []
  const pending: Promise<Call>[] = []
  const span = async (kind: 'quiet' | 'burst'): Promise<void> => {
    const from = Date.now()
    pending.push(...(await send(port, kind === 'quiet' ? usual : burst)))
    spans.push({ kind, from, until: Date.now(), memory: gateway?.residentMemory() ?? Infinity })
  }
  await span('quiet')
  for (let at = 0; at < BURSTS; at += 1) {
    await span('burst')
    await span('quiet')
  }
  all.push(...(await Promise.all(pending)))

  const of = (kind: 'quiet' | 'burst', key: (span: (typeof spans)[number]) => number): number[] =>
    spans.filter((one) => one.kind === kind).map(key)
  // What comes at first in a span was asked for in the one before, and takes as long as the queue and the provider do.
  const settled = ({ from, until }: { from: number; until: number }): number =>
    goodput(all, from + PACE_MS + 1000, until)
  const refused = all.filter(({ status }) => status !== 200)
  const waits = all.flatMap(({ askedAt, arrivedAt }) =>
    arrivedAt === undefined ? [] : [arrivedAt - askedAt],
  )
  // The second half of a quiet span: seconds after the burst, nobody is refused any more.
  const late = spans
    .filter(({ kind }) => kind === 'quiet')
    .flatMap(({ from, until }) =>
      refused.filter(({ askedAt }) => askedAt > from + QUIET_MS / 2 && askedAt < until),
    )
  const shed = await gateway.metric('patchbay_shed_total')
  console.log(
    table(
      `Burst: ${USUAL} calls a second, ${BURSTS} times ${USUAL * 10} for ${BURST_MS / 1000} s; the provider answers ${CAPACITY} a second, each after ${PACE_MS} ms`,
      {
        'whole answers a second, in quiet': of('quiet', settled),
        'whole answers a second, in a burst': of('burst', settled),
        'ms from asking to the provider': waits,
        'ms from asking to a refusal': refused.map(({ askedAt, endedAt }) => endedAt - askedAt),
        'retry-after of refusals, s': refused.map(({ retryAfter }) => Number(retryAfter)),
        'resident memory after quiet, MiB': of('quiet', ({ memory }) => memory),
        'resident memory after a burst, MiB': of('burst', ({ memory }) => memory),
        patchbay_shed_total: [shed],
        calls: [all.length],
      },
    ),
  )

  console.log(counted(all))
  expect(all.filter(({ status }) => ![200, 429, 503].includes(status))).toEqual([])
  expect(all.filter(({ status, isWhole }) => status === 200 && !isWhole)).toEqual([])
  expect(refused.filter(({ retryAfter }) => !/^[1-3]$/.test(retryAfter ?? ''))).toEqual([])
  expect(new Set(refused.map(({ retryAfter }) => retryAfter)).size).toBeGreaterThan(1)
  expect(shed).toBe(refused.length)
  expect(shed).toBeGreaterThan(0)
  const before = settled(spans[0] ?? { from: 0, until: 0 })
  expect(before).toBeGreaterThan(0.9 * USUAL)
  for (const during of of('burst', settled)) {
    expect(during).toBeGreaterThanOrEqual(0.9 * before)
    expect(during).toBeGreaterThanOrEqual(0.9 * CAPACITY)
  }
  expect(Math.max(...waits)).toBeLessThanOrEqual(1000 + SLACK_MS)
  expect(late).toEqual([])
  for (const quiet of of('quiet', settled)) expect(quiet).toBeGreaterThan(0.9 * USUAL)
  const [first = 0] = of('burst', ({ memory }) => memory)
  expect(spans.at(-1)?.memory).toBeLessThan(first * MEMORY)
})
