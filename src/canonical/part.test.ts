// The visible text of parts.
import { describe, expect, it } from 'vitest'
import { textOf } from './part.ts'

describe('textOf', () => {
  it('joins text parts in order and passes over all else, reasoning above all', () => {
    expect(
      textOf([
        { type: 'reasoning', text: 'hidden' },
        { type: 'text', text: 'a' },
        { type: 'tool-call', callId: 'c', kind: 'function', name: 'f', arguments: { text: '{}' } },
        { type: 'text', text: 'b' },
      ]),
    ).toBe('ab')
    expect(textOf([])).toBe('')
  })
})
