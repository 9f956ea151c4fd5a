// Efforts, budgets and switches, each said in the others' words.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { EFFORTS, type Effort, type ReasoningControl } from '../../canonical/request.ts'
import { type ReasoningTable, budgetOfEffort, effortOfBudget, reasoning } from './reasoning.ts'
import { requestArbitrary, requestWith } from './request.arbitrary.ts'

const EFFORT: ReasoningTable = {
  speaks: 'effort',
  efforts: ['none', 'minimal', 'low', 'medium', 'high', 'xhigh'],
}
const LEVEL: ReasoningTable = { speaks: 'level', efforts: ['low', 'medium', 'high', 'max'] }
const BUDGET: ReasoningTable = { speaks: 'budget', efforts: [], show: 'native' }

interface Said {
  readonly said: ReasoningControl | undefined
  readonly notes: readonly string[]
}

function said(table: ReasoningTable, asked: ReasoningControl, maxOutputTokens = 100_000): Said {
  const { value, notes } = reasoning(table)(requestWith({ reasoning: asked, maxOutputTokens }))
  return { said: value.reasoning, notes: notes.map((note) => `${note.action} ${note.weight}`) }
}

describe('effortOfBudget', () => {
  it.each<[number, Effort | undefined]>([
    [-1, undefined],
    [0, 'none'],
    [1, 'minimal'],
    [1024, 'minimal'],
    [1025, 'low'],
    [4096, 'low'],
    [12_288, 'medium'],
    [24_576, 'high'],
    [24_577, 'xhigh'],
  ])('%i tokens are %s', (tokens, effort) => {
    expect(effortOfBudget(tokens)).toBe(effort)
  })
})

describe('budgetOfEffort', () => {
  it('gives each effort a budget that reads back as that effort', () => {
    for (const effort of EFFORTS.filter((effort) => effort !== 'max')) {
      expect(effortOfBudget(budgetOfEffort(effort, undefined))).toBe(effort)
    }
  })

  it('gives max all of the answer but one token', () => {
    expect(budgetOfEffort('max', 5000)).toBe(4999)
    expect(budgetOfEffort('max', undefined)).toBe(32_768)
  })

  it('never thinks less for a higher effort', () => {
    const budgets = EFFORTS.map((effort) => budgetOfEffort(effort, 64_000))
    expect(budgets).toEqual(budgets.toSorted((left, right) => left - right))
  })
})

describe('reasoning for a target that takes an effort', () => {
  it.each<[ReasoningControl, ReasoningControl, readonly string[]]>([
    [{ effort: 'low' }, { effort: 'low' }, []],
    [{ effort: 'none' }, { effort: 'none' }, []],
    [{ effort: 'max' }, { effort: 'xhigh' }, ['approximated 2']],
    [{ mode: 'off' }, { effort: 'none' }, []],
    [{ mode: 'on' }, { effort: 'medium' }, ['synthesized 0']],
    [{ mode: 'auto' }, {}, []],
    [{ mode: 'on', budgetTokens: 2000 }, { effort: 'low' }, ['approximated 2']],
    [{ budgetTokens: -1 }, {}, []],
    [{ budgetTokens: 0 }, { effort: 'none' }, []],
    [{ mode: 'auto', effort: 'high' }, { effort: 'high' }, []],
  ])('says %j as %j', (asked, expected, notes) => {
    expect(said(EFFORT, asked)).toEqual({ said: expected, notes })
  })

  it('takes the lowest effort for none where thinking cannot be turned off', () => {
    const table: ReasoningTable = { speaks: 'effort', efforts: ['low', 'high'] }
    expect(said(table, { mode: 'off' })).toEqual({
      said: { effort: 'low' },
      notes: ['approximated 2'],
    })
  })

  it('takes the closest effort, the stronger of two, and never turns thinking off for a low one', () => {
    const table: ReasoningTable = { speaks: 'effort', efforts: ['none', 'high', 'max'] }
    expect(said(table, { effort: 'minimal' }).said).toEqual({ effort: 'high' })
    expect(said(table, { effort: 'medium' }).said).toEqual({ effort: 'high' })
    expect(said(table, { effort: 'xhigh' }).said).toEqual({ effort: 'max' })
  })

  it('drops the wish where the target cannot think, and nothing where it need not', () => {
    const table: ReasoningTable = { speaks: 'effort', efforts: [] }
    expect(said(table, { effort: 'high' })).toEqual({ said: {}, notes: ['dropped 2'] })
    expect(said(table, { mode: 'off' })).toEqual({ said: {}, notes: [] })
  })
})

