// What Patchbay is made of: exact, whole, few, without scripts, and listed in full.
import { describe, expect, it } from 'vitest'
import { ObjectReader } from '../src/wire/json.ts'
import { billOfMaterials } from './bill.ts'
import { audit, auditOf } from './npm-audit.ts'
import { ROOT, manifest } from './packed.ts'
import { lockedPackages, supplyProblems } from './supply.ts'

describe('the supply', () => {
  it('is exact, whole and quiet', () => {
    expect(lockedPackages(ROOT).length).toBeGreaterThan(50)
    expect(supplyProblems(ROOT)).toEqual([])
  })

  it('runs on a Node without the holes of March 2026', () => {
    expect(manifest().object('engines').string('node')).toBe('>=24.14.1')
  })
})

describe('npm run sbom', () => {
  it('lists every package that runs, as the lockfile has it, and no other', async () => {
    const bill = ObjectReader.of(await billOfMaterials(), 'sbom')
    expect(bill.string('bomFormat')).toBe('CycloneDX')
    const listed = bill.items('components').map(({ value, path }) => {
      const component = ObjectReader.of(value, path)
      const group = component.optionalString('group')
      const name = component.string('name')
      const whole = group === undefined ? name : `${group}/${name}`
      return `${whole}@${component.string('version')}`
    })
    const needed = lockedPackages(ROOT)
      .filter(({ isNeeded }) => isNeeded)
      .map(({ name, version }) => `${name}@${version}`)
    expect(needed.length).toBeGreaterThan(8)
    expect(listed.toSorted()).toEqual(needed.toSorted())
  })
})

const told = await audit()
const unknown = told.state === 'unknown' ? ` (${told.reason})` : ''

describe('npm run audit', () => {
  it.skipIf(told.state === 'unknown')(`finds nothing in what runs${unknown}`, () => {
    expect(told).toMatchObject({ findings: [] })
  })

  it('tells findings from silence', () => {
    const hole = { severity: 'high', range: '<4.0.0' }
    expect(auditOf(JSON.stringify({ vulnerabilities: { zod: hole, vitest: hole } }))).toMatchObject(
      {
        state: 'known',
        findings: ['zod <4.0.0: high'],
      },
    )
    expect(auditOf('{"message":"405 Method Not Allowed"}')).toEqual({
      state: 'unknown',
      reason: '405 Method Not Allowed',
    })
    expect(auditOf('')).toMatchObject({ state: 'unknown' })
  })
})
