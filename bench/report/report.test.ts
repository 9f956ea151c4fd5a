// What the report says of windows that are given: ratios, targets, what has worsened, where a profile's time went.
import { describe, expect, it } from 'vitest'
import type { Window } from '../windows.ts'
import { plot } from './plot.ts'
import { rowsOf } from './rows.ts'
import { costs } from './stages.ts'
import { markdown } from './table.ts'
import { verdicts } from './targets.ts'
import { worsened } from './worsened.ts'

function window(
  subject: string,
  cpuMicros: number | undefined,
  more: Partial<Window> = {},
): Window {
  return {
    subject,
    role: 'ours',
    kind: 'patch',
    scenario: 'throughput',
    round: 1,
    work: 1000,
    errors: 0,
    ...(cpuMicros === undefined ? {} : { cpuMicros }),
    ...more,
  }
}

function frame(
  functionName: string,
  url: string,
): { functionName: string; url: string; lineNumber: number } {
  return { functionName, url, lineNumber: 0 }
}

const WINDOWS: readonly Window[] = [
  window('floor', 40, { role: 'floor', kind: 'pass' }),
  window('floor', 50, { role: 'floor', kind: 'pass', round: 2 }),
  window('patchbay bare', 70),
  window('patchbay bare', 60, { round: 2 }),
  window('patchbay real', 100),
  window('portkey', 480, { role: 'peer' }),
  window('direct', undefined, { role: 'direct', kind: 'pass', scenario: 'latency', p50: 100 }),
  window('patchbay real', 90, { scenario: 'latency', p50: 300 }),
  window('patchbay real', 90, { scenario: 'latency', kind: 'translate', p50: 400 }),
]

const CONDITIONS = {
  at: '2026-01-01T00:00:00.000Z',
  commit: 'abc',
  node: 'v24',
  kernel: '6',
  cpu: 'one',
  cores: 2,
  memoryGiB: 24,
  loadBefore: 0,
  pinned: true,
}

describe('rows', () => {
  it('rank by the least of all windows, and hold patch against the floor that passes', () => {
    const rows = rowsOf(WINDOWS, 'throughput')
    expect(rows.map(({ name, cpu, ratio }) => [name, cpu, ratio])).toEqual([
      ['floor, pass', 40, 1],
      ['patchbay bare, patch', 60, 1.5],
      ['patchbay real, patch', 100, 2.5],
      ['portkey, patch', 480, 12],
    ])
  })
})

describe('targets', () => {
  it('hold or do not, by what this run measured, and say nothing of what it did not', () => {
    const known = verdicts({
      windows: WINDOWS,
      startUps: [{ subject: 'patchbay real', readyMs: [600, 450], idleBytes: [95e6] }],
    }).filter(({ measured }) => measured !== undefined)
    expect(known.map(({ what, measured, holds }) => [what, measured, holds])).toEqual([
      ['processor, bare, patch, of the floor: at most', 1.5, true],
      ['processor, real, patch, of the floor: at most', 2.5, false],
      ['processor, patchbay bare, patch: times less than Portkey: at least', 8, true],
      ['processor, patchbay real, patch: times less than Portkey: at least', 4.8, false],
      ['added latency, real, p50: at most', 0.3, false],
      ['start until ready, real: at most', 450, true],
      ['memory when idle, real: at most', 95, false],
    ])
  })
})

describe('the report', () => {
  it('says the conditions, what is missing, and every window', () => {
    const text = markdown(
      { conditions: CONDITIONS, missing: ['nginx: not installed'], windows: WINDOWS, startUps: [] },
      [
        {
          name: 'throughput',
          unit: 'request',
          title: 'small',
          measure: () => Promise.reject(new Error()),
        },
      ],
    )
    expect(text).toContain('Not measured: nginx: not installed.')
    expect(text).toMatch(/\| \*\*patchbay bare, patch\*\* \| 60 \| 1\.50 \|.*\| 70 60 \|/)
    expect(text).toContain(
      '| processor, real, patch, of the floor: at most | 2.2 × | 2.50 × | **no** |',
    )
  })

  it('draws a bar for each lane', () => {
    const bars = plot('title', rowsOf(WINDOWS, 'throughput')).match(/<rect /g)
    expect(bars).toHaveLength(4)
  })
})

describe('the record', () => {
  const entry = { at: '', commit: 'abc', node: '', cpu: '', ratios: { a: 2, b: 2, c: 2 } }

  it('warns of a lane that costs more than a tenth more, or is not measured any more', () => {
    expect(worsened(entry, { ...entry, ratios: { a: 2.19, b: 2.5 } })).toEqual([
      'b costs 2.50 times the floor: 25% more than the 2.00 of abc.',
      'c is not measured any more (abc had it).',
    ])
    expect(worsened(undefined, entry)).toEqual([])
  })
})

describe('a sampled profile', () => {
  it('counts for the innermost file of ours, and for Node where there is none', () => {
    const found = costs(
      {
        nodes: [
          { id: 1, callFrame: frame('(root)', ''), children: [2, 4, 5, 6] },
          {
            id: 2,
            callFrame: frame('serve', 'file:///x/patchbay/src/server/node.ts'),
            children: [3],
          },
          { id: 3, callFrame: frame('writev', '') },
          { id: 4, callFrame: frame('execute', 'file:///x/node_modules/undici/lib/client.js') },
          { id: 5, callFrame: frame('(idle)', '') },
          { id: 6, callFrame: frame('(garbage collector)', '') },
        ],
        samples: [3, 2, 4, 5, 6],
        timeDeltas: [10, 20, 30, 40, 50],
      },
      1000,
    )
    expect(found.busyMicros).toBe(110)
    expect(Object.fromEntries(found.stages)).toEqual({
      'garbage collection': 50,
      serve: 30,
      upstream: 30,
    })
    expect(found.files.get('src/server/node.ts')).toBe(30)
  })
})
