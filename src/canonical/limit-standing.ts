// How a limit of a caller stands, as it is told to the caller.

/** What a limit counts; `calls` are those at once. */
export type Counted = 'requests' | 'tokens' | 'calls'

export interface ToldLimit {
  /** Whose, of what and for how long: `key-tokens-minute`. */
  readonly name: string
  readonly counts: Counted
  readonly limit: number
  /** Absent of calls at once. */
  readonly periodMs?: number
  readonly remaining: number
  /** Milliseconds until nothing of it is used. */
  readonly resetMs: number
}

/** The one with the least left of its whole; undefined where nothing is counted so. */
export function tightest(limits: readonly ToldLimit[], counts: Counted): ToldLimit | undefined {
  return limits
    .filter((limit) => limit.counts === counts)
    .reduce<ToldLimit | undefined>(
      (least, limit) =>
        least === undefined || limit.remaining / limit.limit < least.remaining / least.limit
          ? limit
          : least,
      undefined,
    )
}
