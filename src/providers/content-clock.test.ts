// Words reset the clock, signs of life do not, and nobody waits while the reader is busy.
import { describe, expect, it, vi } from 'vitest'
import { FakeTime, settled } from '../../test/server-fakes.ts'
import type { ChatEvent } from '../canonical/event.ts'
import { ContentClock } from './content-clock.ts'

const WORD: ChatEvent = { type: 'part-delta', index: 0, delta: { kind: 'text', text: 'Hi' } }
const PING: ChatEvent = { type: 'ping' }

function bench(): {
  readonly clock: ContentClock
  readonly time: FakeTime
  /** Waits so long for something; false where that was too long. */
  readonly wait: (ms: number) => Promise<boolean>
} {
  const time = new FakeTime()
  const failures: unknown[] = []
  const clock = new ContentClock({
    ms: 60,
    silent: (error) => failures.push(error),
    clock: time.now,
    after: time.after,
  })
  return {
    clock,
    time,
    wait: async (ms) => {
      clock.begin()
      await time.pass(ms)
      clock.end()
      expect(failures).toMatchObject(
        failures.map(() => ({ kind: 'timeout', code: 'content_timeout' })),
      )
      return failures.length === 0
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
    const { wait, time } = bench()
    expect(await wait(50)).toBe(true)
    await time.pass(1000)
    expect(await wait(9)).toBe(true)
  })

  it('runs out on time where one timer serves all its waits', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] })
    try {
      const failures: unknown[] = []
      const clock = new ContentClock({
        ms: 60,
        silent: (error) => failures.push(error),
        clock: () => Date.now(),
      })
      const lasted = async (ms: number): Promise<number> => {
        clock.begin()
        await vi.advanceTimersByTimeAsync(ms)
        await settled()
        clock.end()
        await vi.advanceTimersByTimeAsync(20)
        return failures.length
      }
      expect([await lasted(30), await lasted(29), await lasted(1)]).toEqual([0, 0, 1])
      clock.hear([WORD])
      expect([await lasted(59), await lasted(5)]).toEqual([1, 2])
    } finally {
      vi.useRealTimers()
    }
  })

  it('never runs out without a limit', () => {
    const time = new FakeTime()
    const clock = new ContentClock({ ms: undefined, silent: () => undefined, after: time.after })
    clock.begin()
    expect(time.waiting).toBe(0)
  })
})
