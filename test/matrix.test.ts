// Every feature from every client to every provider: nothing is lost in silence, and docs/matrix.md and test/expected-notes/ say what is.
// `npx vitest run test/matrix.test.ts -u` writes both anew; read the difference before you commit it.
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { dialects } from '../src/dialects/registry.ts'
import type { Case } from './matrix/case.ts'
import { expectedNotes } from './matrix/expected-notes.ts'
import { idleNotes, silentChanges } from './matrix/laws.ts'
import { matrixPage } from './matrix/page.ts'
import { groups } from './matrix/probes/groups.ts'
import { type PairRun, runAll } from './matrix/run.ts'
import { noteLine } from './matrix/translation.ts'
import { ROOT } from './packed.ts'
import { cellOf } from './matrix/verdict.ts'

const EXPECTED = join(ROOT, 'test', 'expected-notes')
const runs = runAll()
const foreign = runs.filter(({ client, provider }) => client !== provider)

function casesOf(run: PairRun): readonly Case[] {
  return [...[...run.features.values()].flat(), ...run.fixtures]
}

describe.each(runs)('$name', (run) => {
  it('loses nothing without a note', () => {
    const silent = casesOf(run).flatMap((one) =>
      silentChanges(one).map(({ path }) => `${one.way} "${one.probe}" at ${path}`),
    )
    expect(silent).toEqual([])
  })

  it('notes nothing that came as it went', () => {
    const idle = casesOf(run).flatMap((one) =>
      idleNotes(one).map((note) => `${one.way} "${one.probe}": ${noteLine(note)}`),
    )
    expect(idle).toEqual([])
  })
})

describe.each(foreign)('$name', (run) => {
  it('leaves the notes that are expected of it, each of them in some case', async () => {
    await expect(expectedNotes(run)).toMatchFileSnapshot(join(EXPECTED, `${run.name}.json`))
  })
})

describe('a protocol with itself', () => {
  it('says everything exactly', () => {
    const changed = runs
      .filter(({ client, provider }) => client === provider)
      .flatMap((run) =>
        [...run.features].flatMap(([title, cases]) => {
          const verdict = cellOf(cases)?.verdict ?? 'exact'
          return verdict === 'exact' ? [] : [`${run.name}: ${title} is ${verdict}`]
        }),
      )
    expect(changed).toEqual([])
  })
})

describe('the probes', () => {
  it('have a name each', () => {
    const names = groups.flatMap(({ features }) =>
      features.flatMap(({ probes }) => probes.map(({ name }) => name)),
    )
    expect(names.filter((name, at) => names.indexOf(name) !== at)).toEqual([])
  })

  it('are each said by some client or some provider', () => {
    const said = new Set(runs.flatMap((run) => casesOf(run).map(({ probe }) => probe)))
    const mute = groups.flatMap(({ features }) =>
      features.flatMap(({ probes }) => probes.filter(({ name }) => !said.has(name))),
    )
    expect(mute.map(({ name }) => name)).toEqual([])
  })
})

describe('the lists and the page', () => {
  it('are of the protocols that there are', () => {
    expect(readdirSync(EXPECTED).toSorted()).toEqual(
      foreign.map(({ name }) => `${name}.json`).toSorted(),
    )
    expect(foreign).toHaveLength(dialects.length * (dialects.length - 1))
  })

  it('docs/matrix.md says what the tests have found', async () => {
    await expect(matrixPage(runs)).toMatchFileSnapshot(join(ROOT, 'docs', 'matrix.md'))
  })
})
