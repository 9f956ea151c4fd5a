// Equal values have one text, different ones have different names.
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { digest, stableText } from './stable-text.ts'

function turned(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(turned)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .toReversed()
      .map(([key, of]) => [key, turned(of)]),
  )
}

it('is the same for every order of keys, and reads back as the value', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      expect(stableText(turned(value))).toBe(stableText(value))
      expect(JSON.parse(stableText(value))).toEqual(JSON.parse(JSON.stringify(value)))
    }),
  )
})

it('keeps apart what is not the same', async () => {
  const texts = [{ a: 1 }, { a: '1' }, { a: [1] }, { a: { b: 1 } }, { a: null }, {}].map(stableText)
  expect(new Set(texts).size).toBe(6)
  expect(new Set(await Promise.all(texts.map(digest))).size).toBe(6)
})

it('leaves out what has no value', () => {
  expect(stableText({ b: undefined, a: 1 })).toBe('{"a":1}')
})
