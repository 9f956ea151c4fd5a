// Results in the user's next message, all at once and first.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Part } from '../../canonical/part.ts'
import type { Turn } from '../../canonical/request.ts'
import { joinResults } from './join-results.ts'
import { requestArbitrary, requestWith, text } from './request.arbitrary.ts'
import { splitResults } from './split-results.ts'

const join = joinResults()

function result(callId: string): Part {
  return { type: 'tool-result', callId, content: [] }
}

function tool(...ids: readonly string[]): Turn {
  return { role: 'tool', parts: ids.map(result) }
}

function turnsAfter(...turns: readonly Turn[]): readonly Turn[] {
  return join(requestWith({ turns })).value.turns
}

describe('joinResults', () => {
  it('makes one user turn of adjacent tool turns and the user turn after them', () => {
    const user: Turn = { role: 'user', name: 'ann', parts: [text('and now?')] }
    expect(turnsAfter(tool('1'), tool('2', '3'), user)).toEqual([
      { ...user, parts: [result('1'), result('2'), result('3'), text('and now?')] },
    ])
  })

  it('makes a user turn of its own where none follows', () => {
    const assistant: Turn = { role: 'assistant', parts: [text('ok')] }
    expect(turnsAfter(tool('1'), assistant, tool('2'))).toEqual([
      { role: 'user', parts: [result('1')] },
      assistant,
      { role: 'user', parts: [result('2')] },
    ])
  })

  it('does not join the user turn before, nor a second one after', () => {
    const user: Turn = { role: 'user', parts: [text('x')] }
    expect(turnsAfter(user, tool('1'), user, user)).toEqual([
      user,
      { role: 'user', parts: [result('1'), text('x')] },
      user,
    ])
  })

  it('puts results first in a user turn that has them elsewhere', () => {
    expect(turnsAfter({ role: 'user', parts: [text('a'), result('1'), text('b')] })).toEqual([
      { role: 'user', parts: [result('1'), text('a'), text('b')] },
    ])
  })

  it('leaves no tool turn, and results before all else in every user turn', () => {
    fc.assert(
      fc.property(requestArbitrary, (request) => {
        for (const turn of join(request).value.turns) {
          expect(turn.role).not.toBe('tool')
          if (turn.role !== 'user') continue
          const isResult = turn.parts.map((part) => part.type === 'tool-result')
          expect(isResult).toEqual(isResult.toSorted((left, right) => Number(right) - Number(left)))
        }
      }),
    )
  })

  it('undoes a split of turns that were joined', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom('1', '2', '3')), (ids) => {
        const joined = requestWith({
          turns: [{ role: 'user', parts: [...ids.map(result), text('x')] }],
        })
        expect(join(splitResults()(joined).value).value).toEqual(joined)
      }),
    )
  })
})
