// Which reader and writer a framing name stands for.
import type { AnswerFraming, Frame, Framing } from './frame.ts'
import { JsonArrayReader, JsonArrayWriter } from './json-array.ts'
import type { Machine } from './machine.ts'
import { NdjsonReader, writeNdjson } from './ndjson.ts'
import { SseReader, writeSse } from './sse.ts'

export function frameReader(framing: AnswerFraming): Machine<Uint8Array, Frame> {
  if (framing === 'json-array') return new JsonArrayReader()
  return framing === 'sse' ? new SseReader() : new NdjsonReader()
}

/** One frame of a framing whose frames stand alone. */
export function writeFrame(framing: Framing, frame: Frame): string {
  return framing === 'sse' ? writeSse(frame) : writeNdjson(frame)
}

/** Writes the frames of one stream in order. */
export interface FrameWriter {
  write(frame: Frame): string
  /** What closes the stream. Called once. */
  finish(): string
}

export function frameWriter(framing: AnswerFraming): FrameWriter {
  if (framing === 'json-array') return new JsonArrayWriter()
  return { write: (frame) => writeFrame(framing, frame), finish: () => '' }
}

export const CONTENT_TYPES: Readonly<Record<AnswerFraming, string>> = {
  sse: 'text/event-stream; charset=utf-8',
  ndjson: 'application/x-ndjson',
  'json-array': 'application/json; charset=utf-8',
}
