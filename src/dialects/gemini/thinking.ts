// `thinkingConfig`: a budget of tokens for older models, a level for newer ones, and whether thoughts are shown.
import { compact } from '../../canonical/compact.ts'
import { EFFORTS, type ReasoningControl } from '../../canonical/request.ts'
import { type JsonObject, isObject } from '../../wire/json.ts'
import { leftovers } from './extension.ts'
import type { Fields } from './fields.ts'

/** The budget that leaves it to the model. */
export const DYNAMIC = -1

/** `config` is the reader of `thinkingConfig`; a level that is not known stays among its leftovers. */
export function decodeThinking(config: Fields | undefined): ReasoningControl | undefined {
  if (config === undefined) return undefined
  const budgetTokens = config.optionalNumber('thinkingBudget')
  const word = config.peek('thinkingLevel')
  const effort =
    typeof word === 'string' ? EFFORTS.find((known) => known === word.toLowerCase()) : undefined
  if (effort !== undefined) config.value('thinkingLevel')
  const thoughts = config.optionalBoolean('includeThoughts')
  const said = compact({
    mode: budgetTokens === undefined ? undefined : modeOf(budgetTokens),
    effort,
    budgetTokens,
    show:
      thoughts === undefined
        ? undefined
        : thoughts
          ? ('summarized' as const)
          : ('omitted' as const),
  })
  if (Object.keys(said).length === 0) return undefined
  const spelled = effort !== undefined && word !== effort.toUpperCase() ? word : undefined
  return { ...said, ...leftovers.keptFields(undefined, { level: spelled }) }
}

function modeOf(budgetTokens: number): 'off' | 'auto' | 'on' {
  if (budgetTokens === 0) return 'off'
  return budgetTokens < 0 ? 'auto' : 'on'
}

/** Undefined where nothing is to be said. */
export function encodeThinking(reasoning: ReasoningControl | undefined): JsonObject | undefined {
  if (reasoning === undefined) return undefined
  const { mode, effort, budgetTokens, show } = reasoning
  const { level } = leftovers.shapeOf(reasoning)
  const same = typeof level === 'string' && level.toLowerCase() === effort
  const config = compact({
    thinkingBudget: budgetTokens ?? (mode === 'off' && effort === undefined ? 0 : undefined),
    thinkingLevel: same ? level : effort?.toUpperCase(),
    includeThoughts: show === undefined ? undefined : show === 'summarized',
  })
  return isObject(config) && Object.keys(config).length > 0 ? config : undefined
}
