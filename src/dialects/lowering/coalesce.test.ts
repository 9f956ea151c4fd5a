// Assistant turns in a row.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Part } from '../../canonical/part.ts'
import type { Turn } from '../../canonical/request.ts'
import { coalesce } from './coalesce.ts'
import { requestArbitrary, requestWith, text } from './request.arbitrary.ts'

const thought: Part = { type: 'reasoning', text: 'hm' }

function call(callId: string): Part {
  return { type: 'tool-call', callId, kind: 'function', name: 'f', arguments: { text: '{}' } }
}

function assistant(...parts: readonly Part[]): Turn {
  return { role: 'assistant', parts }
}

describe('coalesce', () => {
  it('merges assistant turns in a row: thinking, words, calls', () => {
    const { value, notes } = coalesce()(
      requestWith({
        turns: [
          assistant(thought),
          assistant(text('a'), call('1')),
          assistant(text('b'), call('2')),
        ],
      }),
    )
    expect(value.turns).toEqual([assistant(thought, text('a'), text('b'), call('1'), call('2'))])
    expect(notes).toMatchObject([
      { action: 'merged', path: 'turns[1]', weight: 0 },
      { action: 'merged', path: 'turns[2]', weight: 0 },
    ])
  })

  it('puts thinking of a later turn before what was said earlier', () => {
    const request = requestWith({ turns: [assistant(text('a')), assistant(thought, text('b'))] })
    expect(coalesce()(request).value.turns).toEqual([assistant(thought, text('a'), text('b'))])
  })

  it('leaves every part where it was said when told to', () => {
    const request = requestWith({
      turns: [assistant(thought, call('1')), assistant(thought, text('b'))],
    })
    expect(coalesce({ order: 'as-said' })(request).value.turns).toEqual([
      assistant(thought, call('1'), thought, text('b')),
    ])
  })

  it('does not reorder a turn that stands alone', () => {
    const request = requestWith({ turns: [assistant(call('1'), text('a'), thought)] })
    expect(coalesce()(request).value).toBe(request)
  })

  it('does not merge across another turn, nor turns of the user', () => {
    const user: Turn = { role: 'user', parts: [text('x')] }
    const request = requestWith({ turns: [assistant(text('a')), user, user, assistant(text('b'))] })
    expect(coalesce()(request).value).toBe(request)
  })

  it('leaves no two assistant turns in a row, and loses no part', () => {
    fc.assert(
      fc.property(requestArbitrary, (request) => {
        const { turns } = coalesce()(request).value
        const roles = turns.map((turn) => turn.role)
        expect(
          roles.some((role, at) => role === 'assistant' && roles[at + 1] === 'assistant'),
        ).toBe(false)
        const parts = request.turns.flatMap((turn) => turn.parts)
        const kept = new Set(turns.flatMap((turn) => turn.parts))
        expect(parts.filter((part) => !kept.has(part))).toEqual([])
      }),
    )
  })
})
