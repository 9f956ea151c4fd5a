// What a refusal tells a gateway to change: some hosts say in so many words what they will not take.
import type { GatewayError } from '../canonical/errors.ts'
import type { JsonObject } from '../canonical/json.ts'
import type { Note } from '../canonical/note.ts'
import type { ChatRequest } from '../canonical/request.ts'
import type { Profile } from './profile.ts'

/** At least one of `flags` and `request` is there. */
export interface Amendment {
  /** What is now known of the model, for this call and every later one. */
  readonly flags?: JsonObject
  /** The client's request without what was refused, for this call alone. */
  readonly request?: ChatRequest
  readonly notes: readonly Note[]
}

/**
 * `error` is as this dialect has decoded it, `request` as the client sent it. Undefined: the refusal says nothing that
 * could be done about it, or nothing that a client of this dialect would not rather hear itself.
 */
export type Amend = (
  error: GatewayError,
  request: ChatRequest,
  profile: Profile,
) => Amendment | undefined
