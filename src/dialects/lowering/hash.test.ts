// The hash behind ids and names: stable, spread out, of the right alphabet.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { hashText } from './hash.ts'

describe('hashText', () => {
  it('has the length asked for, of letters and digits only', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary' }),
        fc.integer({ min: 1, max: 40 }),
        (text, length) => {
          expect(hashText(text, length)).toMatch(new RegExp(`^[0-9A-Za-z]{${length}}$`))
        },
      ),
    )
  })

  it('is the same in every process: ids in old conversations must not change', () => {
    expect(hashText('', 9)).toBe(hashText('', 20).slice(0, 9))
    expect(hashText('call_1', 9)).toBe('leDGxON0q')
    expect(hashText('', 9)).toBe('zR4ebikeL')
  })

  it('does not clash over a hundred thousand similar texts', () => {
    const hashes = new Set<string>()
    for (let at = 0; at < 100_000; at += 1) hashes.add(hashText(`call_${at}`, 9))
    expect(hashes.size).toBe(100_000)
  })

  it('uses every character of its alphabet at every place', () => {
    const seen = Array.from({ length: 9 }, () => new Set<string>())
    for (let at = 0; at < 5000; at += 1) {
      for (const [place, character] of hashText(`${at}`, 9).split('').entries()) {
        seen[place]?.add(character)
      }
    }
    expect(seen.map((characters) => characters.size)).toEqual(Array(9).fill(62))
  })
})
