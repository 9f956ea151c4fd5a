// Readers and writers by the name of their framing.
import { describe, expect, it } from 'vitest'
import { bytesOf, readAll } from './chunked.arbitrary.ts'
import type { AnswerFraming, Framing } from './frame.ts'
import { CONTENT_TYPES, frameReader, frameWriter, writeFrame } from './framing.ts'

const framings: readonly Framing[] = ['sse', 'ndjson']

describe.each(framings)('%s', (framing) => {
  it('reads what it writes', () => {
    const text = writeFrame(framing, { data: '{"a":1}' }) + writeFrame(framing, { data: '2' })
    expect(readAll(frameReader(framing), [bytesOf(text)])).toEqual([
      { data: '{"a":1}' },
      { data: '2' },
    ])
  })
})

const answers: readonly AnswerFraming[] = [...framings, 'json-array']

describe.each(answers)('a stream in %s', (framing) => {
  it('is read as it was written, comments aside, and closed as well when it is empty', () => {
    const frames = [{ data: '{"a":1}' }, { data: '{"b":[2]}' }]
    const writer = frameWriter(framing)
    const text = [
      writer.write({ data: '', comment: 'ping' }),
      ...frames.map((frame) => writer.write(frame)),
      writer.write({ data: '', comment: 'ping' }),
      writer.finish(),
    ].join('')
    expect(readAll(frameReader(framing), [bytesOf(text)])).toEqual(frames)
    expect(readAll(frameReader(framing), [bytesOf(frameWriter(framing).finish())])).toEqual([])
  })
})

describe('CONTENT_TYPES', () => {
  it('has the type that clients of each framing look for', () => {
    expect(CONTENT_TYPES.sse).toMatch(/^text\/event-stream/)
    expect(CONTENT_TYPES.ndjson).toBe('application/x-ndjson')
    expect(CONTENT_TYPES['json-array']).toMatch(/^application\/json/)
  })
})
