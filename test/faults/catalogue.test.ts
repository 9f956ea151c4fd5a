// No fault is claimed without a test that bears its number, and none of the catalogue's first rank is forgotten.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { ObjectReader, parseJson } from '../../src/wire/json.ts'
import { hasCorpus } from '../corpus.ts'
import { FIRST_RANK, WAITING, summary } from './catalogue.ts'
import { faultTests } from './titles.ts'

const SHARED = join(import.meta.dirname, '..', '..', '..', 'shared')

describe('the catalogue of faults', () => {
  const borne = new Set(faultTests().map(({ fault }) => fault))

  it('claims no fault that no test bears', () => {
    expect(FIRST_RANK.filter((fault) => !(fault in WAITING) && !borne.has(fault))).toEqual([])
  })

  it('says of no fault that it waits for something else once a test bears it', () => {
    expect(Object.entries(WAITING).filter(([fault]) => borne.has(fault))).toEqual([])
  })

  it('counts each fault once', () => {
    expect(new Set(FIRST_RANK).size).toBe(FIRST_RANK.length)
    expect(Object.keys(WAITING).filter((fault) => !FIRST_RANK.includes(fault))).toEqual([])
    expect(summary(borne)).toMatch(/^P0 faults: \d+ proven of 84, \d+ waiting for /)
  })

  it.skipIf(!hasCorpus())('has every fault of the first rank', () => {
    const text = readFileSync(join(SHARED, 'catalogues', 'faults.json'), 'utf8')
    const faults = ObjectReader.of(parseJson(text), 'faults.json').items('faults')
    const first = faults
      .map(({ value, path }) => ObjectReader.of(value, path))
      .filter((fault) => fault.string('priority') === 'P0')
      .map((fault) => fault.string('id'))
    expect(FIRST_RANK.toSorted()).toEqual(first.toSorted())
  })
})
