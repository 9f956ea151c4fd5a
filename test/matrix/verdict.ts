// What the cases of one cell amount to.
import type { Note } from '../../src/canonical/note.ts'
import type { Case } from './case.ts'

export type Verdict = 'exact' | 'approximated' | 'impossible'

export interface Cell {
  readonly verdict: Verdict
  readonly cases: number
  /** How and why, each once, heaviest first. */
  readonly notes: readonly Note[]
}

/** Undefined where the sender's protocol has no words for the feature. A cell is no better than its worst case, and impossible only where nothing arrives. */
export function cellOf(cases: readonly Case[]): Cell | undefined {
  if (cases.length === 0) return undefined
  const changed = cases.filter((one) => verdictOf(one) !== 'exact')
  const worst = cases.every((one) => verdictOf(one) === 'impossible')
  return {
    verdict: worst ? 'impossible' : changed.length > 0 ? 'approximated' : 'exact',
    cases: cases.length,
    notes: distinct(changed.flatMap((one) => telling(one))),
  }
}

/** Notes of weight 0 count where something did come otherwise. */
function verdictOf({ notes, changes }: Case): Verdict {
  const weighty = notes.filter((note) => note.weight > 0)
  if (weighty.length === 0 && changes.length === 0) return 'exact'
  return telling({ notes }).every((note) => note.action === 'dropped')
    ? 'impossible'
    : 'approximated'
}

/** Cosmetic notes speak where no others do. */
function telling({ notes }: Pick<Case, 'notes'>): readonly Note[] {
  const weighty = notes.filter((note) => note.weight > 0)
  return weighty.length > 0 ? weighty : notes
}

function distinct(notes: readonly Note[]): readonly Note[] {
  const byWords = new Map(
    notes.map((note) => [`${note.action} ${note.feature} ${note.reason}`, note]),
  )
  return [...byWords.values()].toSorted((left, right) => right.weight - left.weight)
}
