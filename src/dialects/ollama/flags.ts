// What a target that speaks this dialect can declare of itself.
import type { Profile } from '../dialect.ts'
import { perProfile } from '../per-profile.ts'

export interface OllamaFlags {
  /** The model thinks in levels (gpt-oss): `think` is "low", "medium", "high" or "max" and cannot be turned off. Default false: it is a switch. */
  readonly thinkLevels: boolean
  /** The model can think at all; default true. Where it cannot, the server answers 400 to any `think`, so it is left out. */
  readonly thinking: boolean
  /** The model hears: base64 audio goes into `images`. Default false. */
  readonly audio: boolean
  /** The model's template leaves a begun answer open, so that the model goes on with it. Default false: most do, and nothing says which. */
  readonly prefill: boolean
  /** How long a model stays loaded where the request does not say: seconds, or a duration such as "10m"; -1 is forever. Default: the server's own. */
  readonly keepAlive: number | string | undefined
}

export const flagsOf: (profile: Profile) => OllamaFlags = perProfile(readFlagsOf)

function readFlagsOf(profile: Profile): OllamaFlags {
  const { thinkLevels, thinking, audio, prefill, keepAlive } = profile.flags
  return {
    thinkLevels: thinkLevels === true,
    thinking: thinking !== false,
    audio: audio === true,
    prefill: prefill === true,
    keepAlive:
      typeof keepAlive === 'number' || typeof keepAlive === 'string' ? keepAlive : undefined,
  }
}
