// Absent rather than undefined.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compact } from './compact.ts'

describe('compact', () => {
  it('leaves out keys that hold undefined, and only those', () => {
    const value = compact({ a: undefined, b: null, c: 0, d: '', e: false, f: Number.NaN })
    expect(Object.keys(value)).toEqual(['b', 'c', 'd', 'e', 'f'])
  })

  it('is the object itself where nothing is left out, and does not look inside', () => {
    const inside = { x: undefined }
    const source = { inside }
    expect(compact(source)).toBe(source)
    expect(compact({ inside, y: undefined }).inside).toBe(inside)
  })

  it('keeps a key of any name as a key', () => {
    const source: object = JSON.parse('{"__proto__":{"a":1},"constructor":2}')
    const value = compact(source)
    expect(Object.keys(value)).toEqual(['__proto__', 'constructor'])
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype)
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
