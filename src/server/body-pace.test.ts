// Bytes buy time: who sends fast enough is never hurried, who drips or pauses is.
import { expect, it } from 'vitest'
import { FakeTime } from '../../test/server-fakes.ts'
import { BodyPace } from './body-pace.ts'

interface Started {
  readonly time: FakeTime
  readonly pace: BodyPace
  /** How often it was said that the body is too slow. */
  readonly given: () => number
}

function started(): Started {
  const time = new FakeTime()
  const patience = { bodyGraceMs: 10_000, bodyMinRate: 1024, bodyPauseMs: 30_000 }
  let given = 0
  const tooSlow = (): void => {
    given += 1
  }
  return { time, pace: new BodyPace({ after: time.after, patience, tooSlow }), given: () => given }
}

it('gives up who drips, just after the grace', async () => {
  const { time, pace, given } = started()
  for (let second = 0; second < 10; second += 1) {
    expect(given()).toBe(0)
    pace.came(1)
    await time.pass(1000)
  }
  await time.pass(1000)
  expect(given()).toBe(1)
  await time.pass(60_000)
  expect([given(), time.waiting]).toEqual([1, 0])
})

it('lets go on for hours who sends at the rate', async () => {
  const { time, pace, given } = started()
  for (let second = 0; second < 10_000; second += 1) {
    pace.came(1100)
    await time.pass(1000)
  }
  expect(given()).toBe(0)
  pace.end()
  expect(time.waiting).toBe(0)
})

it('spends what was sent too fast, but not on a long pause', async () => {
  const { time, pace, given } = started()
  pace.came(1024 * 3600)
  await time.pass(29_000)
  expect(given()).toBe(0)
  pace.came(1)
  await time.pass(29_000)
  expect(given()).toBe(0)
  await time.pass(2000)
  expect(given()).toBe(1)
})
