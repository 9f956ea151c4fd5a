// One JSON array as a stream: any chunking, brackets in strings, items cut off, bounded memory.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { byteByByte, bytesOf, chunked, readAll } from './chunked.arbitrary.ts'
import type { Frame } from './frame.ts'
import { JsonArrayReader, JsonArrayWriter } from './json-array.ts'

function read(text: string): readonly Frame[] {
  return readAll(new JsonArrayReader(), [bytesOf(text)])
}

function written(items: readonly string[]): string {
  const writer = new JsonArrayWriter()
  return items.map((data) => writer.write({ data })).join('') + writer.finish()
}

const item = fc.oneof(
  fc.dictionary(fc.string(), fc.jsonValue()),
  fc.array(fc.jsonValue()),
  fc.constantFrom({ a: '}],{[' }, { b: '\\' }, { c: '"' }, {}, [], { d: 'é👩‍🚀' }),
)
const items = fc.array(
  item.map((value) => JSON.stringify(value)),
  { maxLength: 6 },
)

describe('JsonArrayReader', () => {
  it('reads the items, however the vendor breaks its lines', () => {
    expect(read('[{\n  "a": [1]\n}\n,\r\n{"b": "]"}\n]\n')).toEqual([
      { data: '{\n  "a": [1]\n}' },
      { data: '{"b": "]"}' },
    ])
  })

  it('gives an item as soon as it is whole', () => {
    const reader = new JsonArrayReader()
    expect(reader.write(bytesOf('[{"a":1'))).toEqual([])
    expect(reader.write(bytesOf('}'))).toEqual([{ data: '{"a":1}' }])
  })

  it('gives nothing for an item that the end cuts off, nor for an empty array', () => {
    expect(read('[{"a":1},{"b":')).toEqual([{ data: '{"a":1}' }])
    expect(read('[]')).toEqual([])
    expect(read('')).toEqual([])
  })

  it('gives equal frames for any chunking', () => {
    const streams = items
      .map((list) => bytesOf(written(list)))
      .chain((bytes) => fc.tuple(fc.constant(bytes), chunked(bytes)))
    fc.assert(
      fc.property(streams, ([bytes, chunks]) => {
        const whole = readAll(new JsonArrayReader(), [bytes])
        expect(readAll(new JsonArrayReader(), chunks)).toEqual(whole)
        expect(readAll(new JsonArrayReader(), byteByByte(bytes))).toEqual(whole)
      }),
    )
  })

  it('refuses an item beyond its limit before it grows', () => {
    const reader = new JsonArrayReader({ maxFrameLength: 8 })
    expect(reader.write(bytesOf('[{"a":1},'))).toEqual([{ data: '{"a":1}' }])
    expect(() => reader.write(bytesOf('{"b":1234'))).toThrow(
      expect.objectContaining({ code: 'frame_too_large' }),
    )
  })

  it('puts a mark in the place of bytes that are not UTF-8', () => {
    const broken = Uint8Array.of(...bytesOf('[{"a":"'), 0xff, ...bytesOf('"}]'))
    expect(new JsonArrayReader().write(broken)).toEqual([{ data: '{"a":"\ufffd"}' }])
  })
})

describe('JsonArrayWriter', () => {
  it('writes one JSON array that is read back as it was written', () => {
    fc.assert(
      fc.property(items, (list) => {
        const text = written(list)
        expect(JSON.parse(text)).toEqual(list.map((one): unknown => JSON.parse(one)))
        expect(read(text)).toEqual(list.map((data) => ({ data })))
      }),
    )
  })

  it('writes comments as blank lines, which do not break the array', () => {
    const writer = new JsonArrayWriter()
    const text = [
      writer.write({ data: '', comment: 'ping' }),
      writer.write({ data: '{}' }),
      writer.write({ data: '', comment: 'ping' }),
      writer.finish(),
    ].join('')
    expect(JSON.parse(text)).toEqual([{}])
  })
})
