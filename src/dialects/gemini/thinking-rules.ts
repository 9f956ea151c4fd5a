// How much to think, said to a model in the one way it knows.
import type { Note } from '../../canonical/note.ts'
import type { ReasoningControl } from '../../canonical/request.ts'
import { type Pass, runPasses, unchanged } from '../lowering/pass.ts'
import { reasoning } from '../lowering/reasoning.ts'
import { omit } from '../lowering/rewrite.ts'
import type { GeminiFlags } from './flags.ts'
import { DYNAMIC } from './thinking.ts'

/** Run after the output limit is known: a budget must stay below it. */
export function thinkingRules(flags: GeminiFlags): Pass {
  return (request) => {
    const { reasoning: asked } = request
    if (asked === undefined) return unchanged(request)
    if (flags.thinking === 'none') {
      const silent = asked.mode === 'off' || asked.effort === 'none'
      const note = dropped('the model cannot be told how to think', silent ? 0 : 2)
      return { value: omit(request, ['reasoning']), notes: [note] }
    }
    const said = flags.thinking === 'level' ? level(flags) : budget(flags)
    return runPasses(request, [shown, said])
  }
}

/** Thinking of a newer model cannot be turned off: the lowest level is the nearest to it. */
function level({ levels }: GeminiFlags): Pass {
  return (request) => {
    if (request.reasoning === undefined || leftToModel(request.reasoning)) {
      return withControl(request, (asked) => omit(asked, ['mode', 'budgetTokens']))
    }
    return reasoning({ speaks: 'effort', efforts: levels, show: 'native' })(request)
  }
}

function budget(flags: GeminiFlags): Pass {
  return (request) => {
    const { reasoning: asked } = request
    if (asked === undefined) return unchanged(request)
    if (leftToModel(asked)) {
      return withControl(request, (asked) => ({ ...asked, mode: 'auto', budgetTokens: DYNAMIC }))
    }
    const table = {
      speaks: 'budget',
      efforts: [],
      minBudget: flags.minBudget,
      show: 'native',
    } as const
    const lowered = reasoning(table)(request)
    if (lowered.value.reasoning?.mode !== 'off') return lowered
    if (flags.thinkingOff) {
      return {
        ...withControl(lowered.value, (off) => ({ ...off, budgetTokens: 0 })),
        notes: lowered.notes,
      }
    }
    const least: Note = {
      ...dropped('the model cannot be told not to think', 2),
      action: 'clamped',
      to: flags.minBudget,
    }
    const { value } = withControl(lowered.value, (off) => ({
      ...off,
      mode: 'on',
      budgetTokens: flags.minBudget,
    }))
    return { value, notes: [...lowered.notes, least] }
  }
}

/** Neither a word nor a number: the model decides, or only the display was asked for. */
function leftToModel({ mode, effort, budgetTokens }: ReasoningControl): boolean {
  if (effort !== undefined) return false
  return mode === 'auto' || (budgetTokens !== undefined && budgetTokens < 0)
}

/** Thoughts come only when they are asked for; other wires send them unless they are told not to. */
const shown: Pass = (request) => {
  const asked = request.reasoning
  if (asked === undefined || asked.show !== undefined) return unchanged(request)
  const silent = asked.mode === 'off' || asked.effort === 'none' || asked.budgetTokens === 0
  return withControl(request, (asked) => ({ ...asked, show: silent ? 'omitted' : 'summarized' }))
}

function withControl(
  request: Parameters<Pass>[0],
  change: (asked: ReasoningControl) => ReasoningControl,
): ReturnType<Pass> {
  const { reasoning: asked } = request
  return asked === undefined
    ? unchanged(request)
    : { value: { ...request, reasoning: change(asked) }, notes: [] }
}

function dropped(reason: string, weight: Note['weight']): Note {
  return { action: 'dropped', feature: 'reasoning_effort', path: 'reasoning', weight, reason }
}
