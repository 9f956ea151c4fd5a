// Absent rather than undefined.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compact } from './compact.ts'

describe('compact', () => {
  it('leaves out keys that hold undefined, and only those', () => {
    const value = compact({ a: undefined, b: null, c: 0, d: '', e: false, f: Number.NaN })
    expect(Object.keys(value)).toEqual(['b', 'c', 'd', 'e', 'f'])
  })

  it('does not look inside', () => {
    const inside = { x: undefined }
    expect(compact({ inside, y: undefined }).inside).toBe(inside)
    expect(compact({ inside }).inside).toBe(inside)
  })

  it('leaves its source as it was', () => {
    const source = { a: 1, b: undefined }
    compact(source)
    expect(Object.keys(source)).toEqual(['a', 'b'])
  })

  it('prints the same JSON as its source', () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.string(), fc.option(fc.jsonValue(), { nil: undefined })),
        (source) => {
          expect(JSON.stringify(compact(source))).toBe(JSON.stringify(source))
        },
      ),
    )
  })
})
