// What is lost where no other wire has a word for a generate request: what comes after, what went before, how it is laid out.
import { type FieldWeights, always, when } from '../field-weights.ts'

export const fieldWeights: FieldWeights = {
  // A label of what goes on without it.
  type: always(0),
  suffix: always(3),
  context: always(3),
  template: always(2),
  raw: when(true, 2),
}
