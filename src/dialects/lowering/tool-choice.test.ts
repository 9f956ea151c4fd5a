// Tool choice on targets that cannot be told everything.
import { describe, expect, it } from 'vitest'
import type { ChatRequest } from '../../canonical/request.ts'
import type { ToolChoice } from '../../canonical/tool.ts'
import { requestWith } from './request.arbitrary.ts'
import { type ToolChoiceRules, idleChoice, toolChoice } from './tool-choice.ts'

const ALL: ToolChoiceRules = { required: true, named: true, none: 'native', parallel: 'native' }
const NOTHING: ToolChoiceRules = {
  required: false,
  named: false,
  none: 'strip',
  parallel: 'drop',
}

function asking(choice: ToolChoice, more: Partial<ChatRequest> = {}): ChatRequest {
  return requestWith({
    tools: [
      { kind: 'function', name: 'look' },
      { kind: 'function', name: 'find' },
      { kind: 'function', name: 'read' },
    ],
    toolChoice: choice,
    ...more,
  })
}

function after(
  rules: ToolChoiceRules,
  choice: ToolChoice,
): { tools: readonly string[]; choice: ToolChoice | undefined; notes: readonly string[] } {
  const { value, notes } = toolChoice(rules)(asking(choice))
  return {
    tools: (value.tools ?? []).map((tool) => tool.name),
    choice: value.toolChoice,
    notes: notes.map((note) => `${note.action} ${note.feature} ${note.weight}`),
  }
}

describe('toolChoice', () => {
  it.each<ToolChoice>([
    { mode: 'auto' },
    { mode: 'none' },
    { mode: 'required' },
    { mode: 'required', only: ['look'] },
  ])('leaves %j to a target that knows it', (choice) => {
    const request = asking(choice, { parallelToolCalls: false })
    expect(toolChoice(ALL)(request).value).toBe(request)
  })

  it('offers only the tools of a subset', () => {
    expect(after(ALL, { mode: 'required', only: ['find', 'look'] })).toEqual({
      tools: ['look', 'find'],
      choice: { mode: 'required' },
      notes: ['approximated tool_choice 2'],
    })
    expect(after(NOTHING, { mode: 'auto', only: ['find'] })).toEqual({
      tools: ['find'],
      choice: { mode: 'auto' },
      notes: ['approximated tool_choice 2'],
    })
  })

  it('leaves a subset to a target that knows subsets', () => {
    const request = asking({ mode: 'auto', only: ['find', 'look'] })
    expect(toolChoice({ ...ALL, subset: true })(request).value).toBe(request)
  })

  it('offers only the named tool where a call cannot be forced, a loss of meaning', () => {
    expect(after(NOTHING, { mode: 'required', only: ['find'] })).toEqual({
      tools: ['find'],
      choice: { mode: 'auto' },
      notes: ['approximated tool_choice 3'],
    })
  })

  it('forces a call of the one tool offered where names cannot be said but a call can be forced', () => {
    expect(after({ ...ALL, named: false }, { mode: 'required', only: ['find'] })).toEqual({
      tools: ['find'],
      choice: { mode: 'required' },
      notes: ['approximated tool_choice 2'],
    })
  })

  it('drops a required call that cannot be forced, a loss of meaning', () => {
    expect(after(NOTHING, { mode: 'required' })).toEqual({
      tools: ['look', 'find', 'read'],
      choice: undefined,
      notes: ['dropped tool_choice 3'],
    })
  })

  it('drops a required call, but not a named one, where only names can be forced', () => {
    const rules: ToolChoiceRules = { ...ALL, required: false }
    expect(after(rules, { mode: 'required' }).notes).toEqual(['dropped tool_choice 3'])
    expect(after(rules, { mode: 'required', only: ['look'] }).notes).toEqual([])
  })

  it('offers no tools where none may be called and that cannot be said', () => {
    expect(after(NOTHING, { mode: 'none' })).toEqual({
      tools: [],
      choice: undefined,
      notes: ['approximated tool_choice 1'],
    })
  })

  it('drops the wish for one call at a time where it cannot be said, and never notes the usual', () => {
    const off = toolChoice(NOTHING)(asking({ mode: 'auto' }, { parallelToolCalls: false }))
    expect(off.value).not.toHaveProperty('parallelToolCalls')
    expect(off.notes).toMatchObject([{ action: 'dropped', path: 'parallelToolCalls', weight: 2 }])
    const on = toolChoice(NOTHING)(asking({ mode: 'auto' }, { parallelToolCalls: true }))
    expect(on.notes).toEqual([])
  })
})

describe('a choice among no tools', () => {
  it('is left out, and said, since some targets refuse it', () => {
    const asked = requestWith({ toolChoice: { mode: 'auto' }, parallelToolCalls: true })
    const { value, notes } = idleChoice(asked)
    expect(value).toEqual(requestWith({}))
    expect(notes).toMatchObject([{ action: 'dropped', feature: 'tool_choice', weight: 0 }])
  })
})
