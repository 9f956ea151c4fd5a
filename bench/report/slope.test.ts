import { describe, expect, it } from 'vitest'
import { slopeOf } from './slope.ts'

/** The same noise each time: it goes up and down, and nowhere. */
const NOISE = [3, -5, 4, -1, -4, 5, -2, 1, -3, 4, -4, 2]

describe('the slope of a row', () => {
  it('is flat where it only goes up and down', () => {
    const points = NOISE.map((noise, x) => ({ x, y: 1000 + noise }))
    expect(slopeOf(points).verdict).toBe('flat')
  })

  it('rises where it grows by more than chance', () => {
    const points = NOISE.map((noise, x) => ({ x, y: 1000 + 10 * x + noise }))
    const { slope, error, verdict } = slopeOf(points)
    expect(verdict).toBe('rises')
    expect(slope).toBeCloseTo(10, 0)
    expect(error).toBeLessThan(1)
  })

  it('does not mind a certain rise that is too small to matter', () => {
    const points = NOISE.map((_, x) => ({ x, y: 100_000 + x }))
    expect(slopeOf(points).verdict).toBe('flat')
  })

  it('falls without alarm', () => {
    const points = NOISE.map((noise, x) => ({ x, y: 1000 - 10 * x + noise }))
    expect(slopeOf(points).verdict).toBe('flat')
  })

  it('needs three points', () => {
    expect(() => slopeOf([{ x: 1, y: 1 }])).toThrow('three')
  })
})
