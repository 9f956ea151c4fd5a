// Instructions at the top.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Turn } from '../../canonical/request.ts'
import { hoistSystem } from './hoist-system.ts'
import { requestArbitrary, requestWith, text } from './request.arbitrary.ts'

function turn(role: Turn['role'], words: string): Turn {
  return { role, parts: [text(words)] }
}

describe('hoistSystem', () => {
  it('marks leading instructions as standing at the top, without a loss', () => {
    const { value, notes } = hoistSystem()(
      requestWith({ turns: [turn('system', 'a'), turn('developer', 'b'), turn('user', 'c')] }),
    )
    expect(value.turns).toEqual([
      { role: 'system', place: 'top', parts: [text('a')] },
      { role: 'system', place: 'top', parts: [text('b')] },
      turn('user', 'c'),
    ])
    expect(notes).toEqual([])
  })

  it('moves later ones to the front in their order, and notes each move', () => {
    const { value, notes } = hoistSystem()(
      requestWith({
        turns: [
          turn('user', 'a'),
          turn('system', 'b'),
          turn('assistant', 'c'),
          turn('developer', 'd'),
        ],
      }),
    )
    expect(value.turns.map((turn) => turn.parts)).toEqual([
      [text('b')],
      [text('d')],
      [text('a')],
      [text('c')],
    ])
    expect(notes).toMatchObject([
      { action: 'reordered', path: 'turns[1]', weight: 2 },
      { action: 'reordered', path: 'turns[3]', weight: 2 },
    ])
  })

  it('leaves nothing but top system turns at the front', () => {
    fc.assert(
      fc.property(requestArbitrary, (request) => {
        const { turns } = hoistSystem()(request).value
        const tops = turns.filter((turn) => turn.role === 'system' && turn.place === 'top')
        expect(turns.slice(0, tops.length)).toEqual(tops)
        expect(turns.slice(tops.length).map((turn) => turn.role)).not.toContain('system')
        expect(turns.map((turn) => turn.role)).not.toContain('developer')
        expect(turns).toHaveLength(request.turns.length)
      }),
    )
  })
})
