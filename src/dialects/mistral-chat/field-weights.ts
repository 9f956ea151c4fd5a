// What a Mistral request loses with a field that nobody else takes: its guards.
import { type FieldWeights, always, unless } from '../field-weights.ts'

export const fieldWeights: FieldWeights = {
  safe_prompt: unless(false, 4),
  guardrails: always(4),
}
