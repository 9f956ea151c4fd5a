// How the texts of calls are kept for who wants that: nothing of anybody else's is.

export const CONTENT_REDACTIONS = ['emails', 'cards', 'keys'] as const

export interface KeptContentPolicy {
  /** Days. */
  readonly retentionDays: number
  /** What is masked before anything is written. */
  readonly redact: readonly (typeof CONTENT_REDACTIONS)[number][]
  /** Words that are masked, as they are written and in any case. */
  readonly words: readonly string[]
}
