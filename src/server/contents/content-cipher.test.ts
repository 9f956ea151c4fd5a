// Sealed texts open where they were sealed, and nowhere else.
import { createSecretKey } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type ContentKeyOf, contentCipher } from './content-cipher.ts'

function keys(fill: number, newest = 2): ContentKeyOf {
  return (generation = newest) => ({
    generation,
    secret: createSecretKey(Buffer.alloc(32, fill + generation)),
  })
}

describe('a sealed text', () => {
  const cipher = contentCipher(keys(1))

  it('is the text again, in its place, also after the key has changed', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        const sealed = cipher.seal('c1/answer', text)
        expect(cipher.open('c1/answer', sealed)).toBe(text)
        expect(contentCipher(keys(1, 3)).open('c1/answer', sealed)).toBe(text)
      }),
    )
    expect(cipher.seal('c1/answer', 'canary')).not.toContain('canary')
    expect(cipher.seal('c1/answer', 'x')).not.toBe(cipher.seal('c1/answer', 'x'))
  })

  it('is in clear while there is no vault, and opens also when there is one', () => {
    const clear = contentCipher(() => undefined).seal('c1/answer', 'v1.1.AAAA')
    expect(clear).toBe('clear.v1.1.AAAA')
    expect(cipher.open('c1/answer', clear)).toBe('v1.1.AAAA')
    const sealed = cipher.seal('c1/answer', 'yes')
    expect(() => contentCipher(() => undefined).open('c1/answer', sealed)).toThrow('does not open')
  })

  it('opens in no other place, with no other key, and not once it was changed', () => {
    const sealed = cipher.seal('c1/answer', 'yes')
    const at = sealed.length - 5
    const changed = sealed.slice(0, at) + (sealed[at] === 'A' ? 'B' : 'A') + sealed.slice(at + 1)
    for (const attempt of [
      () => cipher.open('c2/answer', sealed),
      () => cipher.open('c1/request', sealed),
      () => contentCipher(keys(9)).open('c1/answer', sealed),
      () => cipher.open('c1/answer', changed),
      () => cipher.open('c1/answer', sealed.replace('v1.2.', 'v1.1.')),
      () => cipher.open('c1/answer', 'yes'),
      () => cipher.open('c1/answer', 'v1.2.AAAA'),
      () => cipher.open('c1/answer', ''),
    ]) {
      expect(attempt).toThrow('does not open')
    }
  })
})
