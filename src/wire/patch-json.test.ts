// Keys changed inside JSON text: the value is the same as if it had been parsed, changed and printed; the rest keeps its characters.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Json, type JsonObject, parseJson } from './json.ts'
import {
  jsonSplices,
  patchJson,
  patchValue,
  splicedBytes,
  splicedText,
  textAt,
  valueAt,
  withTextAt,
} from './patch-json.ts'

const word = fc.constantFrom(
  'model',
  'stream_options',
  'include_usage',
  'a',
  'ä"\\\n',
  '__proto__',
  '',
)
const value = fc.oneof(
  fc.jsonValue({ maxDepth: 3 }).map((json) => parseJson(JSON.stringify(json))),
  fc.dictionary(word, fc.constantFrom<Json>(1, 'x', true, null, {}, [{}]), {
    noNullPrototype: true,
  }),
)
const object = fc.dictionary(word, value, { noNullPrototype: true })
const indent = fc.constantFrom('', ' ', '\t', '   ')
const edit = fc.record({
  path: fc.oneof(fc.tuple(word), fc.tuple(word, word)),
  value,
})

/** Every key and every character of every string as an escape. */
function escaped(json: Json): string {
  if (typeof json === 'string') {
    const units = Array.from({ length: json.length }, (_, at) => json.charCodeAt(at))
    return `"${units.map((unit) => `\\u${unit.toString(16).padStart(4, '0')}`).join('')}"`
  }
  if (Array.isArray(json)) return `[ ${json.map((item: Json) => escaped(item)).join(' ,')} ]`
  if (typeof json !== 'object' || json === null) return JSON.stringify(json)
  const members = Object.entries(json).map(
    ([key, member]: [string, Json | undefined]) =>
      `\r\n${escaped(key)} :\t${escaped(member ?? null)}`,
  )
  return `{${members.join(',')}}`
}

function bytesOf(text: string): Uint8Array {
  return new TextEncoder().encode(text)
}

describe('patchJson', () => {
  it('says what the parsed value says after the same edits, however the text is spelled', () => {
    fc.assert(
      fc.property(object, fc.array(edit, { maxLength: 3 }), indent, (source, edits, space) => {
        for (const text of [JSON.stringify(source, undefined, space), escaped(source)]) {
          const patched = patchJson(text, edits)
          if (patched === undefined) continue
          expect(parseJson(patched)).toEqual(patchValue(source, edits))
        }
      }),
    )
  })

  it('does to bytes what it does to their text', () => {
    fc.assert(
      fc.property(object, fc.array(edit, { maxLength: 3 }), (source, edits) => {
        const text = escaped(source)
        const splices = jsonSplices(text, edits)
        fc.pre(splices !== undefined)
        const patched = splicedBytes(bytesOf(text), splices)
        expect(new TextDecoder().decode(patched)).toBe(splicedText(text, splices))
        expect(splicedText(text, splices)).toBe(patchJson(text, edits))
      }),
    )
    const bytes = bytesOf('{}')
    expect(splicedBytes(bytes, [])).toBe(bytes)
  })

  it('refuses only an edit below what is no object', () => {
    fc.assert(
      fc.property(object, edit, (source, one) => {
        const [key = '', ...inner] = one.path
        const parent = valueAt(source, [key])
        const isObject = typeof parent === 'object' && parent !== null && !Array.isArray(parent)
        const isPossible = inner.length === 0 || parent === undefined || isObject
        expect(patchJson(JSON.stringify(source), [one]) !== undefined).toBe(isPossible)
      }),
    )
  })

  it('gives the very text when nothing is to be changed', () => {
    fc.assert(
      fc.property(object, edit, (source, { path }) => {
        const text = ` ${escaped(source)}\n`
        expect(patchJson(text, [])).toBe(text)
        expect(patchJson(text, [{ path }])).toBe(text)
      }),
    )
  })

  it('keeps every character outside the values it changes', () => {
    const before = '\n{ "seed" : 12345678901234567890, "t":1.0e+0,\r\n "model" :\t'
    const after = ' , "x" : {"a":1,"a":2} , "e":"\\u0041\\/ }{][\\\\\\"" }\n'
    expect(patchJson(`${before}"a/b"${after}`, [{ path: ['model'], value: 'b' }])).toBe(
      `${before}"b"${after}`,
    )
    expect(patchJson(`${before}{"deep":["]}"]}${after}`, [{ path: ['model'], value: 7 }])).toBe(
      `${before}7${after}`,
    )
  })

  it.each([
    ['{}', '{"o":{"u":true}}'],
    ['{ }', '{"o":{"u":true} }'],
    ['{"a" : 1}', '{"o":{"u":true},"a" : 1}'],
    ['{"o":{}}', '{"o":{"u":true}}'],
    ['{"o": {"x" : 1.0} }', '{"o": {"u":true,"x" : 1.0} }'],
    ['{"o":{"u" : false, "x":2}}', '{"o":{"u" : true, "x":2}}'],
    ['{"\\u006f":{"\\u0075":null}}', '{"\\u006f":{"\\u0075":true}}'],
  ])('adds a nested key, and the object around it, to %s', (text, patched) => {
    expect(patchJson(text, [{ path: ['o', 'u'], value: true }])).toBe(patched)
  })

  it.each([
    ['{"o":1}', 'a parent that is no object'],
    ['{"o":null}', 'a parent that is null'],
    ['{"o":{"u":1,"\\u0075":2}}', 'the key twice, once spelled with an escape'],
    ['{"o":{"x":1,"x":2}}', 'another key of its object twice'],
    ['{"x":1,"o":{},"x":2}', 'a key of the root twice'],
    ['[{"o":1}]', 'an array'],
    ['"o"', 'a string'],
    ['', 'nothing'],
    ['{"o"', 'an end too early'],
    ['{"o":{"u"', 'an end too early inside'],
  ])('refuses %s: %s', (text) => {
    expect(patchJson(text, [{ path: ['o', 'u'], value: true }])).toBeUndefined()
  })

  it('refuses repeated keys on the way of an edit that changes nothing, and not beside it', () => {
    const path = ['o', 'u']
    expect(patchJson('{"o":{"u":1,"u":1}}', [{ path }])).toBeUndefined()
    expect(patchJson('{"o":5}', [{ path }])).toBe('{"o":5}')
    const beside = '{"p":{"u":1,"u":1},"o":{}}'
    expect(patchJson(beside, [{ path }])).toBe(beside)
  })

  it('goes over a large text in one sweep', () => {
    const text = `{"messages":["${'\\\\'.repeat(200_000)}${'"},{"'.replaceAll('"', '\\"').repeat(100_000)}"],"model":"a"}`
    expect(patchJson(text, [{ path: ['model'], value: 'b' }])).toBe(
      text.replace('"model":"a"', '"model":"b"'),
    )
  })
})

