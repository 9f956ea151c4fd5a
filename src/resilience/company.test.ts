// Processes that share a breaker take turns at its trial.
import { describe, expect, it } from 'vitest'
import { BREAKER, CircuitBreaker } from './circuit-breaker.ts'
import { shareOf, turnsOf } from './company.ts'

describe('turns', () => {
  it('belong to one at a time, and come round', () => {
    const turns = [0, 1, 2].map((rank) => turnsOf({ rank, count: 3 }))
    for (let sinceMs = 0; sinceMs < 5000; sinceMs += 50) {
      expect(turns.filter((isOurs) => isOurs(sinceMs))).toHaveLength(1)
    }
    for (const isOurs of turns) expect([0, 250, 500].some((sinceMs) => isOurs(sinceMs))).toBe(true)
  })

  it('at a trial make it one, until it has ended or its process is not heard of any more', () => {
    let now = 0
    const clock = (): number => now
    const breakers = [0, 1].map((rank) => {
      const context = { clock, random: () => 0.5, isOurTurn: turnsOf({ rank, count: 2 }) }
      return new CircuitBreaker(context, { ...BREAKER, trials: 1 })
    })
    for (const breaker of breakers) breaker.openFor(1000)
    now = 1000
    const [first, second] = breakers
    expect(second?.admit()).toBeUndefined()
    expect(first?.admit()).toMatchObject({ trial: true })
    second?.triedElsewhere(60_000)
    now = 1250
    expect(second?.admit()).toBeUndefined()
    now = 61_250
    expect(second?.state).toBe('half-open')
    expect(second?.admit()).toMatchObject({ trial: true })
  })

  it('end with what was found: a breaker that another has opened again waits anew, one that another has closed lets in', () => {
    let now = 0
    const breaker = new CircuitBreaker({ clock: () => now, random: () => 0.5 })
    breaker.openFor(1000)
    breaker.openFor(4000)
    expect(breaker.waitMs).toBe(4000)
    now = 4000
    expect(breaker.state).toBe('half-open')
    breaker.openFor(10_000)
    expect([breaker.state, breaker.waitMs]).toEqual(['open', 10_000])
    breaker.reset()
    expect(breaker.state).toBe('slow-start')
  })
})

it('a share is a part of the whole, and one at the least', () => {
  expect([shareOf(10, { count: 4 }), shareOf(2, { count: 4 })]).toEqual([2, 1])
})
