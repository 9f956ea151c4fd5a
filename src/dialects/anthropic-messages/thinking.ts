// `thinking` and `output_config.effort`: how much the model may think, and whether it shows it.
import { compact } from '../../canonical/compact.ts'
import { EFFORTS, type Effort, type ReasoningControl } from '../../canonical/request.ts'
import type { Json, JsonObject, ObjectReader } from '../../wire/json.ts'
import { leftovers } from './extension.ts'

const MODES: ReadonlyMap<string, ReasoningControl['mode']> = new Map([
  ['enabled', 'on'],
  ['adaptive', 'auto'],
  ['disabled', 'off'],
])

/** `outputConfig` is the reader of `output_config`; an effort that is not known stays among its leftovers. */
export function readReasoning(
  request: ObjectReader,
  outputConfig: ObjectReader | undefined,
): ReasoningControl | undefined {
  const effort = readEffort(outputConfig)
  const reader = request.optionalObject('thinking')
  if (reader === undefined) return effort === undefined ? undefined : { effort }
  const type = reader.string('type')
  const mode = MODES.get(type)
  return {
    // Newer kinds such as `between_tools` let the model decide; the same dialect gets the word itself.
    mode: mode ?? 'auto',
    ...compact({
      effort,
      budgetTokens: reader.optionalNumber('budget_tokens'),
      show: readShow(reader),
    }),
    ...leftovers.kept(reader, mode === undefined ? { shape: { type } } : {}),
  }
}

function readEffort(outputConfig: ObjectReader | undefined): Effort | undefined {
  const word = outputConfig?.peek('effort')
  const effort = EFFORTS.find((known) => known === word)
  if (effort !== undefined) outputConfig?.value('effort')
  return effort
}

function readShow(reader: ObjectReader): ReasoningControl['show'] {
  const word = reader.peek('display')
  if (word !== 'summarized' && word !== 'omitted') return undefined
  reader.value('display')
  return word
}

const TYPES = { on: 'enabled', auto: 'adaptive', off: 'disabled' } as const

/** `thinking`; undefined where the request says nothing of it. */
export function printThinking(reasoning: ReasoningControl | undefined): JsonObject | undefined {
  if (reasoning?.mode === undefined) return undefined
  const own: Json | undefined = leftovers.shapeOf(reasoning)['type']
  return leftovers.printed(reasoning, {
    type: reasoning.mode === 'auto' ? (own ?? TYPES.auto) : TYPES[reasoning.mode],
    budget_tokens: reasoning.budgetTokens,
    display: reasoning.show,
  })
}
