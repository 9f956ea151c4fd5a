// When a provider is asked, and how many answers it takes to believe them.
import { describe, expect, it } from 'vitest'
import type { ProbeStyle } from '../exchange/probe-style.ts'
import { PROBING, Probing } from './probing.ts'

function probing(style: ProbeStyle): Probing {
  return new Probing(style, PROBING, 0)
}

/** The moments of the first minute, by the second, at which it is asked. */
function asked(
  one: Probing,
  random: number,
  isTrialDue = (_second: number): boolean => false,
): readonly number[] {
  return Array.from({ length: 61 }, (_, second) => second).filter((second) => {
    const nowMs = second * 1000
    const starts = one.starts({ nowMs, random: () => random, isTrialDue: isTrialDue(second) })
    if (starts) one.ended('good', nowMs)
    return starts
  })
}

describe('a provider on this machine', () => {
  it('is asked every ten seconds, a fifth sooner or later', () => {
    expect(asked(probing('at-intervals'), 0.5)).toEqual([0, 10, 20, 30, 40, 50, 60])
    expect(asked(probing('at-intervals'), 0).slice(0, 3)).toEqual([0, 8, 16])
    expect(asked(probing('at-intervals'), 1).slice(0, 3)).toEqual([0, 12, 24])
  })

  it('is not asked again while it is being asked', () => {
    const one = probing('at-intervals')
    const moment = { random: () => 0.5, isTrialDue: false }
    expect(one.starts({ nowMs: 0, ...moment })).toBe(true)
    expect(one.starts({ nowMs: 60_000, ...moment })).toBe(false)
    one.ended('bad', 60_000)
    expect(one.starts({ nowMs: 60_000, ...moment })).toBe(true)
  })
})

describe('a provider elsewhere', () => {
  it('is asked when a trial is due, and no more often than at intervals', () => {
    expect(asked(probing('when-idle'), 0.5, (second) => second >= 20)).toEqual([20, 30, 40, 50, 60])
  })

  it('is asked when nobody has called it for five minutes', () => {
    const one = probing('when-idle')
    const moment = { random: () => 0.5, isTrialDue: false }
    one.called(60_000)
    expect(one.starts({ nowMs: 359_000, ...moment })).toBe(false)
    expect(one.starts({ nowMs: 360_000, ...moment })).toBe(true)
    one.ended('good', 360_000)
    expect(one.starts({ nowMs: 400_000, ...moment })).toBe(false)
  })
})

it('never asks who is not to be asked', () => {
  expect(asked(probing('never'), 0.5, () => true)).toEqual([])
})

it('believes three bad answers in a row, and two good ones', () => {
  const one = probing('at-intervals')
  const said = (
    [
      'bad',
      'bad',
      'good',
      'bad',
      'bad',
      'bad',
      'bad',
      'good',
      'bad',
      'good',
      'good',
      'good',
    ] as const
  ).map((answer) => one.ended(answer, 0))
  const none = undefined
  expect(said).toEqual([none, none, none, none, none, 'down', none, none, none, none, 'up', none])
})

describe('a provider whose calls are answered while its probes are not', () => {
  it('is not lost', () => {
    const one = probing('at-intervals')
    for (const nowMs of [0, 10_000, 20_000, 30_000]) {
      expect(one.ended('bad', nowMs)).toBeUndefined()
      expect(one.answered(nowMs)).toBeUndefined()
    }
  })

  it('is there again with the first call that is answered', () => {
    const one = probing('at-intervals')
    expect([0, 1, 2].map((nowMs) => one.ended('bad', nowMs))).toEqual([
      undefined,
      undefined,
      'down',
    ])
    expect(one.answered(3)).toBe('up')
    expect(one.answered(4)).toBeUndefined()
  })
})
