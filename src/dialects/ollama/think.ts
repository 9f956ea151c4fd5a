// `think`: a switch, or for some models a level.
import { GatewayError } from '../../canonical/errors.ts'
import type { Effort, ReasoningControl } from '../../canonical/request.ts'
import type { Json, ObjectReader } from '../../wire/json.ts'

/** The levels the wire has; gpt-oss reads `max` as `high`. */
export const LEVELS: readonly Effort[] = ['low', 'medium', 'high', 'max']

/** Absent means on for a model that can think, which is the model's business: nothing is put in its place. */
export function readThink(reader: ObjectReader): ReasoningControl | undefined {
  const think = reader.value('think')
  if (think === undefined) return undefined
  if (think === null) {
    reader.leave('think')
    return undefined
  }
  if (typeof think === 'boolean') return { mode: think ? 'on' : 'off' }
  const effort = LEVELS.find((level) => level === think)
  if (effort !== undefined) return { mode: 'on', effort }
  throw new GatewayError(
    'invalid_request',
    'think must be true, false, "low", "medium", "high" or "max".',
    { origin: 'client', param: reader.path('think') },
  )
}

export function printThink(reasoning: ReasoningControl | undefined): Json | undefined {
  const level = LEVELS.find((level) => level === reasoning?.effort)
  if (reasoning?.mode === 'off') return false
  if (level !== undefined) return level
  return reasoning?.mode === 'on' ? true : undefined
}
