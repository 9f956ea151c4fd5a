// Arguments of calls for wires that have objects only.
import { describe, expect, it } from 'vitest'
import type { Lowered } from '../../canonical/note.ts'
import type { ToolCallPart } from '../../canonical/part.ts'
import type { ChatRequest } from '../../canonical/request.ts'
import { argumentsObject, argumentsOf, objectArguments } from './object-arguments.ts'
import { requestWith } from './request.arbitrary.ts'

function call(text: string, more: Partial<ToolCallPart> = {}): ToolCallPart {
  const base = { type: 'tool-call', callId: 'c', kind: 'function', name: 'f' } as const
  return { ...base, arguments: { text }, ...more }
}

function lowered(part: ToolCallPart): Lowered<ChatRequest> {
  return objectArguments()(requestWith({ turns: [{ role: 'assistant', parts: [part] }] }))
}

describe('argumentsObject', () => {
  it.each([
    ['{"a":1}', { a: 1 }, true],
    ['', {}, true],
    ['  ', {}, true],
    ['[1]', { value: [1] }, false],
    ['null', { value: 'null' }, false],
    ['{"a":', { value: '{"a":' }, false],
  ])('makes of %j %j', (text, value, exact) => {
    expect(argumentsObject(call(text))).toEqual({ value, exact })
  })

  it('has the text of a custom tool under "input"', () => {
    expect(argumentsObject(call('free', { kind: 'custom' })).value).toEqual({ input: 'free' })
  })

  it('prefers the JSON that was read already', () => {
    expect(argumentsObject(call('x', { arguments: { text: 'x', json: { b: 2 } } }))).toEqual({
      value: { b: 2 },
      exact: true,
    })
  })
})

describe('objectArguments', () => {
  it('notes arguments that were no object, and no others', () => {
    const { value, notes } = lowered(call('{"a":'))
    expect(value.turns[0]?.parts[0]).toMatchObject({ arguments: argumentsOf({ value: '{"a":' }) })
    expect(notes).toMatchObject([{ path: 'turns[0].parts[0].arguments', weight: 2 }])
    expect(lowered(call('')).notes).toEqual([])
  })

  it('leaves custom calls to the pass that wraps them', () => {
    const request = lowered(call('free', { kind: 'custom' })).value
    expect(request.turns[0]?.parts[0]).toEqual(call('free', { kind: 'custom' }))
  })
})
