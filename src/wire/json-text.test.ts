// Keys, depth and ends of strings are found in JSON text as a parser finds them.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { countKeys, stringEnd } from './json-text.ts'

const text = fc.string({
  unit: fc.constantFrom('a', '"', '\\', '{', '[', ':', 'ä', '\n'),
  maxLength: 80,
})

describe('countKeys', () => {
  it('counts colons between values only, as deep as asked', () => {
    const json = JSON.stringify({ a: 1, b: { 'c:"': { d: ':"{' } }, e: [{ f: 1 }] })
    expect(countKeys(json, 9, 1)).toBe(3)
    expect(countKeys(json, 9, 2)).toBe(4)
    expect(countKeys(json, 9, 3)).toBe(6)
  })

  it('refuses what is nested too deep, wherever it stands', () => {
    expect(() => countKeys('{"a":[{}]}', 2, 1)).toThrow(/deeper than 2 levels/)
    expect(countKeys('{"a":"[[[["}', 1, 1)).toBe(1)
  })
})

describe('stringEnd', () => {
  it('is behind the closing quote, however long and however escaped', () => {
    fc.assert(
      fc.property(text, text, (before, after) => {
        const literal = JSON.stringify(before)
        expect(stringEnd(`${literal},${JSON.stringify(after)}`, 0)).toBe(literal.length)
        expect(stringEnd(`  ${literal}`, 2)).toBe(literal.length + 2)
      }),
    )
  })

  it('is the end of the text where nothing closes it', () => {
    expect(stringEnd('"abc\\"', 0)).toBe(6)
    expect(stringEnd(`"${'a'.repeat(50)}\\"`, 0)).toBe(53)
  })
})
