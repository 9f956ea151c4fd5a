// How much to think, in the words that the target's generation of models knows.
import { compact } from '../../canonical/compact.ts'
import type { Lowered, Note } from '../../canonical/note.ts'
import type { ChatRequest, ReasoningControl } from '../../canonical/request.ts'
import { outputLimit } from '../lowering/output-limit.ts'
import type { Pass } from '../lowering/pass.ts'
import { DEFAULT_EFFORT, budgetOfEffort, reasoning } from '../lowering/reasoning.ts'
import { omit } from '../lowering/rewrite.ts'
import type { MessageFlags } from './flags.ts'
import { leftovers } from './extension.ts'
import { DIALECT } from './wire-types.ts'

/** A limit where the client gave none, with room for the thinking that it asked for. */
export function thinkingLimit(flags: MessageFlags): Pass {
  return (request) => {
    const required = flags.defaultMaxTokens + thinkingTokens(request, flags)
    return outputLimit({ required })(request)
  }
}

function thinkingTokens({ reasoning: asked }: ChatRequest, flags: MessageFlags): number {
  if (asked === undefined || asked.mode === 'off' || !speaksBudget(asked, flags)) return 0
  if (asked.budgetTokens !== undefined) return Math.max(0, asked.budgetTokens)
  if (asked.effort === undefined && asked.mode === undefined) return 0
  return budgetOfEffort(asked.effort ?? DEFAULT_EFFORT, undefined)
}

/** Says thinking by a budget or by a word, whichever the target takes. */
export function thinkingFor(flags: MessageFlags): Pass {
  return (request) => {
    const { reasoning: asked } = request
    if (asked === undefined) return { value: request, notes: [] }
    if (flags.thinking === 'none') return withoutThinking(request, asked)
    if (request.origin.dialect !== DIALECT && onlyShown(asked)) return unshown(request, asked)
    if (isSaid(request, asked, flags)) return { value: request, notes: [] }
    if (speaksBudget(asked, flags)) {
      return reasoning({ speaks: 'budget', efforts: [], show: 'native' })(request)
    }
    const lowered = reasoning({ speaks: 'level', efforts: flags.efforts, show: 'native' })(request)
    return { ...lowered, value: leftToModel(lowered.value) }
  }
}

/** Whether only the display was asked for, of thinking that goes on anyway elsewhere. */
function onlyShown({ mode, effort, budgetTokens, show }: ReasoningControl): boolean {
  return (
    show !== undefined && mode === undefined && effort === undefined && budgetTokens === undefined
  )
}

function unshown(request: ChatRequest, { show }: ReasoningControl): Lowered<ChatRequest> {
  const note: Note = {
    action: 'dropped',
    feature: 'reasoning_display',
    path: 'reasoning.show',
    weight: show === 'omitted' ? 0 : 1,
    reason: 'the target does not think unless it is asked to, so that there is nothing to show',
  }
  return { value: omit(request, ['reasoning']), notes: [note] }
}

/** This wire's own words stay as long as the target takes them. */
function isSaid(
  { origin, maxOutputTokens }: ChatRequest,
  { mode, effort, budgetTokens, ...node }: ReasoningControl,
  { thinking, efforts }: MessageFlags,
): boolean {
  const wordKnown =
    effort === undefined ||
    (effort !== 'none' && (efforts.length === 0 || efforts.includes(effort)))
  if (!wordKnown) return false
  if (mode === undefined) return origin.dialect === DIALECT && budgetTokens === undefined
  if (mode === 'off') return budgetTokens === undefined
  if (mode === 'auto') {
    const newer = leftovers.shapeOf(node)['type'] !== undefined
    return thinking !== 'budget' && (budgetTokens === undefined || newer)
  }
  if (thinking === 'adaptive' || budgetTokens === undefined || budgetTokens < 1024) return false
  return maxOutputTokens === undefined || budgetTokens < maxOutputTokens
}

/** Of two ways the newer one, where its words are known; a budget that the client named is kept where it can be. */
function speaksBudget({ mode, budgetTokens }: ReasoningControl, flags: MessageFlags): boolean {
  if (flags.thinking !== 'both') return flags.thinking === 'budget'
  return flags.efforts.length === 0 || (mode === 'on' && budgetTokens !== undefined)
}

function leftToModel(request: ChatRequest): ChatRequest {
  const { reasoning: said } = request
  if (said === undefined || said.mode === 'off' || said.mode === 'auto') return request
  return { ...request, reasoning: { ...said, mode: 'auto' } }
}

function withoutThinking(request: ChatRequest, asked: ReasoningControl) {
  const wanted = asked.mode !== 'off' && asked.effort !== 'none'
  const note: Note = {
    action: 'dropped',
    feature: 'reasoning',
    path: 'reasoning',
    weight: wanted ? 2 : 0,
    reason: 'the model cannot think aloud',
  }
  return { value: omit(request, ['reasoning']), notes: [note] }
}

/** A budget and a forced call exclude each other: the call is what a client that did not know relies on. */
export function forcedChoice({ forcedWhileAdaptive }: MessageFlags): Pass {
  return (request) => {
    const { origin, reasoning: asked, toolChoice } = request
    const excluded = asked?.mode === 'on' || (asked?.mode === 'auto' && !forcedWhileAdaptive)
    const settled = origin.dialect === DIALECT || !excluded || toolChoice?.mode !== 'required'
    return settled ? { value: request, notes: [] } : unthinking(request, asked)
  }
}

function unthinking(request: ChatRequest, asked: ReasoningControl): Lowered<ChatRequest> {
  const note: Note = {
    action: 'dropped',
    feature: 'reasoning',
    path: 'reasoning',
    weight: 2,
    reason: 'the target cannot think and be made to call a tool',
  }
  const off: ReasoningControl = compact({ mode: 'off' as const, effort: asked.effort })
  return { value: { ...request, reasoning: off }, notes: [note] }
}
