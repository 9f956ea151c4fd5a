// Notes: which losses a policy lets pass, and how the header spells them.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  type Note,
  type NoteWeight,
  POLICIES,
  type Policy,
  formatNotes,
  refusedNotes,
  toldNotes,
  verdictOf,
} from './note.ts'

const WEIGHTS: readonly NoteWeight[] = [0, 1, 2, 3, 4]

function note(more: Partial<Note> = {}): Note {
  return {
    action: 'dropped',
    feature: 'seed',
    path: 'sampling.seed',
    weight: 2,
    reason: 'why',
    ...more,
  }
}

const noteArbitrary: fc.Arbitrary<Note> = fc
  .record({
    action: fc.constantFrom('dropped' as const, 'clamped' as const, 'synthesized' as const),
    feature: fc.string({ unit: 'binary', maxLength: 40 }),
    weight: fc.constantFrom(...WEIGHTS),
  })
  .map(note)

describe('the policies', () => {
  it.each<[Policy, string]>([
    ['lenient', 'pass pass pass warn refuse'],
    ['default', 'pass pass warn refuse refuse'],
    ['strict', 'pass warn refuse refuse refuse'],
  ])('%s makes of the weights 0 to 4: %s', (policy, verdicts) => {
    const notes = WEIGHTS.map((weight) => note({ weight }))
    expect(notes.map((each) => verdictOf(policy, each)).join(' ')).toBe(verdicts)
    expect(refusedNotes(policy, notes)).toEqual(
      notes.filter((_, weight) => verdicts.split(' ')[weight] === 'refuse'),
    )
    expect(toldNotes(policy, notes)).toEqual(
      notes.filter((_, weight) => verdicts.split(' ')[weight] !== 'pass'),
    )
  })

  it.each(POLICIES)('%s never refuses a synthesized value: nothing was lost', (policy) => {
    const notes = WEIGHTS.map((weight) => note({ action: 'synthesized', weight }))
    expect(refusedNotes(policy, notes)).toEqual([])
    expect(toldNotes(policy, notes)).toEqual(
      toldNotes(
        policy,
        WEIGHTS.map((weight) => note({ weight })),
      ).map(({ weight }) => notes[weight]),
    )
  })

  it('refuse and tell, when stricter, whatever a laxer one refuses and tells', () => {
    fc.assert(
      fc.property(fc.array(noteArbitrary), (notes) => {
        for (const chosen of [refusedNotes, toldNotes]) {
          const byDefault = chosen('default', notes)
          expect(chosen('strict', notes)).toEqual(expect.arrayContaining([...byDefault]))
          expect(byDefault).toEqual(expect.arrayContaining([...chosen('lenient', notes)]))
        }
      }),
    )
  })
})

describe('formatNotes', () => {
  it('spells each note once as action=feature', () => {
    const notes = [note(), note({ path: 'elsewhere' }), note({ action: 'clamped', feature: 'n' })]
    expect(formatNotes(notes)).toBe('dropped=seed;clamped=n')
  })

  it('leaves out what is cosmetic', () => {
    expect(formatNotes([note({ weight: 0 })])).toBe('')
    expect(formatNotes([])).toBe('')
  })

  it('says the heaviest first', () => {
    const notes = [note({ feature: 'user', weight: 1 }), note({ feature: 'image', weight: 3 })]
    expect(formatNotes(notes)).toBe('dropped=image;dropped=user')
  })

  it('is a legal header value of at most 1024 characters, whatever the features are called', () => {
    fc.assert(
      fc.property(fc.array(noteArbitrary, { maxLength: 200 }), (notes) => {
        const line = formatNotes(notes)
        expect(line).toMatch(/^[\x20-\x7e]*$/)
        expect(line.length).toBeLessThanOrEqual(1024)
        for (const entry of line === '' ? [] : line.split(';')) {
          expect(entry).toMatch(/^(?:dropped|clamped|synthesized|more)=[^=]*$/)
        }
      }),
      { numRuns: 1000 },
    )
  })

  it('lets no name of a field end the header, or pass for another note', () => {
    const feature = 'x\r\nset-cookie: a=b;dropped=image\u0000\u2028'
    expect(formatNotes([note({ feature })])).toBe('dropped=x??set-cookie: a?b?dropped?image??')
  })

  it('of a name as long as a book says the beginning, and the next note all the same', () => {
    const notes = [note({ feature: 'x'.repeat(100_000) }), note()]
    expect(formatNotes(notes)).toBe(`dropped=${'x'.repeat(80)}...;dropped=seed`)
  })

  it('counts what it left out, within its limit whatever the length of a word', () => {
    for (let length = 1; length < 120; length += 1) {
      const notes = Array.from({ length: 500 }, (_, at) =>
        note({ feature: `f${at}`.padEnd(length, 'x') }),
      )
      const line = formatNotes(notes)
      const told = line.split(';')
      expect(told[0]).toMatch(/^dropped=f0/)
      expect(told.at(-1)).toBe(`more=${500 - (told.length - 1)}`)
      expect(line.length).toBeLessThanOrEqual(1024)
    }
  })
})
