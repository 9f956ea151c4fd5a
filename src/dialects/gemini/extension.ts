// What this dialect leaves on a node for the way back.
import type { Node } from '../../canonical/extensions.ts'
import type { JsonObject } from '../../wire/json.ts'
import { type Leftovers, leftoversOf } from '../leftovers.ts'
import { fieldWeights } from './field-weights.ts'
import { respelled } from './spelling.ts'
import { GEMINI } from './wire-types.ts'

export const leftovers: Leftovers = leftoversOf(GEMINI, fieldWeights)

/** The leftovers of a node with the words of the model laid over them, in the spelling they came in. */
export function printed(node: Node, own: JsonObject): JsonObject {
  return leftovers.printed(node, respelled(own, leftovers.shapeOf(node)['spelled']))
}
