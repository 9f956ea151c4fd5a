// Which reader and writer a framing name stands for.
import type { Frame, Framing } from './frame.ts'
import type { Machine } from './machine.ts'
import { NdjsonReader, writeNdjson } from './ndjson.ts'
import { SseReader, writeSse } from './sse.ts'

export function frameReader(framing: Framing): Machine<Uint8Array, Frame> {
  return framing === 'sse' ? new SseReader() : new NdjsonReader()
}

export function writeFrame(framing: Framing, frame: Frame): string {
  return framing === 'sse' ? writeSse(frame) : writeNdjson(frame)
}

export const CONTENT_TYPES: Readonly<Record<Framing, string>> = {
  sse: 'text/event-stream; charset=utf-8',
  ndjson: 'application/x-ndjson',
}
