// Where frames end: every byte comes out again, and each frame's bytes hold that frame whole.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { byteByByte, bytesOf, chunked, readAll } from './chunked.arbitrary.ts'
import { FrameCutter } from './frame-cutter.ts'
import type { Frame, Framing } from './frame.ts'
import { frameReader } from './framing.ts'

interface Cut {
  readonly frames: readonly string[]
  readonly rest: string
}

function cut(framing: Framing, chunks: readonly Uint8Array[]): Cut {
  const cutter = new FrameCutter(framing)
  const frames = chunks.flatMap((chunk) => {
    const { bytes, ends } = cutter.write(chunk)
    expect(ends.at(-1) ?? 0).toBe(bytes.length)
    return ends.map((end, at) => textOf(bytes.subarray(ends[at - 1] ?? 0, end)))
  })
  return { frames, rest: textOf(cutter.finish()) }
}

function textOf(bytes: Uint8Array): string {
  // Latin-1 keeps each byte apart, so that a cut inside a character shows.
  return Buffer.from(bytes).toString('latin1')
}

const sseText = fc
  .array(fc.constantFrom('data: a', 'event: e', ': c', '\n', '\r', '\r\n', '\n\n', 'x', 'ö', ''), {
    maxLength: 30,
  })
  .map((pieces) => pieces.join(''))

describe('FrameCutter', () => {
  it.each<[Framing]>([['sse'], ['ndjson']])(
    'gives every byte back in order, and the same frames for any chunking (%s)',
    (framing) => {
      const cases = sseText.chain((text) =>
        fc.record({ text: fc.constant(text), chunks: chunked(bytesOf(text)) }),
      )
      fc.assert(
        fc.property(cases, ({ text, chunks }) => {
          const { frames, rest } = cut(framing, chunks)
          expect(frames.join('') + rest).toBe(textOf(bytesOf(text)))
          expect(cut(framing, byteByByte(bytesOf(text)))).toEqual({ frames, rest })
        }),
      )
    },
  )

  it('ends a frame where the reader gives it', () => {
    const cases = sseText.filter((text) => !text.endsWith('\r'))
    fc.assert(
      fc.property(cases, (text) => {
        const { frames } = cut('sse', [bytesOf(text)])
        const reader = frameReader('sse')
        const seen: Frame[] = []
        for (const frame of frames) {
          const said = reader.write(Buffer.from(frame, 'latin1'))
          expect(said.length).toBeLessThanOrEqual(1)
          seen.push(...said)
        }
        const whole = frameReader('sse')
        expect(seen).toEqual(whole.write(bytesOf(text)))
      }),
    )
  })

  it('counts a CRLF as one break, even when a chunk ends inside it', () => {
    const stream = 'data: 1\r\n\r\ndata: 2\r\n\r\n'
    const expected = { frames: ['data: 1\r\n\r\n', 'data: 2\r\n\r\n'], rest: '' }
    expect(cut('sse', [bytesOf(stream)])).toEqual(expected)
    expect(cut('sse', byteByByte(bytesOf(stream)))).toEqual(expected)
  })

  it('keeps a frame that has not ended, and says how long it is', () => {
    const cutter = new FrameCutter('ndjson')
    cutter.write(bytesOf('{"a":'))
    expect(cutter.pendingBytes).toBe(5)
    const run = cutter.write(bytesOf('1}\n{"b"'))
    expect([textOf(run.bytes), run.ends, cutter.pendingBytes]).toEqual(['{"a":1}\n', [8], 4])
    expect(textOf(cutter.finish())).toBe('{"b"')
    expect(cutter.pendingBytes).toBe(0)
  })

  it('does not depend on a chunk that its owner uses again', () => {
    const cutter = new FrameCutter('ndjson')
    const chunk = bytesOf('{"a"')
    cutter.write(chunk)
    chunk.fill(0)
    expect(textOf(cutter.write(bytesOf(':1}\n')).bytes)).toBe('{"a":1}\n')
  })

  it('finds the frames that a reader finds in a whole stream', () => {
    const stream = ': hello\n\nevent: a\ndata: 1\n\ndata: 2\ndata: 3\n\ndata: [DONE]\n\n'
    const { frames, rest } = cut('sse', [bytesOf(stream)])
    expect([frames.length, rest]).toEqual([4, ''])
    expect(readAll(frameReader('sse'), [bytesOf(stream)])).toHaveLength(3)
  })
})
