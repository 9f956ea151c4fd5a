// Cuts a byte stream where its frames end, without reading what they say and without changing a byte.
import type { Framing } from './frame.ts'

const LF = 0x0a
const CR = 0x0d
const NOTHING = new Uint8Array(0)
const BLANK_LINE = Buffer.from('\n\n')

/** A run of whole frames in one piece of memory. */
export class FrameRun {
  readonly bytes: Uint8Array
  /** Lines may end in a CR, alone or before an LF. */
  readonly hasReturns: boolean
  readonly #framing: Framing
  #ends: readonly number[] | undefined

  constructor(bytes: Uint8Array, framing: Framing, hasReturns: boolean) {
    this.bytes = bytes
    this.hasReturns = hasReturns
    this.#framing = framing
  }

  /** Where each frame ends in `bytes`; the last one is its length. Looked for when somebody wants to know. */
  get ends(): readonly number[] {
    this.#ends ??= this.#framing === 'ndjson' ? lineEnds(this.bytes) : frameEnds(this.bytes)
    return this.#ends
  }
}

export class FrameCutter {
  readonly #framing: Framing
  #pending: Uint8Array[] = []
  #pendingBytes = 0
  readonly #breaks = new BreakFinder()
  /** A CR has come in this stream: from then on every byte is looked at. */
  #hasReturns = false

  constructor(framing: Framing) {
    this.#framing = framing
  }

  /** Bytes of the frame that has begun and not ended. */
  get pendingBytes(): number {
    return this.#pendingBytes
  }

  /** The frames that this chunk completes, their first bytes included. */
  write(chunk: Uint8Array): FrameRun {
    const last = this.#lastEnd(chunk)
    if (last === undefined) {
      this.#keep(chunk)
      return new FrameRun(NOTHING, this.#framing, this.#hasReturns)
    }
    const head = last === chunk.length ? chunk : chunk.subarray(0, last)
    const before = this.#pendingBytes
    const bytes = before === 0 ? head : joined([...this.#pending, head], before + last)
    this.#pending = []
    this.#pendingBytes = 0
    if (last < chunk.length) this.#keep(chunk.subarray(last))
    return new FrameRun(bytes, this.#framing, this.#hasReturns)
  }

  /** Lets go of a frame that nobody will read. */
  drop(): void {
    this.#pending = []
    this.#pendingBytes = 0
  }

  /** The bytes after the last frame's end. */
  finish(): Uint8Array {
    const rest = joined(this.#pending, this.#pendingBytes)
    this.drop()
    return rest
  }

  #keep(bytes: Uint8Array): void {
    if (bytes.length === 0) return
    // The chunk's buffer belongs to the caller, who may use it again.
    this.#pending.push(bytes.slice())
    this.#pendingBytes += bytes.length
  }

  /** Where the last frame ends in the chunk, at its very beginning where it began before; undefined where none does. */
  #lastEnd(chunk: Uint8Array): number | undefined {
    const bytes = bufferOf(chunk)
    if (this.#framing === 'ndjson') return endAt(bytes.lastIndexOf(LF), 1)
    if (!this.#hasReturns && bytes.includes(CR)) {
      this.#hasReturns = true
      for (const piece of this.#pending) this.#breaks.write(piece)
    }
    if (this.#hasReturns) return this.#breaks.write(chunk).at(-1)
    const end = endAt(bytes.lastIndexOf(BLANK_LINE), BLANK_LINE.length)
    const isAtLine = this.#pendingBytes === 0 || this.#pending.at(-1)?.at(-1) === LF
    return end ?? (isAtLine && chunk[0] === LF ? 1 : undefined)
  }
}

/** Finds blank lines, whatever lines end in, over any number of chunks. */
class BreakFinder {
  #lineEmpty = true
  /** The last byte was a CR: an LF that follows belongs to it. */
  #afterCarriageReturn = false
  /** That CR ended a blank line, so the frame ends with it or with its LF. */
  #endsAfterBreak = false

  write(chunk: Uint8Array): number[] {
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

/** Of whole frames: the last one ends where they do, be it in a CR. */
function frameEnds(bytes: Uint8Array): readonly number[] {
  const ends = new BreakFinder().write(bytes)
  if (ends.at(-1) !== bytes.length && bytes.length > 0) ends.push(bytes.length)
  return ends
}

function lineEnds(chunk: Uint8Array): number[] {
  const ends: number[] = []
  for (let at = chunk.indexOf(LF); at !== -1; at = chunk.indexOf(LF, at + 1)) ends.push(at + 1)
  return ends
}

function endAt(found: number, length: number): number | undefined {
  return found === -1 ? undefined : found + length
}

/** Its searches are native. */
function bufferOf(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
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
