// The nearest names: what is suggested, in which order, and what is left alone.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { editDistance, nearestNames } from './nearest.ts'

const word = fc.string({ maxLength: 12 })

describe('editDistance', () => {
  it.each([
    ['', '', 0],
    ['abc', 'abc', 0],
    ['', 'abc', 3],
    ['abc', 'abd', 1],
    ['abc', 'ab', 1],
    ['abc', 'xabc', 1],
    ['abc', 'acb', 1],
    ['kitten', 'sitting', 3],
  ])('of %j and %j is %i', (left, right, expected) => {
    expect(editDistance(left, right)).toBe(expected)
  })

  it('is the same both ways, and zero only for equal words', () => {
    fc.assert(
      fc.property(word, word, (left, right) => {
        const distance = editDistance(left, right)
        expect(distance).toBe(editDistance(right, left))
        expect(distance === 0).toBe(left === right)
        expect(distance).toBeLessThanOrEqual(Math.max(left.length, right.length))
      }),
    )
  })
})

describe('nearestNames', () => {
  const models = ['openai/gpt-4o', 'openai/gpt-4o-mini', 'local/smollm2-135m', 'ollama/llama3.2:1b']

  it('finds a mistyped model without its provider', () => {
    expect(nearestNames('gpt4o', models)).toContain('openai/gpt-4o')
  })

  it('finds a name by a piece of it', () => {
    expect(nearestNames('smollm2', models)).toEqual(['local/smollm2-135m'])
  })

  it('does not care about case', () => {
    expect(nearestNames('GPT-4O', models)[0]).toBe('openai/gpt-4o')
  })

  it('puts the nearest first and breaks ties by the alphabet', () => {
    expect(nearestNames('abcd', ['abxd', 'abcd1', 'abcx', 'abcd'])).toEqual([
      'abcd',
      'abcd1',
      'abcx',
    ])
  })

  it('suggests nothing when nothing is near', () => {
    expect(nearestNames('completely-different', ['a', 'b/c'])).toEqual([])
  })

  it('gives each name once and no more than asked for', () => {
    expect(nearestNames('aaa', ['aaa', 'aaa', 'aab', 'aac', 'aad'], 2)).toEqual(['aaa', 'aab'])
  })

  it('never suggests what is not known', () => {
    fc.assert(
      fc.property(fc.string(), fc.array(word), (wanted, known) => {
        for (const name of nearestNames(wanted, known)) expect(known).toContain(name)
      }),
    )
  })

  it('compares only the beginning of a monstrous word', () => {
    const monster = 'a'.repeat(1_000_000)
    expect(nearestNames(monster, ['a'.repeat(64)])).toEqual(['a'.repeat(64)])
  })
})
