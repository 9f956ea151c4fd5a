// The answer's length, for targets that must be told it or have a least one.
import type { Note } from '../../canonical/note.ts'
import type { Pass } from './pass.ts'

export interface OutputLimitRules {
  /** The limit, in tokens, for targets that demand one; given when the client gave none. */
  readonly required?: number
  /** The smallest limit the target takes. */
  readonly min?: number
}

/** Fills in a missing limit where the target demands one, and raises one that is too small. */
export function outputLimit(rules: OutputLimitRules): Pass {
  return (request) => {
    const asked = request.maxOutputTokens
    const wanted = asked ?? rules.required
    if (wanted === undefined) return { value: request, notes: [] }
    const limit = Math.max(wanted, rules.min ?? wanted)
    if (limit === asked) return { value: request, notes: [] }
    const about = { feature: 'max_tokens', path: 'maxOutputTokens', to: limit }
    const note: Note =
      asked === undefined
        ? { ...about, action: 'synthesized', weight: 0, reason: 'the target demands a limit' }
        : {
            ...about,
            action: 'clamped',
            weight: 1,
            reason: `the target takes no limit below ${limit} tokens`,
            from: asked,
          }
    return { value: { ...request, maxOutputTokens: limit }, notes: [note] }
  }
}
