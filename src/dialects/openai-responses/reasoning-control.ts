// How much to think and what to show of it: `reasoning.effort` and `reasoning.summary`.
import { compact } from '../../canonical/compact.ts'
import { EFFORTS, type ReasoningControl } from '../../canonical/request.ts'
import { type JsonObject, type ObjectReader, isObject } from '../../wire/json.ts'
import { leftOf } from '../leftovers.ts'
import { leftovers } from './extension.ts'

const SUMMARIES = ['auto', 'concise', 'detailed'] as const

/** Words that are unknown are kept as they came. */
export function decodeReasoningControl(reader: ObjectReader): ReasoningControl | undefined {
  if (!isObject(reader.peek('reasoning'))) return undefined
  const inner = reader.object('reasoning')
  const effort = EFFORTS.find((one) => one === inner.peek('effort'))
  const summary = SUMMARIES.find((one) => one === inner.peek('summary'))
  if (effort !== undefined) inner.value('effort')
  if (summary !== undefined) inner.value('summary')
  return {
    ...compact({ effort, show: summary === undefined ? undefined : ('summarized' as const) }),
    ...leftovers.owned(leftOf(inner), { summary }),
  }
}

/** Nothing where there is nothing to say on this wire. */
export function encodeReasoningControl(control: ReasoningControl | undefined): JsonObject {
  if (control === undefined) return {}
  const { mode, show } = control
  const effort = control.effort ?? (mode === 'off' ? 'none' : undefined)
  const summary =
    show === 'summarized' ? (leftovers.shapeOf(control)['summary'] ?? 'auto') : undefined
  const said = leftovers.printed(control, compact({ effort, summary }))
  return Object.keys(said).length === 0 && !leftovers.isOwn(control) ? {} : { reasoning: said }
}
