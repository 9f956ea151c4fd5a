// Server-sent events: every spelling the standard allows, any chunking, bounded memory.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { byteByByte, bytesOf, chunked, readAll } from './chunked.arbitrary.ts'
import type { Frame } from './frame.ts'
import { SseReader, writeSse } from './sse.ts'

function read(text: string): readonly Frame[] {
  return readAll(new SseReader(), [bytesOf(text)])
}

describe('SseReader', () => {
  it.each([
    ['LF', 'data: a\n\ndata: b\n\n'],
    ['CRLF', 'data: a\r\n\r\ndata: b\r\n\r\n'],
    ['CR', 'data: a\r\rdata: b\r\r'],
    ['mixed line ends', 'data: a\r\n\ndata: b\r\r\n'],
  ])('reads events with %s', (_, text) => {
    expect(read(text)).toEqual([{ data: 'a' }, { data: 'b' }])
    expect(readAll(new SseReader(), byteByByte(bytesOf(text)))).toEqual([
      { data: 'a' },
      { data: 'b' },
    ])
  })

  it.each(['\n', '\r\n', '\r'])('ends a line once at %j', (end) => {
    const bytes = bytesOf(['event: x', 'data: a', 'data: b', '', ''].join(end))
    const frames = [{ event: 'x', data: 'a\nb' }]
    expect(readAll(new SseReader(), [bytes])).toEqual(frames)
    expect(readAll(new SseReader(), byteByByte(bytes))).toEqual(frames)
  })

  it('passes over a byte order mark at the start, and only there', () => {
    expect(read('data: a\n\n\uFEFFdata: b\n\n')).toEqual([{ data: 'a' }])
    expect(read('\uFEFFdata: a\n\ndata: \uFEFFb\n\n')).toEqual([{ data: 'a' }, { data: '\uFEFFb' }])
    expect(readAll(new SseReader(), byteByByte(bytesOf('\uFEFFdata: a\n\n')))).toEqual([
      { data: 'a' },
    ])
  })

  it('joins data lines with a line feed', () => {
    expect(read('data: a\ndata: b\ndata:\ndata: c\n\n')).toEqual([{ data: 'a\nb\n\nc' }])
  })

  it('takes one space off a value, no more, and needs none', () => {
    expect(read('data:a\n\n')).toEqual([{ data: 'a' }])
    expect(read('data:  a\n\n')).toEqual([{ data: ' a' }])
    expect(read('data: a: b\n\n')).toEqual([{ data: 'a: b' }])
  })

  it('names the event when it has a name', () => {
    expect(read('event: ping\ndata: {}\n\n')).toEqual([{ event: 'ping', data: '{}' }])
    expect(read('data: {}\nevent:ping\n\n')).toEqual([{ event: 'ping', data: '{}' }])
  })

  it('forgets the name of an event without data', () => {
    expect(read('event: ping\n\ndata: a\n\n')).toEqual([{ data: 'a' }])
  })

  it('gives an event with empty data, and none without a data line', () => {
    expect(read('data:\n\n')).toEqual([{ data: '' }])
    expect(read('data\n\n')).toEqual([{ data: '' }])
    expect(read('\n\n\n')).toEqual([])
  })

  it('passes over comments, id, retry and unknown fields', () => {
    const text = ': hello\nid: 7\nretry: 10\nfoo: bar\nfoo\ndata: a\n: bye\n\n'
    expect(read(text)).toEqual([{ data: 'a' }])
    expect(read(': ping\n\n')).toEqual([])
  })

  it('does not take a field name with a space or other case for its own', () => {
    expect(read(' data: a\n\n')).toEqual([])
    expect(read('Data: a\n\n')).toEqual([])
  })

  it.each(['data: a', 'data: a\n', 'data: a\r', 'data: a\r\n'])(
    'gives the last event when its blank line is missing: %j',
    (text) => {
      expect(read(text)).toEqual([{ data: 'a' }])
    },
  )

  it('keeps U+2028 and other exotic line separators inside the data', () => {
    expect(read('data: a\u2028b\u0085c\u000bd\n\n')).toEqual([{ data: 'a\u2028b\u0085c\u000bd' }])
  })

  it('gives equal frames for any chunking of any text', () => {
    const line = fc.constantFrom(
      'data: é👩‍🚀',
      'data:',
      ': c',
      'event: x',
      'id: 1',
      '',
      '',
      'data: z',
    )
    const breaks = fc.constantFrom('\n', '\r\n', '\r')
    const stream = fc
      .array(fc.tuple(line, breaks), { maxLength: 12 })
      .map((lines) => bytesOf(lines.flat().join('')))
      .chain((bytes) => fc.tuple(fc.constant(bytes), chunked(bytes)))
    fc.assert(
      fc.property(stream, ([bytes, chunks]) => {
        const whole = readAll(new SseReader(), [bytes])
        expect(readAll(new SseReader(), chunks)).toEqual(whole)
        expect(readAll(new SseReader(), byteByByte(bytes))).toEqual(whole)
      }),
    )
  })

  it('gives frames as soon as they are complete', () => {
    const reader = new SseReader()
    expect(reader.write(bytesOf('data: a\n'))).toEqual([])
    expect(reader.write(bytesOf('\ndata'))).toEqual([{ data: 'a' }])
    expect(reader.write(bytesOf(': b\n\n'))).toEqual([{ data: 'b' }])
    expect(reader.finish()).toEqual([])
  })

  it('gives a frame at the CR of its blank line, without waiting for an LF', () => {
    const reader = new SseReader()
    expect(reader.write(bytesOf('data: a\r\n\r'))).toEqual([{ data: 'a' }])
    expect(reader.write(bytesOf('\ndata: b\r\n\r\n'))).toEqual([{ data: 'b' }])
  })

  it('does not keep the chunk it was given', () => {
    const reader = new SseReader()
    const buffer = bytesOf('data: ab')
    reader.write(buffer)
    buffer.fill(0x78)
    expect(reader.write(bytesOf('\n\n'))).toEqual([{ data: 'ab' }])
  })

  it('refuses a line beyond its limit as soon as it is, however it comes', () => {
    const limits = { maxLineBytes: 16, maxFrameLength: 1000 }
    const tooLong = expect.objectContaining({ name: 'WireError', code: 'line_too_long' })
    const whole = new SseReader(limits)
    expect(() => whole.write(bytesOf(`data: ${'x'.repeat(20)}\n`))).toThrow(tooLong)
    const dripping = new SseReader(limits)
    let written = 0
    expect(() => {
      for (; written < 1000; written += 1) dripping.write(bytesOf('x'))
    }).toThrow(tooLong)
    expect(written).toBe(16)
  })

  it('counts the limit of a line in bytes, and allows a line of just that size', () => {
    const limits = { maxLineBytes: 8, maxFrameLength: 1000 }
    expect(readAll(new SseReader(limits), [bytesOf('data: é\n\n')])).toEqual([{ data: 'é' }])
    expect(() => readAll(new SseReader(limits), [bytesOf('data: éa\n\n')])).toThrow('8 bytes')
  })

  it('refuses an event beyond its limit, made of however many lines', () => {
    const reader = new SseReader({ maxLineBytes: 100, maxFrameLength: 10 })
    expect(reader.write(bytesOf('data: 123456789\n\ndata: 123456789\n\n'))).toHaveLength(2)
    expect(() => {
      for (let at = 0; at < 100; at += 1) reader.write(bytesOf('data:\n'))
    }).toThrow(expect.objectContaining({ name: 'WireError', code: 'frame_too_large' }))
  })

  it('puts a mark in the place of bytes that are not UTF-8, and reads on', () => {
    const bytes = Uint8Array.of(...bytesOf('data: a'), 0xff, ...bytesOf('b\n\ndata: c\n\n'))
    expect(new SseReader().write(bytes)).toEqual([{ data: 'a\ufffdb' }, { data: 'c' }])
  })

  it('reads lines that are a whole JSON object each as events of their own', () => {
    expect(read('event: x\ndata: {"a":1}\ndata: {"b":2}\n\n')).toEqual([
      { event: 'x', data: '{"a":1}' },
      { event: 'x', data: '{"b":2}' },
    ])
    expect(read('data: {"a":\ndata: 1}\n\n')).toEqual([{ data: '{"a":\n1}' }])
    expect(read('data: 1\ndata: x\n\n')).toEqual([{ data: '1\nx' }])
  })
})

