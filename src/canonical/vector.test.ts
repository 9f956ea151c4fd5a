// Vectors as numbers and as base64: the same either way.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { base64Of, numbersOf } from './vector.ts'

describe('a vector', () => {
  it('is little-endian float32 in base64, as OpenAI has it', () => {
    expect(base64Of({ type: 'numbers', numbers: [1, -0.5, 0.25] })).toBe('AACAPwAAAL8AAIA+')
    expect(numbersOf({ type: 'base64', base64: 'AACAPwAAAL8AAIA+' })).toEqual([1, -0.5, 0.25])
  })

  it('comes back as the same float32, whichever way it goes', () => {
    const float = fc.float({ noNaN: true, noDefaultInfinity: true, min: -1000, max: 1000 })
    fc.assert(
      fc.property(fc.array(float), (numbers) => {
        const base64 = base64Of({ type: 'numbers', numbers })
        const back = numbersOf({ type: 'base64', base64 })
        expect(back?.map((one) => Math.fround(one) + 0)).toEqual(numbers.map((one) => one + 0))
      }),
      { numRuns: 1000 },
    )
  })

  it('prints short: nine digits tell a float32', () => {
    const base64 = base64Of({ type: 'numbers', numbers: [0.1] })
    expect(numbersOf({ type: 'base64', base64 })).toEqual([0.100000001])
  })

  it.each([
    ['int8', [-1, 127, -128]],
    ['uint8', [255, 0, 1]],
    ['binary', [-1, 3]],
    ['ubinary', [255, 3]],
  ] as const)('of the type %s has one byte a number', (type, numbers) => {
    const base64 = base64Of({ type: 'numbers', numbers }, type)
    expect(atob(base64)).toHaveLength(numbers.length)
    expect(numbersOf({ type: 'base64', base64 }, type)).toEqual(numbers)
  })

  it.each([
    ['no base64', '***'],
    ['bytes that are no float32', btoa('abc')],
    [
      'int8 that is read as float32',
      base64Of({ type: 'numbers', numbers: [1, 2, 3, 127] }, 'int8'),
    ],
    ['what is not a number', base64Of({ type: 'numbers', numbers: [Number.NaN] })],
  ])('that is %s cannot be read', (_, base64) => {
    expect(numbersOf({ type: 'base64', base64 })).toBeUndefined()
  })
})
