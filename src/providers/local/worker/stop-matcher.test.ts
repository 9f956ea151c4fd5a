// Stop strings: found wherever the text is cut, and never said in part.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { StopMatcher } from './stop-matcher.ts'

function read(pieces: readonly string[], stops: readonly string[]): [string, string | undefined] {
  const matcher = new StopMatcher(stops)
  const said = pieces.map((piece) => matcher.write(piece)).join('') + matcher.finish()
  return [said, matcher.found]
}

const letters = fc.string({ unit: fc.constantFrom('a', 'b', '\n') })

describe('StopMatcher', () => {
  it('passes text without a stop string', () => {
    expect(read(['one ', 'two'], ['END'])).toEqual(['one two', undefined])
  })

  it('ends before the stop string and says which it was', () => {
    expect(read(['one END two'], ['END'])).toEqual(['one ', 'END'])
  })

  it('says nothing after the stop string', () => {
    expect(read(['a END', 'b', 'c'], ['END'])).toEqual(['a ', 'END'])
  })

  it('finds a stop string across pieces without saying its beginning', () => {
    const matcher = new StopMatcher(['END'])
    expect(matcher.write('one E')).toBe('one ')
    expect(matcher.write('N')).toBe('')
    expect(matcher.write('D two')).toBe('')
    expect(matcher.found).toBe('END')
  })

  it('gives held text back when it turns out to be none', () => {
    const matcher = new StopMatcher(['END'])
    expect(matcher.write('E')).toBe('')
    expect(matcher.write('GG')).toBe('EGG')
  })

  it('gives held text back at the end', () => {
    expect(read(['the EN'], ['END'])).toEqual(['the EN', undefined])
  })

  it('takes the stop string that is complete first', () => {
    expect(read(['abc'], ['bc', 'abc', 'b'])).toEqual(['a', 'b'])
  })

  it('ignores an empty stop string', () => {
    expect(read(['text'], [''])).toEqual(['text', undefined])
  })

  it('finds the same wherever the text is cut', () => {
    const stops = fc.array(letters, { maxLength: 3 })
    fc.assert(
      fc.property(fc.array(letters), stops, (pieces, stops) => {
        const whole = pieces.join('').split('')
        expect(read(pieces, stops)).toEqual(read(whole, stops))
      }),
    )
  })

  it('never says a stop string', () => {
    const stops = fc.array(letters, { minLength: 1, maxLength: 3 })
    fc.assert(
      fc.property(fc.array(letters), stops, (pieces, stops) => {
        const [said] = read(pieces, stops)
        for (const stop of stops) if (stop !== '') expect(said).not.toContain(stop)
      }),
    )
  })
})
