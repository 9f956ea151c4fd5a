// Cuts a byte stream where its frames end, without reading what they say and without changing a byte.
import type { Framing } from './frame.ts'

/** A run of whole frames in one piece of memory. */
export interface FrameRun {
  readonly bytes: Uint8Array
  /** Where each frame ends in `bytes`; the last one is its length. */
  readonly ends: readonly number[]
}

const LF = 0x0a
const CR = 0x0d

export class FrameCutter {
  readonly #framing: Framing
  #pending: Uint8Array[] = []
  #pendingBytes = 0
  #lineEmpty = true
  /** The last byte was a CR: an LF that follows belongs to it. */
  #afterCarriageReturn = false
  /** That CR ended a blank line, so the frame ends with it or with its LF. */
  #endsAfterBreak = false

  constructor(framing: Framing) {
    this.#framing = framing
  }

  /** Bytes of the frame that has begun and not ended. */
  get pendingBytes(): number {
    return this.#pendingBytes
  }

  /** The frames that this chunk completes, their first bytes included. */
  write(chunk: Uint8Array): FrameRun {
    const ends = this.#framing === 'ndjson' ? lineEnds(chunk) : this.#blankLines(chunk)
    const last = ends.at(-1)
    if (last === undefined) {
      this.#keep(chunk)
      return { bytes: new Uint8Array(0), ends: [] }
    }
    const before = this.#pendingBytes
    const head = chunk.subarray(0, last)
    const bytes = before === 0 ? head : joined([...this.#pending, head], before + last)
    this.#pending = []
    this.#pendingBytes = 0
    this.#keep(chunk.subarray(last))
    return { bytes, ends: ends.map((end) => end + before) }
  }

  /** The bytes after the last frame's end. */
  finish(): Uint8Array {
    const rest = joined(this.#pending, this.#pendingBytes)
    this.#pending = []
    this.#pendingBytes = 0
    return rest
  }

  #keep(bytes: Uint8Array): void {
    if (bytes.length === 0) return
    // The chunk's buffer belongs to the caller, who may use it again.
    this.#pending.push(bytes.slice())
    this.#pendingBytes += bytes.length
  }

  #blankLines(chunk: Uint8Array): number[] {
    const ends: number[] = []
    for (let at = 0; at < chunk.length; at += 1) {
      const byte = chunk[at]
      if (this.#afterCarriageReturn) {
        this.#afterCarriageReturn = false
        const isPair = byte === LF
        if (this.#endsAfterBreak) ends.push(isPair ? at + 1 : at)
        if (isPair) continue
      }
      if (byte === LF) {
        if (this.#lineEmpty) ends.push(at + 1)
        this.#lineEmpty = true
      } else if (byte === CR) {
        this.#afterCarriageReturn = true
        this.#endsAfterBreak = this.#lineEmpty
        this.#lineEmpty = true
      } else this.#lineEmpty = false
    }
    return ends
  }
}

function lineEnds(chunk: Uint8Array): number[] {
  const ends: number[] = []
  for (let at = chunk.indexOf(LF); at !== -1; at = chunk.indexOf(LF, at + 1)) ends.push(at + 1)
  return ends
}

function joined(pieces: readonly Uint8Array[], length: number): Uint8Array {
  const bytes = new Uint8Array(length)
  let at = 0
  for (const piece of pieces) {
    bytes.set(piece, at)
    at += piece.length
  }
  return bytes
}
