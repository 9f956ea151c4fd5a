// Bytes buy time: who sends fast enough is never hurried, who drips or pauses is.
import { expect, it } from 'vitest'
import { FakeTime } from '../../test/server-fakes.ts'
import { GatewayError } from '../canonical/errors.ts'
import { BodyPace } from './body-pace.ts'

const tooSlow = (): GatewayError => new GatewayError('timeout', 'Too slow.')

function started(): { readonly time: FakeTime; readonly pace: BodyPace } {
  const time = new FakeTime()
  const patience = { bodyGraceMs: 10_000, bodyMinRate: 1024, bodyPauseMs: 30_000 }
  return { time, pace: new BodyPace({ after: time.after, patience, tooSlow }) }
}

it('gives up who drips, just after the grace', async () => {
  const { time, pace } = started()
  for (let second = 0; second < 10; second += 1) {
    expect(pace.signal.aborted).toBe(false)
    pace.came(1)
    await time.pass(1000)
  }
  await time.pass(1000)
  expect(pace.signal.reason).toMatchObject({ kind: 'timeout' })
})

it('lets go on for hours who sends at the rate', async () => {
  const { time, pace } = started()
  for (let second = 0; second < 10_000; second += 1) {
    pace.came(1100)
    await time.pass(1000)
  }
  expect(pace.signal.aborted).toBe(false)
  pace.end()
  expect(time.waiting).toBe(0)
})

it('spends what was sent too fast, but not on a long pause', async () => {
  const { time, pace } = started()
  pace.came(1024 * 3600)
  await time.pass(29_000)
  expect(pace.signal.aborted).toBe(false)
  pace.came(1)
  await time.pass(29_000)
  expect(pace.signal.aborted).toBe(false)
  await time.pass(2000)
  expect(pace.signal.aborted).toBe(true)
})
