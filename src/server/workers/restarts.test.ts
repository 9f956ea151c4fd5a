// How soon a dead worker is followed by another, and how often at the most.
import { describe, expect, it } from 'vitest'
import { Restarts } from './restarts.ts'

describe('restarts', () => {
  it('come at once, then later and later, and a sixth only once a minute has passed since the first', () => {
    let now = 0
    const restarts = new Restarts(() => now, { perMinute: 5, firstMs: 100, mostMs: 30_000 })
    const waits = Array.from({ length: 5 }, () => restarts.next())
    expect(waits).toEqual([0, 200, 400, 800, 1600])
    expect(restarts.isGuarded).toBe(true)
    now = 2000
    expect(restarts.next()).toBe(58_000)
    expect(restarts.total).toBe(6)
  })

  it('are at once again after a quiet minute', () => {
    let now = 0
    const restarts = new Restarts(() => now)
    restarts.next()
    now = 60_001
    expect(restarts.isGuarded).toBe(false)
    expect(restarts.next()).toBe(0)
  })
})
