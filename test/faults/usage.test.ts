// Answers that nobody counts: the client has all of them, and what they used is a guess that says so.
import { afterEach, describe, expect, it } from 'vitest'
import type { UsageSettled } from '../../src/exchange/facts/attempts.ts'
import { EXPLANATION, PROSE } from '../counted-text.ts'
import { type Bench, type BenchSetup, openBench } from './bench.ts'
import { PLACES } from './everywhere.ts'
import { until } from './invariants.ts'
import { uncounted } from './uncounted.ts'

let bench: Bench

async function open(setup: BenchSetup = {}): Promise<void> {
  bench = await openBench(setup)
}

afterEach(async () => {
  await bench.close()
})

const QUESTION = 'What is it like to live at the harbour?'

function settled(): readonly UsageSettled[] {
  return bench.happenings.flatMap((one) => (one.type === 'usage-settled' ? [one] : []))
}

/** Asks for the text from a provider that does not count it. */
async function answered(
  { client, upstream, streamed }: (typeof PLACES)[number],
  text: string,
): Promise<ReturnType<Bench['ask']>> {
  bench.broken.script((call) =>
    call === undefined
      ? []
      : [{ at: 'head', do: 'status', answer: uncounted(call.dialect, { text, streamed }) }],
  )
  const model = `broken-${upstream}/m`
  return bench.ask({ dialect: client, model, text: QUESTION, streamed })
}

/** Every place is asked for each text; each client has it whole, and each record has a guess near the truth. */
async function isGuessed(streamed: boolean): Promise<void> {
  const places = PLACES.filter((place) => place.streamed === streamed)
  let calls = 0
  for (const { text, tokens } of [PROSE, EXPLANATION]) {
    for (const place of places) {
      const seen = await answered(place, text)
      const { status, isWhole, error, body } = seen
      expect({ ...place, status, isWhole, error, text: seen.text }).toEqual({
        ...place,
        status: 200,
        isWhole: true,
        error: undefined,
        text,
      })
      calls += 1
      await until(() => settled().length === calls)
      const { source, usage, target, cost } = settled().at(-1) ?? {}
      expect({ ...place, source, estimated: usage?.estimated }).toEqual({
        ...place,
        source: 'estimate',
        estimated: true,
      })
      const { input, output } = usage ?? {}
      expect(target?.provider).toBe(`broken-${place.upstream}`)
      expect(input?.total).toBeGreaterThanOrEqual(9)
      expect(input?.total).toBeLessThan(25)
      expect((output?.total ?? 0) / tokens).toBeGreaterThan(0.85)
      expect((output?.total ?? 0) / tokens).toBeLessThan(1.15)
      const paid = (input?.total ?? 0) + 2 * (output?.total ?? 0)
      expect(cost?.nanoUsd).toBe(place.upstream === 'openai-chat' ? paid * 1000 : undefined)
      // The guess is not shown as its provider's.
      expect(body).not.toMatch(new RegExp(String.raw`: ?${output?.total}\b`))
      expect(seen.headers).not.toHaveProperty('x-patchbay-cost')
    }
  }
  const metrics = await bench.metrics()
  expect(metrics).toMatch(
    new RegExp(String.raw`^patchbay_usage_settled_total\{source="estimate"\} ${calls}$`, 'm'),
  )
  expect(metrics).not.toContain('patchbay_usage_settled_total{source="provider"}')
}

const PRICES = { prices: { 'broken-openai-chat/m': { input: 1, output: 2 } } }

describe('F066 a whole answer without usage', () => {
  it('F066 reaches every client whole, and is settled by a guess', async () => {
    await open({ config: PRICES })
    await isGuessed(false)
  })
})

describe('F079 a stream without a frame of usage', () => {
  it('F079 reaches every client whole, and is settled by a guess', async () => {
    await open({ config: PRICES })
    await isGuessed(true)
  })

  it('F079 is the same where the frame alone is left out', async () => {
    await open()
    bench.broken.script(() => [
      { at: 'head', do: 'keep', frames: (frame) => !frame.includes('"usage":{') },
    ])
    const seen = await bench.ask({ dialect: 'openai-chat', streamed: true })
    expect([seen.status, seen.isWhole]).toEqual([200, true])
    expect(seen.body).not.toContain('"usage":{')
    expect(settled()).toMatchObject([{ source: 'estimate', usage: { estimated: true } }])
  })
})

describe('a limit of tokens', () => {
  const DAY = 1_000_000

  /** What is left after an answer of so many tokens set aside for it, read from the head of a call that takes as much. */
  async function usedBy(streamed: boolean, outputReserve: number): Promise<number> {
    const rules = [{ scope: 'all', tokens: { perDay: DAY } }] as const
    await open({
      now: () => Date.UTC(2026, 0, 1),
      config: { limits: { maxBodyBytes: 100_000, outputReserve, rules } },
    })
    const place = { client: 'openai-chat', upstream: 'openai-chat', streamed }
    const left = async (): Promise<number> =>
      Number((await answered(place, PROSE.text)).headers['x-ratelimit-remaining-tokens'])
    return (await left()) - (await left())
  }

  it.each([
    ['F066', false],
    ['F079', true],
  ])('%s charges the guess where it is more than what was set aside', async (_, streamed) => {
    const used = await usedBy(streamed, 10)
    const { input, output } = settled()[0]?.usage ?? {}
    expect(used).toBe((input?.total ?? 0) + (output?.total ?? 0))
  })

  it.each([
    ['F066', false],
    ['F079', true],
  ])('%s gives nothing back where it is less', async (_, streamed) => {
    const used = await usedBy(streamed, 5000)
    expect(used).toBe((settled()[0]?.usage.input?.total ?? 0) + 5000)
  })
})
