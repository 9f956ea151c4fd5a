// What a probe shows of a pair, without what happens to every plain request and answer of it.
import type { Note } from '../../src/canonical/note.ts'
import { type Case, type Pair, casesOf } from './case.ts'
import { withCosmetics } from './cosmetic.ts'
import type { Difference } from './difference.ts'
import type { Probe } from './probe.ts'

const PLAIN: readonly Probe[] = [
  { kind: 'request', name: 'plain', asks: {} },
  { kind: 'answer', name: 'plain', says: {} },
]

export function plainCases(pair: Pair): readonly Case[] {
  return PLAIN.flatMap((probe) => casesOf(probe, pair)).map((one) => withCosmetics(one))
}

/** `plain` are the pair's own; a bare probe asks for just what they show. */
export function ownCases(probe: Probe, pair: Pair, plain: readonly Case[]): readonly Case[] {
  const cases = casesOf(probe, pair).map((one) => withCosmetics(one))
  const same = pair.client === pair.provider
  if ('bare' in probe && probe.bare) {
    // In a stream they go in frames of their own, which no whole answer holds.
    return cases.map((one) => (same && one.way === 'stream' ? without(one, isVendors) : one))
  }
  return cases.map((one) => {
    const usual = plain.find(({ way }) => way === one.way)
    if (usual === undefined) return one
    const changed = new Set(usual.changes.map(({ path }) => path))
    const noted = new Set(usual.notes.map(({ path }) => path))
    const rest = {
      ...without(one, ({ path }) => noted.has(path) || changed.has(path)),
      changes: one.changes.filter(({ path }) => !changed.has(path)),
    }
    return one.way === 'request' ? rest : without(rest, isVendors)
  })
}

/** What a vendor adds of its own to an answer. */
function isVendors({ path }: { readonly path: string }): boolean {
  return /(?:^|\.)left(?:[.[]|$)/.test(path)
}

/** Of notes only those without weight go. */
function without(one: Case, isUsual: (place: Note | Difference) => boolean): Case {
  return {
    ...one,
    notes: one.notes.filter((note) => note.weight > 0 || !isUsual(note)),
    changes: one.changes.filter((change) => !isUsual(change)),
  }
}
