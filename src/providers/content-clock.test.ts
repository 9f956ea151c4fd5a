// Words reset the clock, signs of life do not, and nobody waits while the reader is busy.
import { describe, expect, it } from 'vitest'
import type { ChatEvent } from '../canonical/event.ts'
import { ContentClock } from './content-clock.ts'

const WORD: ChatEvent = { type: 'part-delta', index: 0, delta: { kind: 'text', text: 'Hi' } }
const PING: ChatEvent = { type: 'ping' }

function bench(): {
  readonly clock: ContentClock
  /** Waits so long for something; false where that was too long. */
  readonly wait: (ms: number) => Promise<boolean>
  readonly idle: (ms: number) => void
} {
  let nowMs = 0
  const alarms: { readonly at: number; readonly run: () => void }[] = []
  const clock = new ContentClock({
    ms: 60,
    clock: () => nowMs,
    after: (ms, run) => {
      alarms.push({ at: nowMs + ms, run })
      return () => void alarms.splice(0)
    },
  })
  return {
    clock,
    wait: async (ms) => {
      const work = Promise.withResolvers<boolean>()
      const waited = clock.during(work.promise).catch((thrown: unknown) => {
        expect(thrown).toMatchObject({ kind: 'timeout', code: 'content_timeout' })
        return false
      })
      nowMs += ms
      for (const { at, run } of alarms) if (at <= nowMs) run()
      work.resolve(true)
      return waited
    },
    idle: (ms) => {
      nowMs += ms
    },
  }
}

describe('ContentClock', () => {
  it('runs out after so much waiting without a word, whatever signs of life came', async () => {
    const { clock, wait } = bench()
    for (let count = 0; count < 2; count += 1) {
      expect(await wait(25)).toBe(true)
      clock.hear([PING])
    }
    expect(await wait(10)).toBe(false)
  })

  it('starts anew with every word', async () => {
    const { clock, wait } = bench()
    for (let count = 0; count < 5; count += 1) {
      expect(await wait(50)).toBe(true)
      clock.hear([PING, WORD])
    }
  })

  it('does not run while nobody waits', async () => {
    const { wait, idle } = bench()
    expect(await wait(50)).toBe(true)
    idle(1000)
    expect(await wait(9)).toBe(true)
  })

  it('never runs out without a limit', async () => {
    expect(await new ContentClock({ ms: undefined }).during(Promise.resolve(1))).toBe(1)
  })
})
