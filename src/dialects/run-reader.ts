// Runs of whole frames to events: what differs from the frames before it in one text only is found by a search, and not read frame by frame.
import type { ChatEvent } from '../canonical/event.ts'
import { bufferOf } from '../wire/buffer-of.ts'
import { FrameRun } from '../wire/frame-cutter.ts'
import type { Frame, Framing } from '../wire/frame.ts'
import { frameReader } from '../wire/framing.ts'
import type { Machine } from '../wire/machine.ts'
import type { StreamDecoder } from './dialect.ts'
import type { Refrain } from './refrain.ts'

/** Some frames of a run, and what they say. */
export interface Stretch {
  /** Where they end in the run. */
  readonly end: number
  /** What was read in full. */
  readonly frames: readonly Frame[]
  readonly events: readonly ChatEvent[]
}

/** Whether the texts of a search are told in as many events as there are frames, or in one. */
export type Telling = 'apart' | 'joined'

/** A refrain as it stands in the run, its framing and quotes included. */
interface Around {
  readonly refrain: Refrain
  readonly before: string
  readonly after: string
  /** What stands between two texts. */
  readonly between: string
}

const NOTHING = new FrameRun(new Uint8Array(0), 'sse', true)

/** So many frames are looked for at once. */
const AT_ONCE = 64

/** What makes a text within quotes another than it looks: quotes, backslashes, and what is below a space. */
const ODD = /[^ !#-[\]-\uffff]/

export class RunReader {
  readonly #framing: Framing
  readonly #decoder: StreamDecoder
  readonly #telling: Telling
  readonly #frames: Machine<Uint8Array, Frame>
  #around: Around | undefined
  #run = NOTHING
  /** The run as text, where places in it are places in its bytes. */
  #text: string | undefined
  /** Read so far: of the text, of the bytes, and in frames. */
  #at = 0
  #end = 0
  #frame = 0

  constructor(framing: Framing, decoder: StreamDecoder, telling: Telling) {
    this.#framing = framing
    this.#decoder = decoder
    this.#telling = telling
    this.#frames = frameReader(framing)
  }

  /** From now on `next` reads in this run. */
  begin(run: FrameRun): void {
    this.#run = run
    this.#text = this.#decoder.takes === undefined || run.hasReturns ? undefined : textOf(run)
    this.#at = 0
    this.#end = 0
    this.#frame = 0
  }

  /** One stretch after the other, each read when it is asked for; undefined at the end of the run. */
  next(): Stretch | undefined {
    const { bytes } = this.#run
    if (this.#end === bytes.length) {
      // A stream may be silent for long: what has been read of it is not held meanwhile.
      this.begin(NOTHING)
      return undefined
    }
    return this.#text === undefined ? this.#nextFrame(bytes) : this.#nextIn(this.#text, bytes)
  }

  /** The rest, which no frame's end follows. */
  finish(rest: Uint8Array): Stretch {
    const frames = [...this.#frames.write(rest), ...this.#frames.finish()]
    return this.#decoded(frames, rest.length)
  }

  #nextFrame(bytes: Uint8Array): Stretch {
    const from = this.#end
    this.#end = this.#run.ends[this.#frame] ?? bytes.length
    this.#frame += 1
    return this.#whole(bytes.subarray(from, this.#end), this.#end)
  }

  #nextIn(text: string, bytes: Uint8Array): Stretch {
    const at = this.#at
    const from = this.#end
    const texts: string[] = []
    this.#at = this.#repeated(text, at, texts)
    if (texts.length > 0) {
      this.#end = from + this.#bytesIn(text, at)
      return { end: this.#end, frames: [], events: this.#told(texts) }
    }
    this.#at = this.#frameEnd(text, at)
    this.#end = from + this.#bytesIn(text, at)
    const stretch = this.#whole(bytes.subarray(from, this.#end), this.#end)
    this.#learn(text, at, stretch.frames)
    return stretch
  }

  /** Of the text from there to where it is read now. */
  #bytesIn(text: string, from: number): number {
    if (text.length === this.#run.bytes.length) return this.#at - from
    return Buffer.byteLength(text.slice(from, this.#at))
  }

  /** Where the frames end that have the known words around their texts. */
  #repeated(text: string, from: number, texts: string[]): number {
    const around = this.#around
    if (around === undefined || !text.startsWith(around.before, from)) return from
    const { before, after, between } = around
    let at = from
    for (const piece of text.slice(from + before.length).split(between, AT_ONCE)) {
      const isLast =
        at + before.length + piece.length === text.length || texts.length === AT_ONCE - 1
      const length = isLast ? piece.indexOf(after) : piece.length
      const said = length > 0 ? textWithin(isLast ? piece.slice(0, length) : piece) : undefined
      if (said === undefined || this.#decoder.takes?.(said) !== true) break
      texts.push(said)
      at += before.length + length + after.length
    }
    return at
  }

  #told(texts: readonly string[]): readonly ChatEvent[] {
    const index = this.#around?.refrain.index ?? 0
    const all = this.#telling === 'joined' && texts.length > 1 ? [texts.join('')] : texts
    return all.map((text) => ({ type: 'part-delta', index, delta: { kind: 'text', text } }))
  }

  #whole(bytes: Uint8Array, end: number): Stretch {
    return this.#decoded(this.#frames.write(bytes), end)
  }

  #decoded(frames: readonly Frame[], end: number): Stretch {
    const [first] = frames
    if (first !== undefined && frames.length === 1) {
      return { end, frames, events: this.#decoder.write(first) }
    }
    return { end, frames, events: frames.flatMap((frame) => this.#decoder.write(frame)) }
  }

  /** How the refrain stands in the bytes is seen by the frame that it was found with. */
  #learn(text: string, from: number, frames: readonly Frame[]): void {
    const { refrain } = this.#decoder
    if (refrain === this.#around?.refrain) return
    const isKnown = refrain !== undefined && frames.length === 1
    this.#around = isKnown ? aroundIn(text.slice(from, this.#at), refrain) : undefined
  }

  #frameEnd(text: string, from: number): number {
    if (this.#framing === 'sse' && text.startsWith('\n', from)) return from + 1
    const mark = this.#framing === 'sse' ? '\n\n' : '\n'
    const at = text.indexOf(mark, from)
    return at === -1 ? text.length : at + mark.length
  }
}

/** Undefined where places in the text would not be places in the bytes. */
function textOf({ bytes }: FrameRun): string | undefined {
  const text = bufferOf(bytes).toString('utf8')
  // What is no UTF-8 has become that, and perhaps of another length.
  return text.length !== bytes.length && text.includes('\uFFFD') ? undefined : text
}

/** Undefined where it is no text within quotes. */
function textWithin(quoted: string): string | undefined {
  if (!ODD.test(quoted)) return quoted
  try {
    const text: unknown = JSON.parse(`"${quoted}"`)
    return typeof text === 'string' ? text : undefined
  } catch {
    return undefined
  }
}

function aroundIn(text: string, refrain: Refrain): Around | undefined {
  const begins = text.indexOf(refrain.before)
  const ends = text.lastIndexOf(refrain.after)
  const from = begins + refrain.before.length
  if (begins === -1 || ends <= from + 1 || text[from] !== '"' || text[ends - 1] !== '"') {
    return undefined
  }
  const before = owned(text.slice(0, from + 1))
  const after = owned(text.slice(ends - 1))
  return { refrain, before, after, between: after + before }
}

/** A part of a text holds all of it, for as long as it lives; this one does not. */
function owned(part: string): string {
  return Buffer.from(part).toString('utf8')
}
