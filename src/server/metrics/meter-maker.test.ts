// What is counted, as it is read.
import { Registry } from '@prometheus-io/client'
import { beforeEach, describe, expect, it } from 'vitest'
import { MeterMaker } from './meter-maker.ts'

let registry: Registry
let make: MeterMaker

beforeEach(() => {
  registry = new Registry()
  make = new MeterMaker(registry)
})

async function series(): Promise<readonly string[]> {
  return (await registry.metrics()).split('\n')
}

describe('a counter', () => {
  it('without labels is there at 0 from the start', async () => {
    make.counter('calls_total', { help: 'Calls' })
    expect(await registry.metrics()).toBe(
      '# HELP calls_total Calls\n# TYPE calls_total counter\ncalls_total 0\n',
    )
  })

  it('that is read twice is told once what was counted', async () => {
    const calls = make.counter('calls_total', { help: 'Calls', labels: ['of'] })
    calls.inc({ of: 'a' }, 2)
    await series()
    calls.inc({ of: 'a' })
    expect(await series()).toContain('calls_total{of="a"} 3')
    expect(await series()).toContain('calls_total{of="a"} 3')
  })

  it('has a series for each set of labels, whatever order they come in', async () => {
    const calls = make.counter('calls_total', { help: 'Calls', labels: ['kind', 'end'] })
    calls.inc({ kind: 'chat', end: 'good' })
    calls.inc({ end: 'good', kind: 'chat' }, 2.5)
    calls.inc({ kind: 'good', end: 'chat' })
    expect((await series()).slice(2)).toEqual([
      'calls_total{kind="chat",end="good"} 3.5',
      'calls_total{kind="good",end="chat"} 1',
      '',
    ])
  })

  it.each([-1, Number.NaN, Infinity])('does not grow by %d', async (by) => {
    const calls = make.counter('calls_total', { help: 'Calls' })
    expect(() => calls.inc(by)).toThrow(RangeError)
    expect(await series()).toContain('calls_total 0')
  })
})

describe('a gauge', () => {
  it('goes up and down, and is brought up to date where it is read', async () => {
    const active = make.gauge('active', { help: 'Active', labels: ['of'] })
    active.inc({ of: 'a' })
    active.inc({ of: 'a' })
    active.dec({ of: 'a' })
    active.dec({ of: 'b' })
    make.gauge('read', { help: 'Read', collect: (gauge) => gauge.set(7) })
    expect(await series()).toEqual(
      expect.arrayContaining(['active{of="a"} 1', 'active{of="b"} -1', 'read 7']),
    )
  })

  it('that is reset has no series', async () => {
    const cooling = make.gauge('cooling', { help: 'Cooling', labels: ['of'] })
    cooling.set({ of: 'a' }, 3)
    cooling.reset()
    expect(await series()).toEqual(['# HELP cooling Cooling', '# TYPE cooling gauge', ''])
  })
})

describe('a histogram', () => {
  it('counts into every bucket that a value is within, up to its bound', async () => {
    const seconds = make.histogram('seconds', {
      help: 'Seconds',
      labels: ['of'],
      buckets: [0.5, 1],
    })
    for (const value of [0.5, 0.75, 1, 7]) seconds.observe({ of: 'a' }, value)
    expect((await series()).slice(2)).toEqual([
      'seconds_bucket{le="0.5",of="a"} 1',
      'seconds_bucket{le="1",of="a"} 3',
      'seconds_bucket{le="+Inf",of="a"} 4',
      'seconds_sum{of="a"} 9.25',
      'seconds_count{of="a"} 4',
      '',
    ])
  })

  it('does not count what is no number', async () => {
    const seconds = make.histogram('seconds', { help: 'Seconds', buckets: [1] })
    expect(() => seconds.observe(Number.NaN)).toThrow(TypeError)
    expect(await series()).toContain('seconds_count 0')
  })
})
