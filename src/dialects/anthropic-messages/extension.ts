// What this dialect leaves on a node for the way back.
import { type Leftovers, leftoversOf } from '../leftovers.ts'
import { fieldWeights } from './field-weights.ts'
import { DIALECT } from './wire-types.ts'

export const leftovers: Leftovers = leftoversOf(DIALECT, fieldWeights)