describe('reasoning for a target that takes a switch and a level', () => {
  it.each<[ReasoningControl, ReasoningControl, readonly string[]]>([
    [{ mode: 'on' }, { mode: 'on' }, []],
    [{ mode: 'auto' }, { mode: 'auto' }, []],
    [{ mode: 'off' }, { mode: 'off' }, []],
    [{ effort: 'none' }, { mode: 'off' }, []],
    [{ effort: 'medium' }, { effort: 'medium' }, []],
    [{ effort: 'minimal' }, { effort: 'low' }, ['approximated 2']],
    [{ effort: 'xhigh' }, { effort: 'max' }, ['approximated 2']],
    [{ mode: 'on', budgetTokens: 9000 }, { mode: 'on', effort: 'medium' }, ['approximated 2']],
    [{ mode: 'off', effort: 'high' }, { mode: 'off' }, []],
  ])('says %j as %j', (asked, expected, notes) => {
    expect(said(LEVEL, asked)).toEqual({ said: expected, notes })
  })

  it('turns thinking on where there is a switch only', () => {
    const table: ReasoningTable = { speaks: 'level', efforts: [] }
    const notes = ['approximated 2']
    expect(said(table, { effort: 'high' })).toEqual({ said: { mode: 'on' }, notes })
    expect(said(table, { effort: 'none' })).toEqual({ said: { mode: 'off' }, notes: [] })
  })
})

describe('reasoning for a target that takes a budget', () => {
  it.each<[ReasoningControl, ReasoningControl, readonly string[]]>([
    [{ effort: 'high' }, { mode: 'on', budgetTokens: 16_384 }, ['approximated 2']],
    [{ effort: 'max' }, { mode: 'on', budgetTokens: 99_999 }, ['approximated 2']],
    [{ effort: 'none' }, { mode: 'off' }, []],
    [{ mode: 'off' }, { mode: 'off' }, []],
    [{ mode: 'on' }, { mode: 'on', budgetTokens: 8192 }, ['synthesized 0']],
    [{ mode: 'on', budgetTokens: 5000 }, { mode: 'on', budgetTokens: 5000 }, []],
    [{ mode: 'on', budgetTokens: 10 }, { mode: 'on', budgetTokens: 1024 }, ['clamped 2']],
    [{ budgetTokens: 200_000 }, { mode: 'on', budgetTokens: 99_999 }, ['clamped 2']],
    [{ show: 'omitted' }, { show: 'omitted' }, []],
  ])('says %j as %j', (asked, expected, notes) => {
    expect(said(BUDGET, asked)).toEqual({ said: expected, notes })
  })

  it('keeps a budget below the output limit, and turns thinking off where none fits', () => {
    expect(said(BUDGET, { effort: 'high' }, 4096).said).toEqual({ mode: 'on', budgetTokens: 4095 })
    expect(said(BUDGET, { effort: 'high' }, 1024)).toEqual({
      said: { mode: 'off' },
      notes: ['dropped 2'],
    })
  })

  it('always fits between its least and the output limit', () => {
    fc.assert(
      fc.property(requestArbitrary, (request) => {
        const { reasoning: control } = reasoning(BUDGET)(request).value
        if (control?.mode !== 'on') return
        expect(control.budgetTokens).toBeGreaterThanOrEqual(1024)
        expect(control.budgetTokens).toBeLessThan(request.maxOutputTokens ?? Infinity)
      }),
    )
  })
})

describe('reasoning on showing the thinking', () => {
  it('drops the wish where the target cannot be told, an advisory loss', () => {
    expect(said(EFFORT, { effort: 'low', show: 'omitted' })).toEqual({
      said: { effort: 'low' },
      notes: ['dropped 1'],
    })
  })

  it('keeps it where it can', () => {
    const table: ReasoningTable = { ...LEVEL, show: 'native' }
    expect(said(table, { mode: 'on', show: 'omitted' }).said).toEqual({
      mode: 'on',
      show: 'omitted',
    })
  })

  it('injects nothing where nothing was asked', () => {
    const request = requestWith({})
    expect(reasoning(BUDGET)(request).value).toBe(request)
  })
})