describe('patchValue', () => {
  it('leaves its argument alone, and makes objects where there is none', () => {
    const source: JsonObject = { o: 1, model: 'a' }
    const edits = [{ path: ['o', 'u'], value: true }, { path: ['model'] }]
    expect(patchValue(source, edits)).toEqual({ o: { u: true }, model: 'a' })
    expect(source).toEqual({ o: 1, model: 'a' })
  })
})

describe('valueAt', () => {
  it('finds own keys only', () => {
    expect(valueAt({ a: { b: 2 } }, ['a', 'b'])).toBe(2)
    expect(valueAt({ a: 1 }, ['a', 'b'])).toBeUndefined()
    expect(valueAt({}, ['constructor'])).toBeUndefined()
    expect(valueAt(undefined, ['a'])).toBeUndefined()
  })
})

describe('the text of a value', () => {
  it('is read and replaced where it stands, and nothing else changes', () => {
    fc.assert(
      fc.property(object, fc.tuple(word, value), indent, (source, [key, piece], space) => {
        const text = JSON.stringify(source, undefined, space)
        const found = textAt(text, [key])
        const known = valueAt(parseJson(text), [key])
        expect(found === undefined ? undefined : parseJson(found)).toEqual(known)
        const changed = withTextAt(text, [key], JSON.stringify(piece))
        expect(parseJson(changed)).toEqual(
          known === undefined
            ? parseJson(text)
            : patchValue(source, [{ path: [key], value: piece }]),
        )
        if (found !== undefined) expect(withTextAt(changed, [key], found)).toBe(text)
      }),
    )
  })

  it('keeps its spelling', () => {
    expect(textAt('{ "a" : { "b": 1.50e0 } }', ['a', 'b'])).toBe('1.50e0')
    expect(withTextAt('{ "a" : { "b": 1 } }', ['a', 'b'], '2')).toBe('{ "a" : { "b": 2 } }')
  })

  it.each(['[]', '7', '{"a":1,"a":2}', '{"b":1}'])('is not to be found in %s', (text) => {
    expect(textAt(text, ['a'])).toBeUndefined()
    expect(withTextAt(text, ['a'], '0')).toBe(text)
  })
})
