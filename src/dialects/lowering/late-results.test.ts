// Results on their way back to their calls.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Part } from '../../canonical/part.ts'
import type { Turn } from '../../canonical/request.ts'
import { lateResults } from './late-results.ts'
import { requestArbitrary, requestWith, text } from './request.arbitrary.ts'
import { splitResults } from './split-results.ts'

function asks(...ids: readonly string[]): Turn {
  const parts = ids.map((callId): Part => ({
    type: 'tool-call',
    callId,
    kind: 'function',
    name: 'f',
    arguments: { text: '{}' },
  }))
  return { role: 'assistant', parts }
}

function answers(callId: string, words = callId): Turn {
  return { role: 'tool', parts: [{ type: 'tool-result', callId, content: [text(words)] }] }
}

function says(words: string): Turn {
  return { role: 'user', parts: [text(words)] }
}

function moved(...turns: readonly Turn[]) {
  return lateResults()(requestWith({ turns }))
}

describe('lateResults', () => {
  it('moves a result over what was said between to its call, with a note', () => {
    const { value, notes } = moved(
      asks('a', 'b'),
      answers('a'),
      says('wait'),
      answers('b'),
      says('go'),
    )
    expect(value.turns).toEqual([
      asks('a', 'b'),
      answers('b'),
      answers('a'),
      says('wait'),
      says('go'),
    ])
    expect(notes).toMatchObject([
      { action: 'reordered', path: 'turns[3].parts[0]', weight: 1, from: 'b' },
    ])
  })

  it('leaves what comes late for a call that has its result', () => {
    const request = requestWith({
      turns: [asks('a'), answers('a', '1'), says('x'), answers('a', '2')],
    })
    expect(lateResults()(request).value).toBe(request)
  })

  it('matches ids by their last call, and each of two calls of one id with a result of its own', () => {
    for (const turns of [
      [asks('a'), answers('a', '1'), asks('a'), answers('a', '2')],
      [asks('a', 'a'), answers('a', '1'), answers('a', '2')],
      [asks('a'), asks('b'), answers('a'), answers('b')],
    ]) {
      const request = requestWith({ turns })
      expect(lateResults()(request).value).toBe(request)
    }
  })

  it('leaves results without a call to others', () => {
    const request = requestWith({ turns: [says('x'), answers('a'), asks('a')] })
    expect(lateResults()(request).value).toBe(request)
  })

  it('loses no part, and does nothing the second time', () => {
    fc.assert(
      fc.property(requestArbitrary, (request) => {
        const split = splitResults()(request).value
        const once = lateResults()(split).value
        expect(new Set(once.turns.flatMap((turn) => turn.parts))).toEqual(
          new Set(split.turns.flatMap((turn) => turn.parts)),
        )
      }),
    )
  })
})
