// How the texts of calls are kept for who wants that: nothing of anybody else's is.

export const CONTENT_REDACTIONS = ['emails', 'cards', 'keys'] as const

export type ContentRedaction = (typeof CONTENT_REDACTIONS)[number]

export interface KeptContentPolicy {
  /** Days. */
  readonly retentionDays: number
  /** What is masked before anything is written. */
  readonly redact: readonly ContentRedaction[]
  /** Words that are masked, as they are written and in any case. No patterns: one could be made to run for ever. */
  readonly words: readonly string[]
}
