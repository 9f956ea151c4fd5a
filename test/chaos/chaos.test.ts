// A little of the chaos run (`npm run chaos` is the whole of it), over both halves of the protocols.
import { expect, it } from 'vitest'
import { runChaos } from './run.ts'
import { shortcomings } from './verdict.ts'

const HALVES = [
  ['openai-chat', 'anthropic-messages', 'ollama'],
  ['openai-responses', 'gemini', 'mistral-chat'],
] as const

it.each(HALVES)(
  'three providers that fail all the time (%s, %s, %s): every call is answered once, or told in band that it broke off',
  async (...dialects) => {
    const outages = [{ provider: dialects[1], from: 100, to: 250 }]
    const options = {
      requests: 500,
      seed: 7,
      rate: 0.3,
      dialects,
      atOnce: 24,
      outages,
      patience: 10,
    }
    const report = await runChaos(options)
    expect(shortcomings(report, outages.length)).toEqual([])
    expect(report.failures / report.attempts).toBeGreaterThan(0.2)
    expect(report.outcomes.cut).toBeGreaterThan(0)
  },
)
