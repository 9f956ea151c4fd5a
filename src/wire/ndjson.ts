// Newline-delimited JSON, read and written: one value a line, LF at the end, a CR before it tolerated.
import type { Frame } from './frame.ts'
import { type LineLimits, LineReader } from './lines.ts'
import type { Machine } from './machine.ts'

const NDJSON_LIMITS: LineLimits = { maxLineBytes: 16 * 1024 * 1024 }

/** Bytes to frames; blank lines are passed over. */
export class NdjsonReader implements Machine<Uint8Array, Frame> {
  readonly #lines: LineReader

  constructor(limits: LineLimits = NDJSON_LIMITS) {
    this.#lines = new LineReader('lf', limits)
  }

  write(chunk: Uint8Array): readonly Frame[] {
    return this.#frames(this.#lines.write(chunk))
  }

  finish(): readonly Frame[] {
    return this.#frames(this.#lines.finish())
  }

  #frames(lines: readonly string[]): readonly Frame[] {
    return lines.filter((line) => line.trim() !== '').map((data) => ({ data: data.trimEnd() }))
  }
}

/** NDJSON has no comments: a comment frame is nothing. */
export function writeNdjson(frame: Frame): string {
  return frame.comment === undefined ? `${frame.data}\n` : ''
}
