// Newline-delimited JSON: any chunking, blank lines, a missing last line feed, bounded memory.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { byteByByte, bytesOf, chunked, readAll } from './chunked.arbitrary.ts'
import type { Frame } from './frame.ts'
import { NdjsonReader, writeNdjson } from './ndjson.ts'

function read(text: string): readonly Frame[] {
  return readAll(new NdjsonReader(), [bytesOf(text)])
}

describe('NdjsonReader', () => {
  it('reads one frame a line, with LF or CRLF', () => {
    expect(read('{"a":1}\n{"b":2}\r\n')).toEqual([{ data: '{"a":1}' }, { data: '{"b":2}' }])
  })

  it('takes the last line without its line feed', () => {
    expect(read('{"a":1}\n{"b":2}')).toEqual([{ data: '{"a":1}' }, { data: '{"b":2}' }])
  })

  it('passes over blank lines, a byte order mark and trailing space', () => {
    expect(read('\uFEFF{"a":1} \n\n  \n\r\n{"b":2}\n')).toEqual([
      { data: '{"a":1}' },
      { data: '{"b":2}' },
    ])
  })

  it('does not end a line at a lone CR', () => {
    expect(read('{"a":\r1}\n')).toEqual([{ data: '{"a":\r1}' }])
  })

  it('gives equal frames for any chunking', () => {
    const stream = fc
      .array(fc.oneof(fc.json(), fc.constantFrom('', '"é👩‍🚀"', ' ')), { maxLength: 8 })
      .map((lines) => bytesOf(lines.join('\n')))
      .chain((bytes) => fc.tuple(fc.constant(bytes), chunked(bytes)))
    fc.assert(
      fc.property(stream, ([bytes, chunks]) => {
        const whole = readAll(new NdjsonReader(), [bytes])
        expect(readAll(new NdjsonReader(), chunks)).toEqual(whole)
        expect(readAll(new NdjsonReader(), byteByByte(bytes))).toEqual(whole)
      }),
    )
  })

  it('refuses a line beyond its limit before it grows', () => {
    const reader = new NdjsonReader({ maxLineBytes: 8 })
    expect(reader.write(bytesOf('12345678\n'))).toEqual([{ data: '12345678' }])
    reader.write(bytesOf('12345678'))
    expect(() => reader.write(bytesOf('9'))).toThrow(
      expect.objectContaining({ code: 'line_too_long' }),
    )
  })

  it('puts a mark in the place of a character cut off by the end of the stream', () => {
    const reader = new NdjsonReader()
    reader.write(bytesOf('"é').slice(0, 2))
    expect(reader.finish()).toEqual([{ data: '"\ufffd' }])
  })
})

describe('writeNdjson', () => {
  it('is read back as it was written', () => {
    fc.assert(
      fc.property(fc.array(fc.json()), (lines) => {
        const frames = lines.map((data) => ({ data }))
        expect(read(frames.map(writeNdjson).join(''))).toEqual(frames)
      }),
    )
  })

  it('writes nothing for a comment', () => {
    expect(writeNdjson({ data: '', comment: 'ping' })).toBe('')
  })
})
