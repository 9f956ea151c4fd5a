// Characters that take several tokens come out whole.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { TokenText } from './token-text.ts'

/** A vocabulary in which every byte is a token. */
function bytesToText(tokens: readonly number[]): string {
  return Buffer.from(tokens).toString('utf8')
}

function read(tokens: Iterable<number>): string[] {
  const text = new TokenText((some) => bytesToText(some))
  return [...[...tokens].map((token) => text.write(token)), text.finish()]
}

describe('TokenText', () => {
  it('gives a character of four bytes with its last byte', () => {
    expect(read(Buffer.from('🎉'))).toEqual(['', '', '', '🎉', ''])
  })

  it('leaves out a character that is cut by the end', () => {
    expect(read(Buffer.from('a🎉').subarray(0, 3)).join('')).toBe('a')
  })

  it('gives up on bytes that never become a character', () => {
    expect(read([0xff, 0xff, 0xff, 0xff, 0x61]).at(-2)).toBe('a')
  })

  it('gives any text back', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        expect(read(Buffer.from(text)).join('')).toBe(text)
      }),
    )
  })

  it('knows the last tokens, those that wait included', () => {
    const text = new TokenText((some) => bytesToText(some))
    for (const token of [0x61, 0x62, 0xf0]) text.write(token)
    expect(text.last(2)).toEqual([0x62, 0xf0])
    expect(text.last(10)).toEqual([0x61, 0x62, 0xf0])
  })

  it('tells the detokenizer what came before', () => {
    const seen: (readonly number[])[] = []
    const text = new TokenText((some, before) => {
      seen.push([...before])
      return bytesToText(some)
    })
    text.write(0x61)
    text.write(0x62)
    expect(seen).toEqual([[], [0x61]])
  })
})