describe('writeSse', () => {
  it('writes name, data lines and a blank line', () => {
    expect(writeSse({ event: 'x', data: 'a\nb' })).toBe('event: x\ndata: a\ndata: b\n\n')
    expect(writeSse({ data: '' })).toBe('data: \n\n')
  })

  it('writes a comment on one line, which readers pass over', () => {
    expect(writeSse({ data: '', comment: 'ping\nData: x' })).toBe(': ping Data: x\n\n')
    expect(read(writeSse({ data: '', comment: 'ping\ndata: x' }))).toEqual([])
    const attached = writeSse({ data: '', comment: 'ping', attached: true })
    expect(attached).toBe(': ping\n')
    expect(read(`${attached}data: a\n\n`)).toEqual([{ data: 'a' }])
  })

  it('is read back as it was written', () => {
    const name = fc.stringMatching(/^[a-z._]{1,12}$/)
    const data = fc.oneof(fc.string({ unit: 'grapheme' }), fc.json(), fc.constant('a\n\n b\n'))
    const frames = fc.array(fc.oneof(fc.record({ data }), fc.record({ event: name, data })))
    fc.assert(
      fc.property(frames, (frames) => {
        expect(read(frames.map(writeSse).join(''))).toEqual(
          frames.map((frame) => ({ ...frame, data: frame.data.replaceAll(/\r\n|\r/g, '\n') })),
        )
      }),
    )
  })
})
