// All probes and all fixtures of all pairs, each once.
import { dialects } from '../../src/dialects/registry.ts'
import type { Case, Pair } from './case.ts'
import { withCosmetics } from './cosmetic.ts'
import { fixtureCases } from './fixture-case.ts'
import { ownCases, plainCases } from './own-cases.ts'
import type { Feature } from './probe.ts'
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
    fixtures:
      pair.client === pair.provider ? [] : fixtureCases(pair).map((one) => withCosmetics(one)),
  }
}
