// Every attack of the catalogue is proven, waits for something or has no object, and none is two of these.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { ObjectReader, parseJson } from '../../src/wire/json.ts'
import { hasCorpus } from '../corpus.ts'
import { ATTACKS, BY_SEVERITY, WAITING, WITHOUT_OBJECT, severityOf, summary } from './catalogue.ts'
import { ROOT } from './tree.ts'

const ALL = Object.values(BY_SEVERITY).flat()

describe('the catalogue of attacks', () => {
  const proven = ATTACKS.map(({ id }) => id)

  it('has each once, in one state', () => {
    const states = [...proven, ...Object.keys(WAITING), ...Object.keys(WITHOUT_OBJECT)]
    expect(states.toSorted()).toEqual(ALL.toSorted())
    expect(new Set(ALL).size).toBe(ALL.length)
  })

  it('takes a defence away for each that it claims', () => {
    expect(ATTACKS.filter(({ weaken }) => weaken.length === 0)).toEqual([])
    expect(summary()).toMatch(/^Attacks: \d+ of 115 critical and high proven/)
  })

  it.skipIf(!hasCorpus())('has every attack there is, as grave as it is', () => {
    const path = join(ROOT, '..', 'shared', 'catalogues', 'attacks.json')
    const attacks = ObjectReader.of(parseJson(readFileSync(path, 'utf8')), 'attacks.json')
      .items('attacks')
      .map(({ value, path }) => ObjectReader.of(value, path))
    expect(ALL.toSorted()).toEqual(attacks.map((attack) => attack.string('id')).toSorted())
    for (const attack of attacks) {
      const id = attack.string('id')
      expect([id, severityOf(id)]).toEqual([id, attack.string('severity')])
    }
  })
})
