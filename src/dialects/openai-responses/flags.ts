// The deviations of compatible hosts, as data: what a profile may declare, and what OpenAI itself does.
import { EFFORTS, type Effort } from '../../canonical/request.ts'
import { isArray } from '../../wire/json.ts'
import type { Profile } from '../dialect.ts'

export interface Flags {
  /** The words the host takes for `reasoning.effort`. Absent: all. */
  readonly reasoningEfforts: readonly Effort[] | undefined
  /** Other dialects' requests that ask for thinking ask for its encrypted form too, so that it can be replayed. Default true. */
  readonly encryptedReasoning: boolean
  /** The host knows tools of type `custom`; else they become functions with one string. Default true. */
  readonly customTools: boolean
  /** Top-level fields that the host refuses, by their wire names; they are left out. */
  readonly unsupportedFields: readonly string[]
}

export function flagsOf({ flags }: Profile): Flags {
  const { reasoningEfforts: efforts, unsupportedFields: refused } = flags
  return {
    reasoningEfforts: isArray(efforts)
      ? EFFORTS.filter((effort) => efforts.includes(effort))
      : undefined,
    encryptedReasoning: flags['encryptedReasoning'] !== false,
    customTools: flags['customTools'] !== false,
    unsupportedFields: isArray(refused) ? refused.filter((item) => typeof item === 'string') : [],
  }
}
