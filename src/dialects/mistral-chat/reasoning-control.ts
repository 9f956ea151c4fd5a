// How much to think: `reasoning_effort` for models that can be told, `prompt_mode` for those that always think.
import { compact } from '../../canonical/compact.ts'
import { EFFORTS, type ReasoningControl } from '../../canonical/request.ts'
import { type JsonObject, type ObjectReader, isArray } from '../../wire/json.ts'
import { leftovers } from './extension.ts'
import type { Flags } from './flags.ts'

const EFFORT = 'reasoning_effort'
const MODE = 'prompt_mode'
const REASONING = 'reasoning'

/** Words that are unknown stay in the reader's rest. */
export function decodeReasoning(reader: ObjectReader): ReasoningControl | undefined {
  const said = reader.peek(EFFORT)
  const effort = EFFORTS.find((one) => one === said)
  const mode = reader.peek(MODE) === REASONING ? ('on' as const) : undefined
  const words = [...(effort === undefined ? [] : [EFFORT]), ...(mode === undefined ? [] : [MODE])]
  if (words.length === 0) return undefined
  for (const word of words) reader.value(word)
  return { ...compact({ effort, mode }), ...leftovers.keptFields(undefined, { words }) }
}

/** As it came, or as the flags have it. */
export function encodeReasoning(
  control: ReasoningControl,
  { reasoningControl }: Flags,
): JsonObject {
  const { effort, mode } = control
  const { words } = leftovers.shapeOf(control)
  const said = isArray(words) ? words : [reasoningControl]
  return compact({
    [EFFORT]: said.includes(EFFORT) ? (effort ?? (mode === 'off' ? 'none' : undefined)) : undefined,
    [MODE]: said.includes(MODE) && mode === 'on' ? REASONING : undefined,
  })
}
