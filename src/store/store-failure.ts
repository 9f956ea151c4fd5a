// What keeps a database from doing its work, in words for the operator, and never with what was to be stored.
import { GatewayError } from '../canonical/errors.ts'

/**
 * `unavailable`: it cannot be reached; `full`: no room is left; `read_only`; `corrupt`: it does not read as a database; `busy`:
 * it did not come to it in time; `uncertain`: it was lost at the very end, and what was asked may have been done; `newer`: a later
 * Patchbay has written it; `failed`: anything else.
 */
export const STORE_FAILURES = [
  'unavailable',
  'full',
  'read_only',
  'corrupt',
  'busy',
  'uncertain',
  'newer',
  'failed',
] as const

export type StoreFailure = (typeof STORE_FAILURES)[number]

const WORDS: Readonly<Record<StoreFailure, string>> = {
  unavailable: 'cannot be reached. Start it, or check store.url.',
  full: 'has no room left on its disk. Free some space: nothing was changed.',
  read_only: 'cannot be written. Make it writable: its folder and file, or the server.',
  corrupt: 'is damaged. Restore a backup, or move the file away to begin anew.',
  busy: 'did not come to it in time: it has too much to do, or another process holds it. Try again; where it lasts, look for what holds it.',
  uncertain:
    'was lost at the very end: what was asked may have been done. Look, before you ask again.',
  newer: 'was written by a newer Patchbay. Run that version, or restore a backup from before.',
  failed: 'refused what it was asked.',
}

/** Those that end by themselves. */
const PASSING: ReadonlySet<StoreFailure> = new Set(['unavailable', 'busy', 'full', 'uncertain'])

/** A cause in words that hold nothing of what was to be stored, and no password. */
export class ShownCause extends Error {}

/** `where`: the file, or the server without its password. */
export function storeError(failure: StoreFailure, where: string, cause?: unknown): GatewayError {
  return new GatewayError(
    PASSING.has(failure) ? 'overloaded' : 'internal',
    `The database ${where}${cause instanceof ShownCause ? ` (${cause.message})` : ''} ${WORDS[failure]}`,
    { code: `store_${failure}`, cause },
  )
}

/** What an error says of the database; undefined where it is about something else. */
export function storeFailureIn({ code }: GatewayError): StoreFailure | undefined {
  return STORE_FAILURES.find((failure) => code === `store_${failure}`)
}

/** The same for who asks over the network, without where the database is and what its operator should do. */
export function storeFailureOutside(failure: StoreFailure): string {
  const [what = ''] = WORDS[failure].split(/[.:]/)
  return `The database of this gateway ${what}.`
}
