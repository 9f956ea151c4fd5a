// No fault is claimed without a test that bears its number, and none of the catalogue's first rank is forgotten.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { ObjectReader, parseJson } from '../../src/wire/json.ts'
import { hasCorpus } from '../corpus.ts'
import { CATALOGUE, summary } from './catalogue.ts'
import { faultTests } from './titles.ts'

const SHARED = join(import.meta.dirname, '..', '..', '..', 'shared')

describe('the catalogue of faults', () => {
  const proven = new Set(faultTests().map(({ fault }) => fault))

  it('claims no fault that no test bears', () => {
    expect(CATALOGUE.proven.filter((fault) => !proven.has(fault))).toEqual([])
  })

  it('says of no fault that it waits once a test bears it', () => {
    expect(Object.keys(CATALOGUE.waiting).filter((fault) => proven.has(fault))).toEqual([])
  })

  it('counts each fault once', () => {
    const all = [...CATALOGUE.proven, ...Object.keys(CATALOGUE.waiting)]
    expect(new Set(all).size).toBe(all.length)
    expect(summary(CATALOGUE)).toMatch(/^P0 faults: \d+ proven of 84, /)
  })

  it.skipIf(!hasCorpus())('has every fault of the first rank', () => {
    const text = readFileSync(join(SHARED, 'catalogues', 'faults.json'), 'utf8')
    const faults = ObjectReader.of(parseJson(text), 'faults.json').items('faults')
    const first = faults
      .map(({ value, path }) => ObjectReader.of(value, path))
      .filter((fault) => fault.string('priority') === 'P0')
      .map((fault) => fault.string('id'))
    const ours = [...CATALOGUE.proven, ...Object.keys(CATALOGUE.waiting)]
    expect(ours.toSorted()).toEqual(first.toSorted())
  })
})
