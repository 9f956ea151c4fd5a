// Server-sent events, read and written (WHATWG HTML, "Server-sent events", 9.2.6).
import { WireError } from './errors.ts'
import type { Frame } from './frame.ts'
import { isObject, tryParseJson } from './json.ts'
import { LineReader } from './lines.ts'
import type { Machine } from './machine.ts'

export interface SseLimits {
  readonly maxLineBytes: number
  /** UTF-16 units of one event's data, all its lines together. */
  readonly maxFrameLength: number
}

const SSE_LIMITS: SseLimits = {
  maxLineBytes: 16 * 1024 * 1024,
  maxFrameLength: 16 * 1024 * 1024,
}

/** Bytes to frames. Comments, `id:` and `retry:` are passed over. */
export class SseReader implements Machine<Uint8Array, Frame> {
  readonly #limits: SseLimits
  readonly #lines: LineReader
  #event = ''
  #data: string[] = []
  #length = 0

  constructor(limits: SseLimits = SSE_LIMITS) {
    this.#limits = limits
    this.#lines = new LineReader('any', limits)
  }

  write(chunk: Uint8Array): readonly Frame[] {
    return this.#lines.write(chunk).flatMap((line) => this.#line(line))
  }

  /** An event whose closing blank line is missing still counts when its data is whole: many servers end that way. */
  finish(): readonly Frame[] {
    return [...this.#lines.finish().flatMap((line) => this.#line(line)), ...this.#line('')]
  }

  #line(line: string): readonly Frame[] {
    if (line === '') return this.#dispatch()
    const colon = line.indexOf(':')
    if (colon === 0) return []
    const field = colon === -1 ? line : line.slice(0, colon)
    const raw = colon === -1 ? '' : line.slice(colon + 1)
    const value = raw.startsWith(' ') ? raw.slice(1) : raw
    if (field === 'data') this.#append(value)
    else if (field === 'event') this.#event = value
    return []
  }

  #append(value: string): void {
    this.#length += value.length + 1
    if (this.#length > this.#limits.maxFrameLength) {
      throw new WireError(
        'frame_too_large',
        `an event of the stream is larger than ${this.#limits.maxFrameLength} characters`,
      )
    }
    this.#data.push(value)
  }

  #dispatch(): readonly Frame[] {
    const data = this.#data
    const event = this.#event
    this.#data = []
    this.#event = ''
    this.#length = 0
    if (data.length === 0) return []
    const named = event === '' ? {} : { event }
    return eventsIn(data).map((one) => ({ ...named, data: one }))
  }
}

/** The lines of one event. Some hosts leave out the blank line between events: then each line is a JSON object, and all together are no JSON. */
function eventsIn(lines: readonly string[]): readonly string[] {
  const whole = lines.join('\n')
  if (lines.length === 1 || tryParseJson(whole) !== undefined) return [whole]
  return lines.every((line) => isObject(tryParseJson(line))) ? lines : [whole]
}

const LINE_BREAK = /\r\n|\r|\n/

/** A frame as text: name, data lines, blank line; a comment frame as one comment line. */
export function writeSse(frame: Frame): string {
  if (frame.comment !== undefined) {
    const line = `: ${frame.comment.replaceAll(/[\r\n]+/g, ' ')}\n`
    return frame.attached === true ? line : `${line}\n`
  }
  const name = frame.event === undefined ? '' : `event: ${frame.event}\n`
  const data = LINE_BREAK.test(frame.data)
    ? frame.data
        .split(LINE_BREAK)
        .map((line) => `data: ${line}\n`)
        .join('')
    : `data: ${frame.data}\n`
  return `${name}${data}\n`
}
