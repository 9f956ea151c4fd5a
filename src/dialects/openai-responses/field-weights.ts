// What a Responses request loses with a field that nobody else takes: state that the vendor keeps above all.
import { type FieldWeights, always, unless, when } from '../field-weights.ts'

export const fieldWeights: FieldWeights = {
  // Content that the provider keeps, or a way of answering: without them the question is another one.
  previous_response_id: always(3),
  conversation: always(3),
  prompt: always(3),
  background: unless(false, 3),
  moderation: unless(false, 4),
  store: when(false, 4),
}
