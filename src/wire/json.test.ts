// JSON in: bounds, error texts that quote nothing, readers that know where they are.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { WireError } from './errors.ts'
import {
  MAX_DEPTH,
  ObjectReader,
  equalJson,
  isArray,
  isObject,
  parseJson,
  tryParseJson,
} from './json.ts'

function thrown(action: () => unknown): WireError {
  try {
    action()
  } catch (error) {
    if (error instanceof WireError) return error
    throw error
  }
  throw new Error('nothing was thrown')
}

function nested(depth: number): string {
  return '['.repeat(depth) + ']'.repeat(depth)
}

function reader(source: unknown, path = 'body'): ObjectReader {
  return ObjectReader.of(parseJson(JSON.stringify(source)), path)
}

describe('parseJson', () => {
  it('parses any JSON', () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        expect(parseJson(text)).toEqual(JSON.parse(text))
      }),
    )
  })

  it('allows nesting up to its limit and refuses one level more', () => {
    expect(isArray(parseJson(nested(MAX_DEPTH)))).toBe(true)
    expect(thrown(() => parseJson(nested(MAX_DEPTH + 1))).code).toBe('too_deep')
    expect(parseJson('{"a":[1]}', 2)).toEqual({ a: [1] })
    expect(thrown(() => parseJson('{"a":[1]}', 1)).code).toBe('too_deep')
  })

  it('refuses nesting that would break a recursive parser, before anything recurses', () => {
    expect(thrown(() => parseJson('['.repeat(1_000_000))).code).toBe('too_deep')
    expect(thrown(() => parseJson('{"a":'.repeat(1_000_000))).code).toBe('too_deep')
  })

  it('does not count brackets inside strings, escaped quotes included', () => {
    const text = JSON.stringify({ a: `"${'['.repeat(500)}\\"{` })
    expect(parseJson(text, 1)).toEqual(JSON.parse(text))
  })

  it('never quotes the input in its errors', () => {
    const bodies = [
      '{"key": sk-secret}',
      'sk-secret',
      '["sk-secret"',
      '"sk-secret',
      '{"sk-secret"}',
    ]
    for (const body of bodies) {
      const error = thrown(() => parseJson(body))
      expect(error.code).toBe('not_json')
      expect(error.message).not.toContain('sk-')
    }
    fc.assert(
      fc.property(fc.stringMatching(/^[q-z]{6,}$/), (secret) => {
        expect(thrown(() => parseJson(`{"a": ${secret}}`)).message).not.toContain(secret)
      }),
    )
  })

  it('says where, or that the text ends too early', () => {
    expect(thrown(() => parseJson('{"a" 1}')).message).toContain('position 5')
    expect(thrown(() => parseJson('')).message).toContain('ends too early')
  })

  it('takes __proto__ for a key like any other', () => {
    const value = parseJson('{"__proto__":{"polluted":true},"constructor":1}')
    expect(Object.hasOwn({}, 'polluted')).toBe(false)
    const reader = ObjectReader.of(value, '')
    expect(reader.optionalString('polluted')).toBeUndefined()
    expect(reader.has('toString')).toBe(false)
    expect(reader.peek('hasOwnProperty')).toBeUndefined()
    expect(JSON.stringify(reader.rest())).toBe('{"__proto__":{"polluted":true},"constructor":1}')
    expect(Object.getPrototypeOf(reader.rest())).toBe(Object.prototype)
  })
})

describe('tryParseJson', () => {
  it('is undefined where the text is not JSON or too deep', () => {
    expect(tryParseJson('{')).toBeUndefined()
    expect(tryParseJson('[[1]]', 1)).toBeUndefined()
    expect(tryParseJson('null')).toBeNull()
  })
})

describe('isObject and isArray', () => {
  it('tell objects, arrays and null apart', () => {
    expect([{}, [], null, 'a', undefined].map(isObject)).toEqual([true, false, false, false, false])
    expect([{}, [], null, 'a', undefined].map(isArray)).toEqual([false, true, false, false, false])
  })
})

