// A stream as one JSON array that grows: Google's APIs answer so unless they are asked for events.
import { WireError } from './errors.ts'
import type { Frame } from './frame.ts'
import type { Machine } from './machine.ts'

export interface JsonArrayLimits {
  /** UTF-16 units of one item. */
  readonly maxFrameLength: number
}

const JSON_ARRAY_LIMITS: JsonArrayLimits = { maxFrameLength: 16 * 1024 * 1024 }

/** Bytes to frames, one an item that is an object or a list. What stands between items is passed over; an item cut off by the end is none. */
export class JsonArrayReader implements Machine<Uint8Array, Frame> {
  readonly #limits: JsonArrayLimits
  readonly #decoder = new TextDecoder('utf-8')
  #item = ''
  #depth = 0
  #inString = false
  #escaped = false

  constructor(limits: JsonArrayLimits = JSON_ARRAY_LIMITS) {
    this.#limits = limits
  }

  write(chunk: Uint8Array): readonly Frame[] {
    return this.#read(this.#decoder.decode(chunk, { stream: true }))
  }

  finish(): readonly Frame[] {
    return this.#read(this.#decoder.decode())
  }

  #read(text: string): readonly Frame[] {
    const frames: Frame[] = []
    let start = this.#depth > 1 ? 0 : -1
    for (let at = 0; at < text.length; at += 1) {
      const before = this.#depth
      this.#step(text.charCodeAt(at))
      if (before === 1 && this.#depth === 2) start = at
      if (before === 2 && this.#depth === 1) {
        this.#keep(text.slice(start, at + 1))
        frames.push({ data: this.#item })
        this.#item = ''
        start = -1
      }
    }
    if (start !== -1) this.#keep(text.slice(start))
    return frames
  }

  #step(code: number): void {
    if (this.#inString) {
      if (this.#escaped) this.#escaped = false
      else if (code === 0x5c) this.#escaped = true
      else if (code === 0x22) this.#inString = false
    } else if (code === 0x22) this.#inString = true
    else if (code === 0x7b || code === 0x5b) this.#depth += 1
    else if (code === 0x7d || code === 0x5d) this.#depth -= 1
  }

  #keep(text: string): void {
    if (this.#item.length + text.length > this.#limits.maxFrameLength) {
      throw new WireError(
        'frame_too_large',
        `an item of the stream is larger than ${this.#limits.maxFrameLength} characters`,
      )
    }
    this.#item += text
  }
}

/** Frames to the text of one array. A comment is a blank line, which JSON allows between items. */
export class JsonArrayWriter {
  #begun = false

  write(frame: Frame): string {
    if (frame.comment !== undefined) return '\n'
    const text = `${this.#begun ? ',\n' : '['}${frame.data}`
    this.#begun = true
    return text
  }

  finish(): string {
    return this.#begun ? ']' : '[]'
  }
}
