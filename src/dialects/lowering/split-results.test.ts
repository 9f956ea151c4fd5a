// Results as messages of their own, and back into one.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Part } from '../../canonical/part.ts'
import type { ChatRequest, Turn } from '../../canonical/request.ts'
import { requestArbitrary, requestWith, text } from './request.arbitrary.ts'
import { splitResults } from './split-results.ts'

const split = splitResults()

function result(callId: string): Part {
  return { type: 'tool-result', callId, content: [text(callId)] }
}

function turnsAfter(...turns: readonly Turn[]): readonly Turn[] {
  return split(requestWith({ turns })).value.turns
}

function resultIds(request: ChatRequest): readonly string[] {
  return request.turns
    .flatMap((turn) => turn.parts)
    .flatMap((part) => (part.type === 'tool-result' ? [part.callId] : []))
}

describe('splitResults', () => {
  it('makes a tool turn of each result, before what else the user said', () => {
    const user: Turn = { role: 'user', name: 'ann', parts: [text('a'), result('1'), result('2')] }
    expect(turnsAfter(user)).toEqual([
      { role: 'tool', parts: [result('1')] },
      { role: 'tool', parts: [result('2')] },
      { role: 'user', name: 'ann', parts: [text('a')] },
    ])
  })

  it('leaves no empty user turn behind', () => {
    expect(turnsAfter({ role: 'user', parts: [result('1')] })).toEqual([
      { role: 'tool', parts: [result('1')] },
    ])
  })

  it('takes tool turns of several results apart, and leaves those of one', () => {
    const one: Turn = { role: 'tool', parts: [result('3')] }
    const turns = turnsAfter({ role: 'tool', parts: [result('1'), result('2')] }, one)
    expect(turns.map((turn) => turn.parts)).toEqual([[result('1')], [result('2')], [result('3')]])
    expect(turns[2]).toBe(one)
  })

  it('gives what else stands in a tool turn to the user', () => {
    expect(turnsAfter({ role: 'tool', parts: [result('1'), text('a')] })).toEqual([
      { role: 'tool', parts: [result('1')] },
      { role: 'user', parts: [text('a')] },
    ])
  })

  it('keeps every result in its order, one a turn', () => {
    fc.assert(
      fc.property(requestArbitrary, (request) => {
        const { value } = split(request)
        expect(resultIds(value)).toEqual(resultIds(request))
        for (const turn of value.turns) {
          const results = turn.parts.filter((part) => part.type === 'tool-result')
          expect(results).toHaveLength(turn.role === 'tool' ? 1 : 0)
        }
      }),
    )
  })
})
