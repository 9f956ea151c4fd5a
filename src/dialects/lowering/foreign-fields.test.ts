// Unknown fields: every one is noted before it is lost.
import { describe, expect, it } from 'vitest'
import type { JsonObject } from '../../canonical/json.ts'
import type { Note } from '../../canonical/note.ts'
import { foreignFields } from './foreign-fields.ts'
import { requestWith, text } from './request.arbitrary.ts'

const toBeta = foreignFields({ dialect: 'beta' })

function unknown(fields: JsonObject): { extensions: { alpha: { fields: JsonObject } } } {
  return { extensions: { alpha: { fields } } }
}

function notesOf(fields: JsonObject): readonly Note[] {
  return toBeta(requestWith(unknown(fields))).notes
}

describe('foreignFields', () => {
  it('notes each unknown field by its name and path, on every kind of node', () => {
    const { notes } = toBeta(
      requestWith({
        ...unknown({ top: 1 }),
        turns: [
          {
            role: 'user',
            ...unknown({ turn: 1 }),
            parts: [
              {
                ...text('x'),
                ...unknown({ part: 1 }),
                citations: [{ kind: 'url', ...unknown({ citation: 1 }) }],
              },
              {
                type: 'tool-result',
                callId: 'c',
                content: [{ ...text('y'), ...unknown({ inside: 1 }) }],
              },
            ],
          },
        ],
        tools: [{ kind: 'function', name: 'f', ...unknown({ tool: 1 }) }],
        toolChoice: { mode: 'auto', ...unknown({ choice: 1 }) },
        reasoning: unknown({ thinking: 1 }),
        output: { format: { type: 'json', ...unknown({ format: 1 }) } },
      }),
    )
    expect(Object.fromEntries(notes.map((note) => [note.feature, note.path]))).toEqual({
      top: 'top',
      turn: 'turns[0].turn',
      part: 'turns[0].parts[0].part',
      citation: 'turns[0].parts[0].citations[0].citation',
      inside: 'turns[0].parts[1].content[0].inside',
      tool: 'tools[0].tool',
      choice: 'toolChoice.choice',
      thinking: 'reasoning.thinking',
      format: 'output.format.format',
    })
    expect(notes.every((note) => note.action === 'dropped' && note.weight === 1)).toBe(true)
  })

  it.each([[null], [''], [[]], [{}]])('weighs the empty value %j at nothing', (value) => {
    expect(notesOf({ field: value })).toMatchObject([{ feature: 'field', weight: 0 }])
  })

  it('weighs a field as its own dialect says, and as an advice where it says nothing', () => {
    const fields = { heavy: 'x', trace: 'y', other: 'z' }
    const weights = { heavy: 3, trace: 0 } as const
    const { notes } = toBeta(requestWith({ extensions: { alpha: { fields, weights } } }))
    expect(notes.map((note) => [note.feature, note.weight])).toEqual([
      ['heavy', 3],
      ['trace', 0],
      ['other', 1],
    ])
  })

  it('weighs a field with nothing in it at nothing, whatever its dialect says', () => {
    const extensions = { alpha: { fields: { heavy: '' }, weights: { heavy: 3 } as const } }
    expect(toBeta(requestWith({ extensions })).notes).toMatchObject([{ weight: 0 }])
  })

  it('weighs a field of 0 or false as a value', () => {
    expect(notesOf({ a: 0, b: false })).toMatchObject([{ weight: 1 }, { weight: 1 }])
  })

  it('keeps fields of its own dialect, and shapes of any', () => {
    const request = requestWith({
      extensions: {
        alpha: { shape: { singleStop: true } },
        beta: { fields: { own: 1 }, shape: {} },
      },
    })
    expect(toBeta(request).value).toBe(request)
  })

  it('takes the noted fields off, and nothing else', () => {
    const { value } = toBeta(
      requestWith({
        extensions: { alpha: { fields: { a: 1 }, shape: { s: true } }, beta: { fields: { b: 2 } } },
      }),
    )
    expect(value.extensions).toEqual({ alpha: { shape: { s: true } }, beta: { fields: { b: 2 } } })
  })
})
