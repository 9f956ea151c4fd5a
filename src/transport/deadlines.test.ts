// Clocks that share timers: each runs out at its own time, and one that was stopped never does.
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { Deadlines, Watch } from './deadlines.ts'

let deadlines: Deadlines
let late: string[]

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
  deadlines = new Deadlines()
  late = []
})

afterEach(() => {
  vi.useRealTimers()
})

/** Time, and the turn of the event loop after it. */
async function pass(ms: number): Promise<void> {
  vi.advanceTimersByTime(ms)
  await new Promise((resolve) => {
    setImmediate(resolve)
  })
}

function watch(name: string): Watch {
  return new Watch(deadlines, (ms) => late.push(`${name} ${ms}`))
}

function started(name: string, ms: number): Watch {
  const one = watch(name)
  one.start(ms)
  return one
}

it('runs out at its own time, whatever runs beside it', async () => {
  started('a', 1000)
  await pass(400)
  started('b', 1000)
  started('c', 300)
  await pass(300)
  expect(late).toEqual(['c 300'])
  await pass(299)
  expect(late).toHaveLength(1)
  await pass(1)
  expect(late).toEqual(['c 300', 'a 1000'])
  await pass(399)
  expect(late).toHaveLength(2)
  await pass(1)
  expect(late).toEqual(['c 300', 'a 1000', 'b 1000'])
})

it('holds one timer for each length of time', async () => {
  const all = Array.from({ length: 50 }, (_, at) => started(`w${at}`, 1000))
  started('other', 2000)
  expect(vi.getTimerCount()).toBe(2)
  for (const one of all) one.stop()
  await pass(1000)
  expect(late).toEqual([])
  expect(vi.getTimerCount()).toBe(1)
  started('again', 1000)
  await pass(1000)
  expect(late).toEqual(['other 2000', 'again 1000'])
})

it.each([0, 1, 2])('keeps the others when one of three is stopped: %d', async (at) => {
  const three = ['a', 'b', 'c'].map((name) => started(name, 10))
  three[at]?.stop()
  three[at]?.stop()
  await pass(10)
  expect(late).toEqual(['a 10', 'b 10', 'c 10'].filter((_, other) => other !== at))
})

it('begins again when it is started again', async () => {
  const one = started('a', 100)
  await pass(99)
  one.start(100)
  await pass(99)
  expect(late).toEqual([])
  await pass(1)
  expect(late).toEqual(['a 100'])
})

it('lets in what has come while the event loop stood still', async () => {
  const stopped = started('a', 100)
  const again = started('b', 100)
  started('c', 100)
  // The timer's own turn; what was waiting in the sockets comes before the next one.
  setTimeout(() => {
    stopped.stop()
    again.start(100)
  }, 100)
  await pass(100)
  expect(late).toEqual(['c 100'])
  await pass(100)
  expect(late).toEqual(['c 100', 'b 100'])
})

it('leaves no timer behind when it is closed', async () => {
  started('a', 100)
  started('b', 200)
  deadlines.close()
  expect(vi.getTimerCount()).toBe(0)
})
