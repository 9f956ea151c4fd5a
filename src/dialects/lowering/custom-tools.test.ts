// Free-text tools as functions, and back.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Part } from '../../canonical/part.ts'
import type { CustomTool } from '../../canonical/tool.ts'
import { customTools, restoreCustomCall } from './custom-tools.ts'
import { requestArbitrary, requestWith } from './request.arbitrary.ts'

const patch: CustomTool = { kind: 'custom', name: 'patch', description: 'Apply a patch.' }

function call(text: string): Part {
  return { type: 'tool-call', callId: 'c', kind: 'custom', name: 'patch', arguments: { text } }
}

describe('customTools', () => {
  it('makes a function of one string and remembers that it did', () => {
    const { value, notes } = customTools()(requestWith({ tools: [patch] }))
    expect(value.tools).toEqual([
      {
        kind: 'function',
        name: 'patch',
        description: 'Apply a patch.',
        parameters: {
          type: 'object',
          properties: { input: { type: 'string' } },
          required: ['input'],
          additionalProperties: false,
        },
      },
    ])
    expect(value.wrappedTools).toEqual(['patch'])
    expect(notes).toMatchObject([{ action: 'approximated', path: 'tools[0]', weight: 2 }])
  })

  it('adds to what is already remembered', () => {
    const { value } = customTools()(
      requestWith({ tools: [patch, { ...patch, name: 'sql' }], wrappedTools: ['patch', 'shell'] }),
    )
    expect(value.wrappedTools).toEqual(['patch', 'shell', 'sql'])
  })

  it('tells the grammar in the description, since the target cannot hold the model to it', () => {
    const grammar: CustomTool = { ...patch, format: { syntax: 'lark', definition: 'start: "x"' } }
    const free: CustomTool = { ...patch, format: { syntax: 'text' } }
    const { value, notes } = customTools()(requestWith({ tools: [grammar, free] }))
    expect(notes.map((note) => note.weight)).toEqual([2, 2])
    expect(value.tools).toMatchObject([
      { description: expect.stringMatching(/^Apply a patch\.\n\n.*lark grammar:\nstart: "x"$/s) },
      { description: 'Apply a patch.' },
    ])
  })

  it('wraps calls in the history', () => {
    const { value } = customTools()(
      requestWith({ turns: [{ role: 'assistant', parts: [call('*** "x"')] }] }),
    )
    expect(value.turns[0]?.parts).toEqual([
      {
        type: 'tool-call',
        callId: 'c',
        kind: 'function',
        name: 'patch',
        arguments: { text: '{"input":"*** \\"x\\""}', json: { input: '*** "x"' } },
      },
    ])
  })

  it('leaves no custom tool or call', () => {
    fc.assert(
      fc.property(requestArbitrary, (request) => {
        const { value } = customTools()(request)
        const parts = value.turns.flatMap((turn) => turn.parts)
        const kinds = [...parts, ...(value.tools ?? [])].map((item) => 'kind' in item && item.kind)
        expect(kinds).not.toContain('custom')
      }),
    )
  })
})

describe('restoreCustomCall', () => {
  it('undoes the wrapping of any text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const wrapped = customTools()(
          requestWith({ turns: [{ role: 'assistant', parts: [call(text)] }] }),
        ).value.turns[0]?.parts[0]
        expect(wrapped && restoreCustomCall(wrapped, ['patch'])).toEqual(call(text))
      }),
    )
  })

  it.each([{ patch: 'p' }, { command: ['apply_patch', 'p'] }])(
    'reads %j as the text it wraps',
    (json) => {
      const text = JSON.stringify(json)
      const wrapped: Part = {
        type: 'tool-call',
        callId: 'c',
        kind: 'function',
        name: 'patch',
        arguments: { text, json },
      }
      expect(restoreCustomCall(wrapped, ['patch'])).toEqual(call('p'))
    },
  )

  it('keeps the text of a call that did not keep to the wrapping', () => {
    const odd: Part = {
      type: 'tool-call',
      callId: 'c',
      kind: 'function',
      name: 'patch',
      arguments: { text: '{"path":1}', json: { path: 1 } },
    }
    expect(restoreCustomCall(odd, ['patch'])).toEqual(call('{"path":1}'))
  })

  it('leaves functions and other parts as they are', () => {
    const part: Part = {
      type: 'tool-call',
      callId: 'c',
      kind: 'function',
      name: 'look',
      arguments: { text: '{}' },
    }
    expect(restoreCustomCall(part, ['patch'])).toBe(part)
    expect(restoreCustomCall(part, undefined)).toBe(part)
    const words: Part = { type: 'text', text: 'patch' }
    expect(restoreCustomCall(words, ['patch'])).toBe(words)
  })
})
