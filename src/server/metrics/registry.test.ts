// What is counted, in the text that Prometheus reads.
import { beforeEach, describe, expect, it } from 'vitest'
import { MeterMaker } from './meter-maker.ts'
import { Registry } from './registry.ts'

let registry: Registry
let make: MeterMaker

beforeEach(() => {
  registry = new Registry()
  make = new MeterMaker(registry)
})

function series(): readonly string[] {
  return registry.metrics().split('\n')
}

describe('a counter', () => {
  it('without labels is there at 0 from the start', () => {
    make.counter('calls_total', { help: 'Calls' })
    expect(registry.metrics()).toBe(
      '# HELP calls_total Calls\n# TYPE calls_total counter\ncalls_total 0\n',
    )
  })

  it('has a series for each set of labels, whatever order they come in', () => {
    const calls = make.counter('calls_total', { help: 'Calls', labels: ['kind', 'end'] })
    calls.inc({ kind: 'chat', end: 'good' })
    calls.inc({ end: 'good', kind: 'chat' }, 2.5)
    calls.inc({ kind: 'good', end: 'chat' })
    expect(series().slice(2)).toEqual([
      'calls_total{kind="chat",end="good"} 3.5',
      'calls_total{kind="good",end="chat"} 1',
      '',
    ])
  })

  it.each([-1, Number.NaN, Infinity])('does not grow by %d', (by) => {
    const calls = make.counter('calls_total', { help: 'Calls' })
    expect(() => calls.inc(by)).toThrow(RangeError)
    expect(series()).toContain('calls_total 0')
  })
})

describe('a gauge', () => {
  it('goes up and down, and is brought up to date where it is read', () => {
    const active = make.gauge('active', { help: 'Active', labels: ['of'] })
    active.inc({ of: 'a' })
    active.inc({ of: 'a' })
    active.dec({ of: 'a' })
    active.dec({ of: 'b' })
    make.gauge('read', { help: 'Read', collect: (gauge) => gauge.set(7) })
    expect(series()).toEqual(
      expect.arrayContaining(['active{of="a"} 1', 'active{of="b"} -1', 'read 7']),
    )
  })

  it('that is reset has no series', () => {
    const cooling = make.gauge('cooling', { help: 'Cooling', labels: ['of'] })
    cooling.set({ of: 'a' }, 3)
    cooling.reset()
    expect(series()).toEqual(['# HELP cooling Cooling', '# TYPE cooling gauge', ''])
  })
})

describe('a histogram', () => {
  it('counts into every bucket that a value is within, up to its bound', () => {
    const seconds = make.histogram('seconds', {
      help: 'Seconds',
      labels: ['of'],
      buckets: [0.5, 1],
    })
    for (const value of [0.5, 0.75, 1, 7]) seconds.observe({ of: 'a' }, value)
    expect(series().slice(2)).toEqual([
      'seconds_bucket{le="0.5",of="a"} 1',
      'seconds_bucket{le="1",of="a"} 3',
      'seconds_bucket{le="+Inf",of="a"} 4',
      'seconds_sum{of="a"} 9.25',
      'seconds_count{of="a"} 4',
      '',
    ])
  })

  it('does not count what is no number', () => {
    const seconds = make.histogram('seconds', { help: 'Seconds', buckets: [1] })
    expect(() => seconds.observe(Number.NaN)).toThrow(RangeError)
    expect(series()).toContain('seconds_count 0')
  })
})

describe('the text', () => {
  it('has in it what would end a label or a line, escaped', () => {
    const calls = make.counter('calls_total', { help: 'a\\b\nc', labels: ['of'] })
    calls.inc({ of: 'a"b\\c\nd' })
    expect(series()).toEqual([
      '# HELP calls_total a\\\\b\\nc',
      '# TYPE calls_total counter',
      'calls_total{of="a\\"b\\\\c\\nd"} 1',
      '',
    ])
  })

  it('says of every number what is said of all', () => {
    registry.setDefaultLabels({ worker: '2' })
    make.counter('calls_total', { help: 'Calls' }).inc()
    make.gauge('level', { help: 'Level', labels: ['of'] }).set({ of: 'a' }, 1)
    expect(series()).toEqual(
      expect.arrayContaining(['calls_total{worker="2"} 1', 'level{of="a",worker="2"} 1']),
    )
  })

  it('spells numbers that have no end', () => {
    const level = make.gauge('level', { help: 'Level', labels: ['of'] })
    for (const value of [Infinity, -Infinity, Number.NaN]) level.set({ of: String(value) }, value)
    expect(series().slice(2, 5)).toEqual([
      'level{of="Infinity"} +Inf',
      'level{of="-Infinity"} -Inf',
      'level{of="NaN"} NaN',
    ])
  })
})
