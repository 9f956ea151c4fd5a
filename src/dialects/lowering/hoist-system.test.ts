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

  it('leaves later ones where they are, as marked user turns, and notes each', () => {
    const turns = [turn('user', 'a'), turn('system', 'b'), turn('developer', 'd')]
    const { value, notes } = hoistSystem()(requestWith({ turns }))
    expect(value.turns).toEqual([
      turn('user', 'a'),
      { role: 'user', parts: [text('<system>'), text('b'), text('</system>')] },
      { role: 'user', parts: [text('<system>'), text('d'), text('</system>')] },
    ])
    expect(notes).toMatchObject([
      { action: 'approximated', path: 'turns[1]', weight: 2 },
      { action: 'approximated', path: 'turns[2]', weight: 2 },
    ])
  })

  it('leaves later ones as system turns where the target takes them', () => {
    const turns = [turn('system', 'a'), turn('user', 'b'), turn('developer', 'c')]
    const { value, notes } = hoistSystem({ later: 'native' })(requestWith({ turns }))
    expect(value.turns.map(({ role, place }) => [role, place])).toEqual([
      ['system', 'top'],
      ['user', undefined],
      ['system', undefined],
    ])
    expect(notes).toEqual([])
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
