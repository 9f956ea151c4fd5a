// What a Responses request loses with a field that nobody else takes: state that the vendor keeps above all.
import { type Json, isArray } from '../../wire/json.ts'
import { type FieldWeights, always, unless, when } from '../field-weights.ts'

/** Wishes that other providers fulfil unasked. */
const GIVEN: ReadonlySet<Json> = new Set([
  'reasoning.encrypted_content',
  'message.output_text.logprobs',
])

export const fieldWeights: FieldWeights = {
  include: (value) => (isArray(value) && value.every((wish) => GIVEN.has(wish)) ? 0 : undefined),
  // Content that the provider keeps, or a way of answering: without them the question is another one.
  previous_response_id: always(3),
  conversation: always(3),
  prompt: always(3),
  background: unless(false, 3),
  moderation: unless(false, 4),
  store: when(false, 4),
}
