// Bytes to lines: any chunking, LF, CRLF or CR, a byte order mark at the start, UTF-8 split anywhere.
import { WireError } from './errors.ts'
import type { Machine } from './machine.ts'

export interface LineLimits {
  /** In bytes of UTF-8, as received; a longer line is an error, not growth. */
  readonly maxLineBytes: number
}

const LF = 0x0a
const CR = 0x0d

/** `breaks: 'lf'` ends lines at LF alone (NDJSON), `'any'` also at CR and CRLF (SSE). */
export class LineReader implements Machine<Uint8Array, string> {
  readonly #limits: LineLimits
  readonly #breaks: 'lf' | 'any'
  // Bytes that are no UTF-8 become U+FFFD: one bad character of a model is no reason to lose the rest of its answer.
  readonly #decoder = new TextDecoder('utf-8', { ignoreBOM: true })
  #pending: Uint8Array[] = []
  #pendingBytes = 0
  #afterCarriageReturn = false
  #first = true

  constructor(breaks: 'lf' | 'any', limits: LineLimits) {
    this.#breaks = breaks
    this.#limits = limits
  }

  write(chunk: Uint8Array): readonly string[] {
    const isShort = this.#pendingBytes + chunk.length <= this.#limits.maxLineBytes
    const hasReturns = this.#breaks === 'any' && (this.#afterCarriageReturn || chunk.includes(CR))
    return isShort && !hasReturns ? this.#atOnce(chunk) : this.#oneByOne(chunk)
  }

  /** Where LF alone ends lines and none can be too long: all that are whole are decoded together. */
  #atOnce(chunk: Uint8Array): readonly string[] {
    const end = chunk.lastIndexOf(LF)
    const lines = end === -1 ? [] : this.#line(chunk.subarray(0, end)).split('\n')
    if (end + 1 < chunk.length) this.#keep(chunk.subarray(end + 1))
    return lines
  }

  #oneByOne(chunk: Uint8Array): readonly string[] {
    const lines: string[] = []
    let start = 0
    for (let at = 0; at < chunk.length; at += 1) {
      const byte = chunk[at]
      if (byte === LF) {
        // The LF of a CRLF whose CR has already ended the line.
        if (this.#afterCarriageReturn && at === start) {
          this.#afterCarriageReturn = false
          start = at + 1
          continue
        }
        lines.push(this.#line(chunk.subarray(start, at)))
        start = at + 1
      } else if (byte === CR && this.#breaks === 'any') {
        lines.push(this.#line(chunk.subarray(start, at)))
        start = at + 1
        this.#afterCarriageReturn = true
        continue
      }
      this.#afterCarriageReturn = false
    }
    if (start < chunk.length) this.#keep(chunk.subarray(start))
    return lines
  }

  /** The last line, when the input did not end in a line break. */
  finish(): readonly string[] {
    return this.#pendingBytes === 0 ? [] : [this.#line(new Uint8Array(0))]
  }

  #keep(bytes: Uint8Array): void {
    // The chunk's buffer belongs to the caller, who may use it again.
    this.#pending.push(bytes.slice())
    this.#pendingBytes += bytes.length
    this.#assertLength(this.#pendingBytes)
  }

  #line(tail: Uint8Array): string {
    this.#assertLength(this.#pendingBytes + tail.length)
    const bytes = this.#pending.length === 0 ? tail : this.#joined(tail)
    const text = this.#decoder.decode(bytes)
    if (!this.#first) return text
    this.#first = false
    return text.startsWith('\uFEFF') ? text.slice(1) : text
  }

  #joined(tail: Uint8Array): Uint8Array {
    const bytes = new Uint8Array(this.#pendingBytes + tail.length)
    let at = 0
    for (const piece of [...this.#pending, tail]) {
      bytes.set(piece, at)
      at += piece.length
    }
    this.#pending = []
    this.#pendingBytes = 0
    return bytes
  }

  #assertLength(bytes: number): void {
    if (bytes > this.#limits.maxLineBytes) {
      // Whoever still holds the reader should not hold what nobody will read.
      this.#pending = []
      this.#pendingBytes = 0
      throw new WireError(
        'line_too_long',
        `a line of the stream is longer than ${this.#limits.maxLineBytes} bytes`,
      )
    }
  }
}
