// Readers and writers by the name of their framing.
import { describe, expect, it } from 'vitest'
import { bytesOf, readAll } from './chunked.arbitrary.ts'
import type { Framing } from './frame.ts'
import { CONTENT_TYPES, frameReader, writeFrame } from './framing.ts'

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

describe('CONTENT_TYPES', () => {
  it('has the type that clients of each framing look for', () => {
    expect(CONTENT_TYPES.sse).toMatch(/^text\/event-stream/)
    expect(CONTENT_TYPES.ndjson).toBe('application/x-ndjson')
  })
})
