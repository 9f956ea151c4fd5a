// Neighbours of one role become one turn.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { alternate } from './alternate.ts'
import { requestArbitrary, requestWith, text, visibleText } from './request.arbitrary.ts'

describe('alternate', () => {
  it('merges neighbours of the same role, parts in their order', () => {
    const { value, notes } = alternate()(
      requestWith({
        turns: [
          { role: 'user', parts: [text('a')] },
          { role: 'user', parts: [text('b'), text('c')] },
          { role: 'assistant', parts: [text('d')] },
          { role: 'user', parts: [text('e')] },
        ],
      }),
    )
    expect(value.turns).toEqual([
      { role: 'user', parts: [text('a'), text('b'), text('c')] },
      { role: 'assistant', parts: [text('d')] },
      { role: 'user', parts: [text('e')] },
    ])
    expect(notes).toMatchObject([
      { action: 'merged', feature: 'user_turns', path: 'turns[1]', weight: 0 },
    ])
  })

  it('keeps instructions at the top apart from those between, and people by their names', () => {
    const request = requestWith({
      turns: [
        { role: 'system', place: 'top', parts: [text('a')] },
        { role: 'system', parts: [text('b')] },
        { role: 'user', name: 'ann', parts: [text('c')] },
        { role: 'user', name: 'bob', parts: [text('d')] },
      ],
    })
    expect(alternate()(request).value).toBe(request)
  })

  it('leaves no neighbours to merge, loses no text, and changes nothing the second time', () => {
    fc.assert(
      fc.property(requestArbitrary, (request) => {
        const { value } = alternate()(request)
        expect(visibleText(value)).toBe(visibleText(request))
        expect(alternate()(value)).toEqual({ value, notes: [] })
      }),
    )
  })
})
