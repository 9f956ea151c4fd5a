// What this dialect leaves on a node for the way back.
import { type Leftovers, leftoversOf } from '../leftovers.ts'
import { fieldWeights } from './field-weights.ts'
import { MISTRAL_CHAT } from './wire-types.ts'

export const leftovers: Leftovers = leftoversOf(MISTRAL_CHAT, fieldWeights)
