// Runs of whole frames to events: what differs from the frames before it in one text only is found by a search, and not read frame by frame.
import type { ChatEvent } from '../canonical/event.ts'
import type { FrameRun } from '../wire/frame-cutter.ts'
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

  constructor(framing: Framing, decoder: StreamDecoder, telling: Telling) {
    this.#framing = framing
    this.#decoder = decoder
    this.#telling = telling
    this.#frames = frameReader(framing)
  }

  /** One stretch after the other, each read when it is asked for. */
  *read(run: FrameRun): Generator<Stretch> {
    const text = this.#decoder.takes === undefined || run.hasReturns ? undefined : textOf(run)
    if (text !== undefined) return yield* this.#searched(text, run.bytes)
    let at = 0
    for (const end of run.ends) {
      yield this.#whole(run.bytes.subarray(at, end), end)
      at = end
    }
  }

  /** The rest, which no frame's end follows. */
  finish(rest: Uint8Array): Stretch {
    const frames = [...this.#frames.write(rest), ...this.#frames.finish()]
    return this.#decoded(frames, rest.length)
  }

  *#searched(text: string, bytes: Uint8Array): Generator<Stretch> {
    const bytesIn = (from: number, to: number): number =>
      text.length === bytes.length ? to - from : Buffer.byteLength(text.slice(from, to))
    let at = 0
    let end = 0
    while (at < text.length) {
      const begun = at
      const texts: string[] = []
      at = this.#repeated(text, at, texts)
      end += bytesIn(begun, at)
      if (texts.length > 0) yield { end, frames: [], events: this.#told(texts) }
      if (at === text.length) return
      // Where a search has ended at its limit, another goes on.
      if (texts.length === AT_ONCE - 1) continue
      const next = this.#frameEnd(text, at)
      const from = end
      end += bytesIn(at, next)
      const stretch = this.#whole(bytes.subarray(from, end), end)
      this.#learn(text.slice(at, next), stretch.frames)
      at = next
      yield stretch
    }
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
    const all = this.#telling === 'joined' ? [texts.join('')] : texts
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
  #learn(text: string, frames: readonly Frame[]): void {
    const { refrain } = this.#decoder
    if (refrain === this.#around?.refrain) return
    this.#around =
      refrain === undefined || frames.length !== 1 ? undefined : aroundIn(text, refrain)
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
  const { buffer, byteOffset, byteLength } = bytes
  const text = Buffer.from(buffer, byteOffset, byteLength).toString('utf8')
  // What is no UTF-8 has become that, and perhaps of another length.
  return text.length !== byteLength && text.includes('\uFFFD') ? undefined : text
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
  const before = text.slice(0, from + 1)
  const after = text.slice(ends - 1)
  return { refrain, before, after, between: after + before }
}
