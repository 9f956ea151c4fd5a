// The limit finds how many calls a target takes: up while answers begin as soon as usual, down when they do not.
import { describe, expect, it } from 'vitest'
import { AdaptiveLimit } from './adaptive-limit.ts'

/** A target that begins so many calls at once in the usual time; more wait for their turn. Seeded. */
function simulated(limit: AdaptiveLimit, capacity: number, calls: number): readonly number[] {
  let seed = 7
  const random = (): number => {
    seed = (seed * 16_807) % 2_147_483_647
    return seed / 2_147_483_647
  }
  const seen: number[] = []
  for (let call = 0; call < calls; call += 1) {
    // Calls come one by one: the first are not crowded.
    const inFlight = Math.min(call + 1, limit.calls)
    const turns = Math.ceil(inFlight / capacity)
    limit.began(500 * turns ** 2 * (0.8 + 0.4 * random()), inFlight)
    seen.push(limit.calls)
  }
  return seen.slice(-200)
}

describe('a limit that learns', () => {
  it.each([
    [1, 1],
    [4, 1],
    [20, 1],
    [4, 20],
    [60, 20],
  ])('comes near a capacity of %s from %s, and stays there', (capacity, initial) => {
    const late = simulated(new AdaptiveLimit({ initial, max: 1000 }), capacity, 3000)
    expect(Math.max(...late)).toBeLessThanOrEqual(capacity * 2 + 1)
    const mean = late.reduce((sum, calls) => sum + calls, 0) / late.length
    expect(mean).toBeGreaterThan(capacity * 0.5)
  })

  it('never falls below one call, nor rises above its most', () => {
    const low = new AdaptiveLimit({ initial: 3, max: 9 })
    for (let count = 0; count < 50; count += 1) low.refused()
    expect(low.calls).toBe(1)
    const high = new AdaptiveLimit({ initial: 100, max: 9 })
    for (let count = 0; count < 200; count += 1) high.began(100, high.calls)
    expect(high.calls).toBe(9)
  })

  it('learns nothing from calls that did not use it', () => {
    const limit = new AdaptiveLimit({ initial: 5, max: 100 })
    for (let count = 0; count < 100; count += 1) limit.began(100, 2)
    expect(limit.calls).toBe(5)
  })

  it('grows by one with the first answer of one that begins with one', () => {
    const limit = new AdaptiveLimit({ initial: 1, max: 9 })
    limit.began(800, 1)
    expect(limit.calls).toBe(2)
  })
})
