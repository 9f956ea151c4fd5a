// What this dialect leaves on a node for the way back.
import { type Leftovers, leftoversOf } from '../leftovers.ts'
import { fieldWeights } from './field-weights.ts'
import { OPENAI_RESPONSES } from './wire-types.ts'

export const leftovers: Leftovers = leftoversOf(OPENAI_RESPONSES, fieldWeights)
