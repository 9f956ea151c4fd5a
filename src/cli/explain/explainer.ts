// Somebody who explains what requests would do.
import type { Json, JsonObject } from '../../wire/json.ts'

export interface Explainer {
  /** As `POST /api/explain` takes and answers it. */
  readonly explain: (question: JsonObject) => Promise<Json>
  readonly close: () => Promise<void>
}
