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

export type Policy = 'lenient' | 'default' | 'strict'

const REFUSED_FROM: Record<Policy, NoteWeight> = { lenient: 4, default: 3, strict: 2 }

/** The notes under which a request may not go on: semantic losses by default, safety losses always. A synthesized value loses nothing. */
export function refusedNotes(policy: Policy, notes: readonly Note[]): readonly Note[] {
  return notes.filter(
    (note) => note.action !== 'synthesized' && note.weight >= REFUSED_FROM[policy],
  )
}

const HEADER_LIMIT = 1024
const MORE = ';...'

/** The form of the `x-patchbay-notes` header: `dropped=seed;approximated=effort`, ASCII, each once, weight 1 and up, capped at 1024 characters. */
export function formatNotes(notes: readonly Note[]): string {
  const words = new Set(
    notes.filter((note) => note.weight > 0).map((note) => `${note.action}=${note.feature}`),
  )
  let line = ''
  for (const word of words) {
    const next = line === '' ? word : `${line};${word}`
    if (next.length > HEADER_LIMIT - MORE.length) return ascii(`${line}${MORE}`)
    line = next
  }
  return ascii(line)
}

function ascii(text: string): string {
  return text.replaceAll(/[^\x20-\x7e]/g, '?')
}
