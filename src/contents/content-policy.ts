// Whether and how the texts of a caller's calls are kept: nothing of them is unless its key says so.

export const REDACTIONS = ['emails', 'cards', 'keys'] as const
export type Redaction = (typeof REDACTIONS)[number]

export interface ContentPolicy {
  /** Days. */
  readonly retentionDays: number
  /** What is masked before anything is written. */
  readonly redact: readonly Redaction[]
  /** Words that are masked, as they are written and in any case. No patterns: one could be made to run for ever. */
  readonly words: readonly string[]
}

/** By the public id of the caller's key; undefined: nothing is kept. */
export type ContentPolicyOf = (caller: string) => ContentPolicy | undefined
