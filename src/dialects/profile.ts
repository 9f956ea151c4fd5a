// What is known of the host and the model that a request goes to.
import type { JsonObject } from '../wire/json.ts'

/** What a target declares of itself; a dialect reads the flags it knows and has a default for each. */
export interface Profile {
  readonly provider: string
  /** The model's name on the target. */
  readonly model?: string
  readonly flags: JsonObject
}
