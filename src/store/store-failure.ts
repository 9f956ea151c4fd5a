// What keeps a database from doing its work, in words for the operator, and never with what was to be stored.
import { GatewayError } from '../canonical/errors.ts'

/**
 * `unavailable`: it cannot be reached; `full`: no room is left; `read_only`; `corrupt`: it does not read as a database; `busy`:
 * another process holds it; `newer`: a later Patchbay has written it; `failed`: anything else.
 */
const STORE_FAILURES = [
  'unavailable',
  'full',
  'read_only',
  'corrupt',
  'busy',
  'newer',
  'failed',
] as const

export type StoreFailure = (typeof STORE_FAILURES)[number]

const WORDS: Readonly<Record<StoreFailure, string>> = {
  unavailable: 'cannot be reached. Start it, or check store.url.',
  full: 'has no room left on its disk. Free some space: nothing was changed.',
  read_only: 'cannot be written. Make its folder and file writable.',
  corrupt: 'is damaged. Restore a backup, or move the file away to begin anew.',
  busy: 'is held by another process. Stop that one, or give this one a data folder of its own.',
  newer: 'was written by a newer Patchbay. Run that version, or restore a backup from before.',
  failed: 'refused what it was asked.',
}

/** Those that end by themselves. */
const PASSING: ReadonlySet<StoreFailure> = new Set(['unavailable', 'busy', 'full'])

/** `where`: the file, or the server without its password. */
export function storeError(failure: StoreFailure, where: string, cause?: unknown): GatewayError {
  return new GatewayError(
    PASSING.has(failure) ? 'overloaded' : 'internal',
    `The database ${where} ${WORDS[failure]}`,
    { code: `store_${failure}`, cause },
  )
}

/** What an error says of the database; undefined where it is about something else. */
export function storeFailureIn({ code }: GatewayError): StoreFailure | undefined {
  return STORE_FAILURES.find((failure) => code === `store_${failure}`)
}
