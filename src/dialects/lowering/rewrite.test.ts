// Editing without copying what stays.
import { describe, expect, it } from 'vitest'
import type { Part } from '../../canonical/part.ts'
import { requestWith, text } from './request.arbitrary.ts'
import { flatMapSame, mapSame, omit, rewriteParts } from './rewrite.ts'

describe('flatMapSame and mapSame', () => {
  it('give the same list back when nothing changed', () => {
    const list = [1, 2, 3]
    expect(flatMapSame(list, (item) => [item])).toBe(list)
    expect(mapSame(list, (item) => item)).toBe(list)
  })

  it('give a new list when an item changed, went or became two', () => {
    expect(mapSame([1, 2], (item) => item * 2)).toEqual([2, 4])
    expect(flatMapSame([1, 2], (item) => (item === 1 ? [] : [item]))).toEqual([2])
    expect(flatMapSame([1], (item) => [item, item])).toEqual([1, 1])
  })
})

function shout(part: Part): readonly Part[] {
  return part.type === 'text' && part.text === 'b' ? [text('B')] : [part]
}

describe('rewriteParts', () => {
  const request = requestWith({
    turns: [
      { role: 'user', parts: [text('a')] },
      {
        role: 'user',
        parts: [
          { type: 'tool-result', callId: 'c', content: [text('b')] },
          { type: 'search-result', source: 's', title: 't', content: [text('c')] },
          { type: 'file', source: { kind: 'parts', parts: [text('d')] } },
        ],
      },
    ],
  })

  it('visits every part with its path, the inner before the outer', () => {
    const paths: string[] = []
    rewriteParts(request, (part, path) => {
      paths.push(path)
      return [part]
    })
    expect(paths).toEqual([
      'turns[0].parts[0]',
      'turns[1].parts[0].content[0]',
      'turns[1].parts[0]',
      'turns[1].parts[1].content[0]',
      'turns[1].parts[1]',
      'turns[1].parts[2].source.parts[0]',
      'turns[1].parts[2]',
    ])
  })

  it('copies only the way to what changed', () => {
    const value = rewriteParts(request, shout)
    expect(value.turns[0]).toBe(request.turns[0])
    expect(value.turns[1]?.parts[0]).toMatchObject({ content: [text('B')] })
    expect(value.turns[1]?.parts[1]).toBe(request.turns[1]?.parts[1])
  })

  it('gives the same request back when nothing changed', () => {
    expect(rewriteParts(request, (part) => [part])).toBe(request)
  })
})

describe('omit', () => {
  it('copies without the keys named', () => {
    expect(omit({ a: 1, b: 2, c: undefined }, ['b'])).toEqual({ a: 1, c: undefined })
  })
})
