// Notes: what a translation changed or lost, and the policy that decides which losses pass.
import type { Json } from './json.ts'

export type NoteAction =
  | 'dropped'
  | 'approximated'
  | 'synthesized'
  | 'clamped'
  | 'reordered'
  | 'merged'

/** 0 cosmetic, 1 advisory, 2 quality, 3 semantic, 4 safety or privacy. */
export type NoteWeight = 0 | 1 | 2 | 3 | 4

/** One loss or change. `path` is a JSON path into the canonical request or response, such as `turns[2].parts[0]`. */
export interface Note {
  readonly action: NoteAction
  readonly feature: string
  readonly path: string
  readonly weight: NoteWeight
  readonly reason: string
  readonly from?: Json
  readonly to?: Json
}

/** A value with what was changed to get it. */
export interface Lowered<T> {
  readonly value: T
  readonly notes: readonly Note[]
}

export const POLICIES = ['lenient', 'default', 'strict'] as const
export type Policy = (typeof POLICIES)[number]

/** What a policy makes of a note: nothing, a word in the answer's header, or a refusal before anything is sent. */
export type Verdict = 'pass' | 'warn' | 'refuse'

/** By weight, from 0 to 4. */
const VERDICTS: Readonly<Record<Policy, readonly [Verdict, Verdict, Verdict, Verdict, Verdict]>> = {
  lenient: ['pass', 'pass', 'pass', 'warn', 'refuse'],
  default: ['pass', 'pass', 'warn', 'refuse', 'refuse'],
  strict: ['pass', 'warn', 'refuse', 'refuse', 'refuse'],
}

/** A synthesized value loses nothing, so it is never refused. */
export function verdictOf(policy: Policy, { action, weight }: Note): Verdict {
  const verdict = VERDICTS[policy][weight]
  return verdict === 'refuse' && action === 'synthesized' ? 'warn' : verdict
}

/** The notes under which a request may not go on: semantic losses by default, safety losses always. */
export function refusedNotes(policy: Policy, notes: readonly Note[]): readonly Note[] {
  return notes.filter((note) => verdictOf(policy, note) === 'refuse')
}

/** The notes that the caller is told of. What is said of an answer cannot be refused any more, so it is told. */
export function toldNotes(policy: Policy, notes: readonly Note[]): readonly Note[] {
  return notes.filter((note) => verdictOf(policy, note) !== 'pass')
}

const HEADER_LIMIT = 1024
/** Of one feature: a client's own field may be called anything. */
const FEATURE_LIMIT = 80
/** Room for the count of what is left out. */
const MORE_LIMIT = ';more=0000000'.length

/**
 * The form of the `x-patchbay-notes` header: `dropped=seed;approximated=effort`, each once, the heaviest first, without
 * the cosmetic ones. Printable ASCII, at most 1024 characters; what does not fit is counted at its end: `;more=12`.
 */
export function formatNotes(notes: readonly Note[]): string {
  const heaviest = notes
    .filter((note) => note.weight > 0)
    .toSorted((left, right) => right.weight - left.weight)
  const words = [...new Set(heaviest.map((note) => `${note.action}=${word(note.feature)}`))]
  let line = ''
  for (const [at, next] of words.entries()) {
    const longer = line === '' ? next : `${line};${next}`
    if (longer.length > HEADER_LIMIT - MORE_LIMIT) return `${line};more=${words.length - at}`
    line = longer
  }
  return line
}

/** What has a meaning in the header, and what a header cannot hold, is a question mark there. */
function word(feature: string): string {
  const plain = feature.replaceAll(/[^\x20-\x7e]|[;=]/g, '?')
  return plain.length > FEATURE_LIMIT ? `${plain.slice(0, FEATURE_LIMIT)}...` : plain
}
