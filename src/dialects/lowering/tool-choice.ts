// How the model must choose among the tools, for targets that cannot be told everything.
import type { Note, NoteWeight } from '../../canonical/note.ts'
import type { ChatRequest } from '../../canonical/request.ts'
import { type Pass, runPasses, unchanged } from './pass.ts'
import { omit } from './rewrite.ts'

export interface ToolChoiceRules {
  /** The target can be told to call some tool. */
  readonly required: boolean
  /** The target can be told to call this one tool. */
  readonly named: boolean
  /** The target can be told which of several tools may be called; else the others are not offered. */
  readonly subset?: boolean
  /** `strip`: no tools are offered when none may be called. */
  readonly none: 'native' | 'strip'
  /** Whether the target can be told to make one call at a time. */
  readonly parallel: 'native' | 'drop'
}

/** Says a choice by filtering the tools where the target has no word for it, and drops what cannot be said. */
export function toolChoice(rules: ToolChoiceRules): Pass {
  return (request) =>
    runPasses(request, [
      (request) => withoutNone(request, rules),
      (request) => withoutOnly(request, rules),
      (request) => withoutRequired(request, rules),
      (request) => withoutParallel(request, rules),
    ])
}

/** Without tools there is nothing to choose; some clients say a choice all the same, and some targets refuse it. */
export const idleChoice: Pass = (request) => {
  const { tools = [], toolChoice: choice, parallelToolCalls: parallel } = request
  const idle = tools.length === 0 && choice?.mode !== 'required'
  if (!idle || (choice === undefined && parallel === undefined)) return unchanged(request)
  const path = choice === undefined ? 'parallelToolCalls' : 'toolChoice'
  const note: Note = {
    action: 'dropped',
    feature: 'tool_choice',
    path,
    weight: 0,
    reason: 'there are no tools to choose among',
  }
  return { value: omit(request, ['toolChoice', 'parallelToolCalls']), notes: [note] }
}

type Step = (request: ChatRequest, rules: ToolChoiceRules) => ReturnType<Pass>

const withoutNone: Step = (request, rules) => {
  if (rules.none === 'native' || request.toolChoice?.mode !== 'none') return unchanged(request)
  return {
    value: omit(request, ['tools', 'toolChoice']),
    notes: [approximated(1, 'the target has no "none": no tools are offered instead')],
  }
}

const withoutOnly: Step = (request, rules) => {
  const choice = request.toolChoice
  const only = choice?.only
  if (choice === undefined || only === undefined) return unchanged(request)
  const named = choice.mode === 'required' && only.length === 1
  if (named ? rules.named : rules.subset === true) return unchanged(request)
  const forced = choice.mode !== 'required' || rules.required
  const tools = (request.tools ?? []).filter((tool) => only.includes(tool.name))
  const mode = forced ? choice.mode : ('auto' as const)
  return {
    value: { ...request, tools, toolChoice: { ...omit(choice, ['only']), mode } },
    notes: [
      approximated(
        forced ? 2 : 3,
        forced
          ? 'the target cannot be told which tools: only those are offered'
          : 'the target cannot be made to call a tool: only those that may be called are offered',
      ),
    ],
  }
}

const withoutRequired: Step = (request, rules) => {
  if (rules.required || request.toolChoice?.mode !== 'required') return unchanged(request)
  const { only } = request.toolChoice
  if (only?.length === 1 && rules.named) return unchanged(request)
  const note: Note = {
    action: 'dropped',
    feature: 'tool_choice',
    path: 'toolChoice',
    weight: 3,
    reason: 'the target cannot be made to call a tool',
  }
  return { value: omit(request, ['toolChoice']), notes: [note] }
}

const withoutParallel: Step = (request, rules) => {
  if (rules.parallel === 'native' || request.parallelToolCalls !== false) return unchanged(request)
  const some = request.tools !== undefined && request.tools.length > 0
  const note: Note = {
    action: 'dropped',
    feature: 'parallel_tool_calls',
    path: 'parallelToolCalls',
    weight: some ? 2 : 0,
    reason: 'the target cannot be told to make one call at a time',
  }
  return { value: omit(request, ['parallelToolCalls']), notes: [note] }
}

function approximated(weight: NoteWeight, reason: string): Note {
  return { action: 'approximated', feature: 'tool_choice', path: 'toolChoice', weight, reason }
}
