// What a profile may declare of a model behind this wire, and what Mistral's present models do.
import { EFFORTS, type Effort } from '../../canonical/request.ts'
import { type Json, type JsonObject, isArray } from '../../wire/json.ts'
import type { HostedKind } from '../../canonical/tool.ts'
import type { Profile } from '../dialect.ts'
import { perProfile } from '../per-profile.ts'
import { hostedKinds } from '../lowering/hosted-tools.ts'

export interface Flags {
  /** `nine`: ids of tool calls must be nine letters and digits; models of other makers take `any`. Default `nine`. */
  readonly toolIds: 'nine' | 'any'
  /** How other dialects' wishes to think are said: an effort, the switch `prompt_mode`, or not at all. Default `reasoning_effort`. */
  readonly reasoningControl: 'reasoning_effort' | 'prompt_mode' | 'none'
  /** The words the model takes for `reasoning_effort`. Default: all but `max`. */
  readonly reasoningEfforts: readonly Effort[]
  /** Whether assistant turns of other dialects carry their thinking back. Default true. */
  readonly thinkingReplay: boolean
  /** A user message may follow a tool message; else an assistant message comes between. Default true. */
  readonly userAfterTool: boolean
  /** The highest temperature for other dialects' requests. Default 1.5. */
  readonly temperatureMax: number
  /** Which of the vendor's own tools the model has. Default all. */
  readonly hostedTools: readonly HostedKind[]
}

export const flagsOf: (profile: Profile) => Flags = perProfile(readFlagsOf)

function readFlagsOf(profile: Profile): Flags {
  const { flags } = profile
  const control = flags['reasoningControl']
  const max = flags['temperatureMax']
  return {
    toolIds: flags['toolIds'] === 'any' ? 'any' : 'nine',
    reasoningControl:
      control === 'prompt_mode' || control === 'none' ? control : 'reasoning_effort',
    reasoningEfforts: efforts(flags['reasoningEfforts']),
    thinkingReplay: isOn(flags, 'thinkingReplay'),
    userAfterTool: isOn(flags, 'userAfterTool'),
    temperatureMax: typeof max === 'number' ? max : 1.5,
    hostedTools: hostedKinds(profile),
  }
}

function isOn(flags: JsonObject, name: string): boolean {
  return flags[name] !== false
}

function efforts(value: Json | undefined): readonly Effort[] {
  if (!isArray(value)) return EFFORTS.filter((effort) => effort !== 'max')
  return EFFORTS.filter((effort) => value.includes(effort))
}
