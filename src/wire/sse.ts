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
    return this.#framesOf(this.#lines.write(chunk))
  }

  /** An event whose closing blank line is missing still counts when its data is whole: many servers end that way. */
  finish(): readonly Frame[] {
    return this.#framesOf([...this.#lines.finish(), ''])
  }

  #framesOf(lines: readonly string[]): readonly Frame[] {
    const frames: Frame[] = []
    for (const line of lines) {
      if (line === '') this.#dispatch(frames)
      else this.#field(line)
    }
    return frames
  }

  #field(line: string): void {
    if (line.startsWith('data:')) return this.#append(valueOf(line, 5))
    const colon = line.indexOf(':')
    const field = colon === -1 ? line : line.slice(0, colon)
    if (field === 'event') this.#event = colon === -1 ? '' : valueOf(line, colon + 1)
    else if (field === 'data') this.#append('')
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

  #dispatch(frames: Frame[]): void {
    const data = this.#data
    const event = this.#event
    this.#event = ''
    if (data.length === 0) return
    this.#data = []
    this.#length = 0
    for (const one of eventsIn(data))
      frames.push(event === '' ? { data: one } : { event, data: one })
  }
}

/** What stands behind the colon of a field; one space in front of it does not belong to it. */
function valueOf(line: string, start: number): string {
  return line.slice(line.startsWith(' ', start) ? start + 1 : start)
}

/** The lines of one event. Some hosts leave out the blank line between events: then each line is a JSON object, and all together are no JSON. */
function eventsIn(lines: readonly string[]): readonly string[] {
  if (lines.length === 1) return lines
  const whole = lines.join('\n')
  if (tryParseJson(whole) !== undefined) return [whole]
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
