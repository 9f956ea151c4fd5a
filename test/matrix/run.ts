// All probes and all fixtures of all pairs, each once.
import { dialects } from '../../src/dialects/registry.ts'
import { type Case, type Pair, casesOf } from './case.ts'
import { withCosmetics } from './cosmetic.ts'
import { fixtureCases } from './fixture-case.ts'
import type { Feature, Probe } from './probe.ts'
import { groups } from './probes/groups.ts'

export interface PairRun extends Pair {
  readonly name: string
  /** By the title of the row. */
  readonly features: ReadonlyMap<string, readonly Case[]>
  readonly fixtures: readonly Case[]
}

/** Every client with every provider, a protocol with itself included. */
export function runAll(): readonly PairRun[] {
  return dialects.flatMap((client) => dialects.map((provider) => run({ client, provider })))
}

function run(pair: Pair): PairRun {
  const features: readonly Feature[] = groups.flatMap((group) => group.features)
  const plain = plainCases(pair)
  return {
    ...pair,
    name: `${pair.client.id}-to-${pair.provider.id}`,
    features: new Map(
      features.map(({ title, probes }) => [
        title,
        probes.flatMap((probe) => ownCases(probe, pair, plain)),
      ]),
    ),
    fixtures: pair.client === pair.provider ? [] : fixtureCases(pair).map((one) => withCosmetics(one)),
  }
}

const PLAIN: readonly Probe[] = [
  { kind: 'request', name: 'plain', asks: {} },
  { kind: 'answer', name: 'plain', says: {} },
]

function plainCases(pair: Pair): readonly Case[] {
  return PLAIN.flatMap((probe) => casesOf(probe, pair)).map((one) => withCosmetics(one))
}

/** Without what happens to every plain request and answer of the pair, but where just that is asked for. */
function ownCases(probe: Probe, pair: Pair, plain: readonly Case[]): readonly Case[] {
  const cases = casesOf(probe, pair).map((one) => withCosmetics(one))
  if ('bare' in probe && probe.bare === true) return cases
  return cases.map((one) => {
    const usual = plain.find(({ way }) => way === one.way)
    if (usual === undefined) return one
    const notes = new Set(usual.notes.map(({ feature, path }) => `${feature} ${path}`))
    const changes = new Set(usual.changes.map(({ path }) => path))
    return {
      ...one,
      notes: one.notes.filter(({ feature, path, weight }) => weight > 0 || !notes.has(`${feature} ${path}`)),
      changes: one.changes.filter(({ path }) => !changes.has(path)),
    }
  })
}
