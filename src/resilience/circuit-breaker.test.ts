// The life of a breaker, by a clock of the test's own.
import { describe, expect, it } from 'vitest'
import { type BreakerOptions, BREAKER, type CallEnd, CircuitBreaker } from './circuit-breaker.ts'

class Bench {
  nowMs = 1_000_000
  /** In the middle: no jitter either way. */
  chance = 0.5
  readonly breaker: CircuitBreaker

  constructor(options: Partial<BreakerOptions> = {}) {
    this.breaker = new CircuitBreaker(
      { clock: () => this.nowMs, random: () => this.chance },
      { ...BREAKER, ...options },
    )
  }

  /** One call that ends at once; false when it was not let in. */
  call(end: CallEnd): boolean {
    const admission = this.breaker.admit()
    if (admission === undefined) return false
    this.breaker.end(admission, end)
    return true
  }

  calls(count: number, end: CallEnd): void {
    for (let made = 0; made < count; made += 1) this.call(end)
  }
}

function opened(options: Partial<BreakerOptions> = {}): Bench {
  const bench = new Bench(options)
  bench.calls(5, 'failed')
  return bench
}

function closedAgain(): Bench {
  const bench = new Bench({ trials: 1 })
  bench.calls(5, 'failed')
  bench.nowMs += 5000
  bench.call('succeeded')
  return bench
}

describe('a closed breaker', () => {
  it('opens after five failures in a row', () => {
    const bench = new Bench()
    bench.calls(4, 'failed')
    expect(bench.breaker.state).toBe('closed')
    bench.calls(1, 'failed')
    expect(bench.breaker.state).toBe('open')
    expect(bench.breaker.waitMs).toBe(5000)
    expect(bench.call('succeeded')).toBe(false)
  })

  it('begins to count anew with every success', () => {
    const bench = new Bench()
    for (let round = 0; round < 3; round += 1) {
      bench.calls(4, 'failed')
      bench.calls(1, 'succeeded')
    }
    expect(bench.breaker.state).toBe('closed')
  })

  it('opens when half of at least 20 calls in 30 s failed', () => {
    const bench = new Bench()
    for (let round = 0; round < 9; round += 1) {
      bench.call('succeeded')
      bench.call('failed')
    }
    bench.call('succeeded')
    expect(bench.breaker.state).toBe('closed')
    bench.call('failed')
    expect(bench.breaker.state).toBe('open')
  })

  it('takes a run of failures for chance where every third call fails anyway, and no longer when chance would not make it', () => {
    const bench = new Bench()
    for (let round = 0; round < 20; round += 1) {
      bench.calls(1, 'failed')
      bench.calls(2, 'succeeded')
    }
    // A third to the power of 12 is more than one in a million, to the power of 13 less.
    bench.calls(12, 'failed')
    expect(bench.breaker.state).toBe('closed')
    bench.calls(1, 'failed')
    expect(bench.breaker.state).toBe('open')
  })

  it('opens after five in a row where hardly any call fails', () => {
    const bench = new Bench()
    bench.calls(1, 'failed')
    bench.calls(60, 'succeeded')
    bench.calls(5, 'failed')
    expect(bench.breaker.state).toBe('open')
  })

  it('does not hold old failures against a target', () => {
    const bench = new Bench()
    for (let round = 0; round < 9; round += 1) {
      bench.call('failed')
      bench.call('succeeded')
    }
    bench.nowMs += 40_000
    for (let round = 0; round < 4; round += 1) {
      bench.call('failed')
      bench.call('succeeded')
    }
    expect(bench.breaker.state).toBe('closed')
  })

  it('learns nothing from calls that tell nothing', () => {
    const bench = new Bench()
    bench.calls(100, 'untold')
    expect(bench.breaker.state).toBe('closed')
  })
})

describe('an open breaker', () => {
  it('lets one trial in when its time is over, and closes after two that succeed', () => {
    const bench = opened()
    bench.nowMs += 5000
    expect(bench.breaker.state).toBe('half-open')
    const first = bench.breaker.admit()
    expect(first?.trial).toBe(true)
    expect(bench.breaker.admit()).toBeUndefined()
    if (first !== undefined) bench.breaker.end(first, 'succeeded')
    expect(bench.breaker.state).toBe('half-open')
    bench.call('succeeded')
    expect(bench.breaker.state).toBe('slow-start')
  })

  it('gives the place of a trial that told nothing to the next one', () => {
    const bench = opened()
    bench.nowMs += 5000
    expect(bench.call('untold')).toBe(true)
    expect(bench.call('succeeded')).toBe(true)
  })

  it('stays open twice as long each time, up to 300 s', () => {
    const bench = opened()
    const waits: number[] = []
    for (let round = 0; round < 8; round += 1) {
      waits.push(bench.breaker.waitMs)
      bench.nowMs += bench.breaker.waitMs
      bench.call('failed')
    }
    expect(waits).toEqual([5000, 10_000, 20_000, 40_000, 80_000, 160_000, 300_000, 300_000])
  })

  it('spreads its time by a fifth both ways', () => {
    const bench = new Bench()
    bench.chance = 0
    bench.calls(5, 'failed')
    expect(bench.breaker.waitMs).toBe(4000)
    const other = new Bench()
    other.chance = 1
    other.calls(5, 'failed')
    expect(other.breaker.waitMs).toBe(6000)
  })

  it('is not moved by calls that began before it opened', () => {
    const bench = new Bench()
    const late = bench.breaker.admit()
    bench.calls(5, 'failed')
    const waitMs = bench.breaker.waitMs
    if (late !== undefined) bench.breaker.end(late, 'succeeded')
    expect([bench.breaker.state, bench.breaker.waitMs]).toEqual(['open', waitMs])
  })

  it('comes back at once when a call past it succeeds', () => {
    const bench = opened()
    bench.breaker.reset()
    expect(bench.breaker.state).toBe('slow-start')
  })
})

describe('a breaker that has closed again', () => {
  it('lets in a tenth at first, and everything after 30 s', () => {
    const bench = closedAgain()
    bench.chance = 0.09
    expect(bench.call('succeeded')).toBe(true)
    bench.chance = 0.11
    expect(bench.call('succeeded')).toBe(false)
    bench.nowMs += 15_000
    bench.chance = 0.49
    expect(bench.call('succeeded')).toBe(true)
    bench.nowMs += 15_000
    bench.chance = 0.999
    expect(bench.call('succeeded')).toBe(true)
    expect(bench.breaker.state).toBe('closed')
  })

  it('forgets one doubling for every healthy minute', () => {
    const bench = closedAgain()
    bench.nowMs += 60_000
    bench.call('succeeded')
    bench.calls(5, 'failed')
    expect(bench.breaker.waitMs).toBe(5000)
    const soon = closedAgain()
    soon.nowMs += 30_000
    soon.calls(5, 'failed')
    expect(soon.breaker.waitMs).toBe(10_000)
  })
})

it('a target that has just come back takes all calls that nobody else would', () => {
  const bench = closedAgain()
  bench.chance = 0.99
  expect(bench.breaker.admit()).toBeUndefined()
  expect(bench.breaker.admit('nobody-else')).toMatchObject({ trial: false })
})
