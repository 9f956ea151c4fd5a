// Empty text.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { dropEmptyText } from './empties.ts'
import { requestArbitrary, requestWith, text } from './request.arbitrary.ts'

describe('dropEmptyText', () => {
  it('drops empty text, inside tool results too, and turns left without parts', () => {
    const { value, notes } = dropEmptyText()(
      requestWith({
        turns: [
          { role: 'user', parts: [text(''), text('a')] },
          { role: 'assistant', parts: [text('')] },
          { role: 'assistant', parts: [] },
          {
            role: 'tool',
            parts: [{ type: 'tool-result', callId: 'c', content: [text(''), text('b')] }],
          },
        ],
      }),
    )
    expect(value.turns).toEqual([
      { role: 'user', parts: [text('a')] },
      { role: 'tool', parts: [{ type: 'tool-result', callId: 'c', content: [text('b')] }] },
    ])
    expect(notes).toEqual([])
  })

  it('keeps white space, and an empty text that carries a seal', () => {
    const seal = { payload: 'p', format: 'f', origin: { dialect: 'alpha' } }
    const request = requestWith({
      turns: [{ role: 'user', parts: [text(' '), { ...text(''), seal }] }],
    })
    expect(dropEmptyText()(request).value).toBe(request)
  })

  it('keeps a tool result that has become empty: the call needs its answer', () => {
    const request = requestWith({
      turns: [{ role: 'tool', parts: [{ type: 'tool-result', callId: 'c', content: [text('')] }] }],
    })
    expect(dropEmptyText()(request).value.turns[0]?.parts).toEqual([
      { type: 'tool-result', callId: 'c', content: [] },
    ])
  })

  it('leaves no turn without parts', () => {
    fc.assert(
      fc.property(requestArbitrary, (request) => {
        const { turns } = dropEmptyText()(request).value
        expect(turns.filter((turn) => turn.parts.length === 0)).toEqual([])
      }),
    )
  })
})
