// Keys that stand twice are found however they are written, and nothing else is taken for one.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { duplicateKey, parseUnambiguous } from './duplicate-keys.ts'

describe('duplicateKey', () => {
  it.each([
    ['{"model":"cheap","model":"dear"}', 'model'],
    ['{"model":"cheap","\\u006dodel":"dear"}', 'model'],
    ['{ "a" : 1 , "b":{}, "a"\n:2}', 'a'],
    ['{"a":{"b":1,"b":2}}', 'b'],
    ['{"a":[],"a":[]}', 'a'],
    ['{"a":"\\\\","a":1}', 'a'],
    ['{"a":"\\"","a":1}', 'a'],
    ['{"":1,"":2}', ''],
    ['{"__proto__":1,"__proto__":2}', '__proto__'],
  ])('of %s is %j', (text, key) => {
    expect(duplicateKey(text)).toBe(key)
  })

  it.each([
    '{}',
    '[]',
    '"a"',
    '1',
    '{"a":"a","b":"a"}',
    '{"a":{"a":{"a":1}}}',
    '[{"a":1},{"a":2}]',
    '{"a":{"b":1},"c":{"b":2}}',
    '{"a":"\\",\\"a\\":1"}',
    '{"a":["a","a"]}',
  ])('of %s is none', (text) => {
    expect(duplicateKey(text)).toBeUndefined()
  })

  it('is none of whatever has been printed', () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        expect(duplicateKey(JSON.stringify(JSON.parse(text)))).toBeUndefined()
      }),
    )
  })

  it('takes no longer than the text', () => {
    const long = `{"a":"${'\\\\'.repeat(500_000)}","b":[${'1,'.repeat(100_000)}1],"a":1}`
    expect(duplicateKey(long)).toBe('a')
  })
})

describe('parseUnambiguous', () => {
  const word = fc.constantFrom('a', 'b', '__proto__', '1', '')
  const members = (value: fc.Arbitrary<string>): fc.Arbitrary<string> =>
    fc
      .array(fc.tuple(word, value), { maxLength: 3 })
      .map((list) => `{${list.map(([key, text]) => `"${key}" :${text}`).join(', ')}}`)
  const scalar = fc.constantFrom('1', 'null', '"a:\\"{"', '"a"')
  const inner = fc.oneof(scalar, members(scalar))
  const value = fc.oneof(
    inner,
    members(inner),
    fc.array(inner, { maxLength: 2 }).map((list) => `[${list.join(',')}]`),
  )

  it('finds by counting what a look at each key finds', () => {
    fc.assert(
      fc.property(fc.oneof(value, members(value)), (text) => {
        const { json, twice } = parseUnambiguous(text)
        expect(twice).toBe(duplicateKey(text))
        expect(json).toEqual(JSON.parse(text))
      }),
    )
  })
})
