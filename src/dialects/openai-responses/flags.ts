// The deviations of compatible hosts, as data: what a profile may declare, and what OpenAI itself does.
import { EFFORTS, type Effort } from '../../canonical/request.ts'
import { type Json, isArray } from '../../wire/json.ts'
import type { HostedKind } from '../../canonical/tool.ts'
import type { Profile } from '../dialect.ts'
import { perProfile } from '../per-profile.ts'
import { hostedKinds } from '../lowering/hosted-tools.ts'

export interface Flags {
  /** The words the host takes for `reasoning.effort`. Absent: all. */
  readonly reasoningEfforts: readonly Effort[] | undefined
  /** `none`: the model does not reason, and refuses to be told how much. */
  readonly reasoningControl: 'none' | undefined
  /** Sampling settings that the model refuses, by their wire names; they are dropped with a note. */
  readonly unsupportedFields: readonly string[]
  /** Those of them that it refuses only while it is asked to reason. */
  readonly refusedWhileReasoning: readonly string[]
  /** Other dialects' requests that ask for thinking ask for its encrypted form too, so that it can be replayed. Default true. */
  readonly encryptedReasoning: boolean
  /** The host knows tools of type `custom`; else they become functions with one string. Default true. */
  readonly customTools: boolean
  /** Which of the vendor's own tools the model has. Default all. */
  readonly hostedTools: readonly HostedKind[]
}

export const flagsOf: (profile: Profile) => Flags = perProfile(readFlagsOf)

function readFlagsOf(profile: Profile): Flags {
  const { flags } = profile
  const { reasoningEfforts: efforts } = flags
  return {
    reasoningEfforts: isArray(efforts)
      ? EFFORTS.filter((effort) => efforts.includes(effort))
      : undefined,
    reasoningControl: flags['reasoningControl'] === 'none' ? 'none' : undefined,
    unsupportedFields: texts(flags['unsupportedFields']),
    refusedWhileReasoning: texts(flags['refusedWhileReasoning']),
    encryptedReasoning: flags['encryptedReasoning'] !== false,
    customTools: flags['customTools'] !== false,
    hostedTools: hostedKinds(profile),
  }
}

function texts(value: Json | undefined): readonly string[] {
  return isArray(value) ? value.filter((item) => typeof item === 'string') : []
}
