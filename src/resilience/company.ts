// One process among several that do the same work: whose turn it is, and who does what one alone should do.
export interface Company {
  /** From 0. */
  readonly rank: number
  readonly count: number
  /** Whether this one does what is to be done once: asks providers whether they are there, says what all of them see. */
  readonly leads: () => boolean
}

/** Long enough that what one does in its turn has reached the others before theirs. */
const TURN_MS = 250

/** They take turns at an open breaker's trial, so that a target that is hardly back is not asked by all of them at once. */
export function turnsOf({
  rank,
  count,
}: Pick<Company, 'rank' | 'count'>): (sinceMs: number) => boolean {
  return (sinceMs) => Math.floor(sinceMs / TURN_MS) % count === rank
}

/** What of a number that holds for all of them one may use. */
export function shareOf(whole: number, { count }: Pick<Company, 'count'>): number {
  return Math.max(1, Math.floor(whole / count))
}
