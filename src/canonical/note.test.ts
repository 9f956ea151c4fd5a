// Notes: which losses a policy lets pass, and how the header spells them.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Note, type NoteWeight, type Policy, formatNotes, refusedNotes } from './note.ts'

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

describe('refusedNotes', () => {
  it.each<[Policy, readonly NoteWeight[]]>([
    ['lenient', [4]],
    ['default', [3, 4]],
    ['strict', [2, 3, 4]],
  ])('%s refuses losses of weight %j', (policy, refused) => {
    const notes = WEIGHTS.map((weight) => note({ weight }))
    expect(refusedNotes(policy, notes).map(({ weight }) => weight)).toEqual(refused)
  })

  it('never refuses a synthesized value: nothing was lost', () => {
    expect(refusedNotes('strict', [note({ action: 'synthesized', weight: 4 })])).toEqual([])
  })

  it('refuses under a stricter policy whatever a laxer one refuses', () => {
    fc.assert(
      fc.property(fc.array(noteArbitrary), (notes) => {
        const strict = refusedNotes('strict', notes)
        const byDefault = refusedNotes('default', notes)
        expect(strict).toEqual(expect.arrayContaining([...byDefault]))
        expect(byDefault).toEqual(expect.arrayContaining([...refusedNotes('lenient', notes)]))
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

  it('is a legal header value of at most 1024 characters, whatever the features are called', () => {
    fc.assert(
      fc.property(fc.array(noteArbitrary, { maxLength: 200 }), (notes) => {
        const line = formatNotes(notes)
        expect(line).toMatch(/^[\x20-\x7e]*$/)
        expect(line.length).toBeLessThanOrEqual(1024)
      }),
    )
  })

  it('says when it left some out, within its limit whatever the length of a word', () => {
    for (let length = 1; length < 60; length += 1) {
      const notes = Array.from({ length: 1000 }, (_, at) =>
        note({ feature: `f${at}`.padEnd(length, 'x') }),
      )
      const line = formatNotes(notes)
      expect(line.startsWith('dropped=f0')).toBe(true)
      expect(line.endsWith(';...')).toBe(true)
      expect(line.length).toBeLessThanOrEqual(1024)
    }
  })
})
