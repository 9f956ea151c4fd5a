// Where one text goes on with another.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Overlap } from './overlap.ts'

/** The whole text that a client reads. */
function joined(said: string, pieces: readonly string[]): string {
  const overlap = new Overlap(said)
  return [said, ...pieces.map((piece) => overlap.write(piece)), overlap.finish()].join('')
}

describe('a text that goes on', () => {
  it.each([
    ['where the first ended', 'One two ', ['three', ' four'], 'One two three four'],
    ['with the blank that the first ended in', 'One two ', [' three'], 'One two three'],
    ['without a blank', 'One tw', ['o three'], 'One two three'],
    ['with all that was said', 'One two', ['One', ' two', ' three'], 'One two three'],
    [
      'with all that was said and its blank',
      'One two ',
      ['One two', ' ', 'three'],
      'One two three',
    ],
    [
      'with the last words once more',
      'It was the best of times, it was the worst',
      ['it was the worst of times'],
      'It was the best of times, it was the worst of times',
    ],
    [
      'with few letters that were said before',
      'A rose is a rose',
      [' is a rose'],
      'A rose is a rose is a rose',
    ],
    [
      'with a beginning that turns out to be another one',
      'Hello there, my friend',
      ['Hello', ' you'],
      'Hello there, my friendHello you',
    ],
    ['with nothing', 'One', [], 'One'],
    ['with all that was said and nothing more', 'One two', ['One two'], 'One two'],
  ])('%s', (_, ...[said, pieces, text]) => {
    expect(joined(said, pieces)).toBe(text)
  })

  it('loses and doubles nothing where no text is said twice, whatever the pieces and however much is repeated', () => {
    // No sixteen characters of it stand there twice.
    const text = Array.from({ length: 60 }, (_, at) => `${at} `).join('')
    const cases = fc.record({
      cut: fc.integer({ min: 20, max: text.length }),
      again: fc.option(fc.integer({ min: 16, max: 40 })),
      size: fc.integer({ min: 1, max: 9 }),
    })
    fc.assert(
      fc.property(cases, ({ cut, again, size }) => {
        const said = text.slice(0, cut)
        const from = again === null ? cut : Math.max(0, said.trimEnd().length - again)
        const rest = text.slice(from)
        const pieces = Array.from({ length: Math.ceil(rest.length / size) }, (_, at) =>
          rest.slice(at * size, (at + 1) * size),
        )
        expect(joined(said, pieces)).toBe(text)
      }),
    )
  })
})
