// One timer for many waits keeps the meaning of a timer for each, with a clock that can begin a wait anew and with one that cannot.
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { settled } from '../../test/server-fakes.ts'
import { type After, realAfter } from './after.ts'
import { Wait } from './wait.ts'

/** A timer for each, as clocks of tests have it. */
const plain: After = (milliseconds, run) => {
  const timer = setTimeout(run, milliseconds)
  return () => clearTimeout(timer)
}

/** Lets also run what a timer puts off to the turn behind it. */
async function pass(milliseconds: number): Promise<void> {
  await vi.advanceTimersByTimeAsync(milliseconds)
  await settled()
}

describe.each([
  ['a timer that serves again', realAfter],
  ['a timer for each', plain],
] as const)('waits with %s', (_, after) => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  })
  afterEach(() => {
    vi.useRealTimers()
  })

  function bench(): { readonly wait: Wait; readonly lasted: () => number } {
    let count = 0
    const wait = new Wait(after, () => {
      count += 1
    })
    return { wait, lasted: () => count }
  }

  it('last too long once, from when they began last', async () => {
    const { wait, lasted } = bench()
    for (let count = 0; count < 3; count += 1) {
      wait.begin(100)
      await pass(90)
    }
    expect(lasted()).toBe(0)
    await pass(10)
    expect(lasted()).toBe(1)
    await pass(1000)
    expect(lasted()).toBe(1)
    wait.begin(100)
    await pass(100)
    expect(lasted()).toBe(2)
  })

  it('do not last while they are over, and begin in full again', async () => {
    const { wait, lasted } = bench()
    wait.begin(100)
    await pass(50)
    wait.end()
    await pass(80)
    wait.begin(100)
    await pass(99)
    expect(lasted()).toBe(0)
    await pass(1)
    expect(lasted()).toBe(1)
  })

  it('may go on counting from when they began, where that can be known', async () => {
    const { wait, lasted } = bench()
    wait.begin(100)
    await pass(50)
    wait.end()
    await pass(10)
    const isKnown = wait.goOn()
    expect(isKnown).toBe(after === realAfter)
    if (!isKnown) wait.begin(40)
    await pass(39)
    expect(lasted()).toBe(0)
    await pass(1)
    expect(lasted()).toBe(1)
    expect(wait.goOn()).toBe(false)
  })

  it('may be of another length each time', async () => {
    const { wait, lasted } = bench()
    wait.begin(100)
    wait.begin(20)
    await pass(20)
    expect(lasted()).toBe(1)
  })

  it('leave nothing behind once closed', async () => {
    const { wait, lasted } = bench()
    wait.begin(100)
    wait.end()
    wait.begin(100)
    wait.close()
    expect(vi.getTimerCount()).toBe(0)
    await pass(1000)
    expect(lasted()).toBe(0)
  })
})
