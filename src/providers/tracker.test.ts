// Counting calls.
import { describe, expect, it } from 'vitest'
import { Tracker } from './tracker.ts'

describe('Tracker', () => {
  it('starts with nothing, and with no made-up latency', () => {
    expect(new Tracker().stats()).toEqual({
      requests: 0,
      errors: 0,
      inFlight: 0,
      inputTokens: 0,
      outputTokens: 0,
    })
  })

  it('keeps the last latency and a mean that follows it', () => {
    const tracker = new Tracker()
    for (const elapsed of [100, 200]) {
      tracker.started()
      tracker.succeeded(elapsed)
    }
    expect(tracker.stats()).toMatchObject({ lastLatencyMs: 200, averageLatencyMs: 120 })
  })

  it('tells failures from calls that were given up', () => {
    const tracker = new Tracker()
    tracker.started()
    tracker.failed()
    tracker.started()
    tracker.abandoned()
    tracker.started()
    expect(tracker.stats()).toMatchObject({ requests: 3, errors: 1, inFlight: 1 })
  })

  it('adds tokens up, unknown ones as none', () => {
    const tracker = new Tracker()
    tracker.used({ input: { total: 3 }, output: { total: 2 } })
    tracker.used({ output: { total: 1 } })
    tracker.used(undefined)
    expect(tracker.stats()).toMatchObject({ inputTokens: 3, outputTokens: 3 })
  })
})