describe('equalJson', () => {
  it('holds for a value and its copy, and not for another value', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const text = JSON.stringify(value)
        expect(equalJson(parseJson(text), parseJson(text))).toBe(true)
        expect(equalJson(parseJson(text), [parseJson(text)])).toBe(false)
      }),
    )
  })

  it('counts neither key order nor undefined keys, but array order and null', () => {
    expect(equalJson({ a: 1, b: 2 }, { b: 2, a: 1 })).toBe(true)
    expect(equalJson({ a: 1, b: undefined }, { a: 1 })).toBe(true)
    expect(equalJson({ a: null }, {})).toBe(false)
    expect(equalJson([1, 2], [2, 1])).toBe(false)
    expect(equalJson([1], [1, 2])).toBe(false)
  })

  it('tells apart values that look alike', () => {
    expect(equalJson([], {})).toBe(false)
    expect(equalJson({}, [])).toBe(false)
    expect(equalJson(1, '1')).toBe(false)
    expect(equalJson(null, undefined)).toBe(false)
    expect(equalJson({ a: {} }, { a: [] })).toBe(false)
    expect(equalJson({}, parseJson('{"__proto__":{}}'))).toBe(false)
  })
})

describe('ObjectReader', () => {
  it('reads each type of value', () => {
    const body = reader({ s: 'a', n: 1, b: false, list: ['x', 'y'], o: { k: 'v' } })
    expect(body.string('s')).toBe('a')
    expect(body.number('n')).toBe(1)
    expect(body.optionalBoolean('b')).toBe(false)
    expect(body.optionalStrings('list')).toEqual(['x', 'y'])
    expect(body.object('o').string('k')).toBe('v')
    expect(body.rest()).toBeUndefined()
  })

  it('reads absent optional keys as undefined', () => {
    const body = reader({})
    expect(body.optionalString('a')).toBeUndefined()
    expect(body.optionalNumber('a')).toBeUndefined()
    expect(body.optionalBoolean('a')).toBeUndefined()
    expect(body.optionalItems('a')).toBeUndefined()
    expect(body.optionalStrings('a')).toBeUndefined()
    expect(body.optionalObject('a')).toBeUndefined()
  })

  it('says where something is wrong, what it must be and what it is, but not its value', () => {
    const body = reader({ messages: [{ content: 'sk-secret' }] }, '')
    const [first] = body.items('messages')
    const message = ObjectReader.of(first?.value, first?.path ?? '')
    const error = thrown(() => message.number('content'))
    expect(error).toMatchObject({ code: 'wrong_type', path: 'messages[0].content' })
    expect(error.message).toBe('messages[0].content must be a number, not a string')
  })

  it('says what is missing', () => {
    expect(thrown(() => reader({}).string('model'))).toMatchObject({
      code: 'missing',
      path: 'body.model',
      message: 'body.model is missing: expected a string',
    })
    expect(thrown(() => ObjectReader.of(undefined, '')).message).toContain('the body is missing')
  })

  it.each([
    ['null', null],
    ['an array', []],
    ['a string', 'x'],
    ['a number', 1],
    ['a boolean', true],
  ])('refuses %s for an object', (name, value) => {
    const error = thrown(() => ObjectReader.of(value, 'tools[1]'))
    expect(error.message).toBe(`tools[1] must be an object, not ${name}`)
  })

  it('names the item of a list that is no string', () => {
    const error = thrown(() => reader({ stop: ['a', 1] }).optionalStrings('stop'))
    expect(error.path).toBe('body.stop[1]')
  })

  it('refuses the wrong type for every kind of key', () => {
    const body = reader({ text: 'x', list: [] })
    const wrong = expect.objectContaining({ code: 'wrong_type' })
    expect(() => body.optionalNumber('text')).toThrow(wrong)
    expect(() => body.optionalBoolean('text')).toThrow(wrong)
    expect(() => body.items('text')).toThrow(wrong)
    expect(() => body.object('text')).toThrow(wrong)
    expect(() => body.optionalObject('list')).toThrow(wrong)
    expect(() => body.optionalString('list')).toThrow(wrong)
  })

  it('keeps the keys nobody took, and a null that was read as absent', () => {
    const body = reader({ known: 1, unknown: { deep: [1] }, empty: null })
    body.number('known')
    expect(body.optionalString('empty')).toBeUndefined()
    expect(body.rest()).toEqual({ unknown: { deep: [1] }, empty: null })
  })

  it('takes null by value(), and gives a key back by leave()', () => {
    const body = reader({ a: null, b: 'x' })
    expect(body.value('a')).toBeNull()
    expect(body.string('b')).toBe('x')
    expect(body.rest()).toBeUndefined()
    body.leave('b')
    expect(body.rest()).toEqual({ b: 'x' })
  })

  it('looks without taking by peek() and has()', () => {
    const body = reader({ a: 'x' })
    expect(body.peek('a')).toBe('x')
    expect(body.has('a')).toBe(true)
    expect(body.has('b')).toBe(false)
    expect(body.rest()).toEqual({ a: 'x' })
  })
})
