// Decoders and encoders that read and write the frames of a refrain around their texts, and all others in full.
import type { ChatEvent } from '../canonical/event.ts'
import { GatheredText } from '../canonical/gathered-text.ts'
import type { Note } from '../canonical/note.ts'
import type { Frame } from '../wire/frame.ts'
import type { StreamDecoder, StreamEncoder } from './dialect.ts'
import {
  type Refrain,
  RefrainFinder,
  type TextDelta,
  frameAround,
  textDelta,
  textWithin,
  withoutPadding,
} from './refrain.ts'

export interface RefrainRules {
  /**
   * Whether a text can be told to the decoder together with those before and after it. Absent: any can. One that looks at each
   * piece for itself, as for a piece that repeats what was said, has such pieces in full.
   */
  readonly joinable?: (text: string) => boolean
  /** A key at the end of every frame that holds padding, and that the decoder passes over. */
  readonly padding?: string
}

/** Characters that are owed before they are told all at once. */
const OWED_AT_MOST = 65_536

function deltaOf({ index, text }: TextDelta): ChatEvent {
  return { type: 'part-delta', index, delta: { kind: 'text', text } }
}

/** For a decoder to which texts of one part amount to the same in few pieces as in many. */
export class RefrainedDecoder implements StreamDecoder {
  readonly #decoder: StreamDecoder
  readonly #rules: RefrainRules
  readonly #finder = new RefrainFinder()
  #refrain: Refrain | undefined
  /** Text that the decoder has not been told. */
  #owed = new GatheredText()

  constructor(decoder: StreamDecoder, rules: RefrainRules = {}) {
    this.#decoder = decoder
    this.#rules = rules
  }

  get complete(): boolean {
    return this.#decoder.complete === true
  }

  get refrain(): Refrain | undefined {
    return this.#refrain
  }

  takes(text: string): boolean {
    if (this.#refrain === undefined || this.#rules.joinable?.(text) === false) return false
    this.#owed.add(text)
    if (this.#owed.length >= OWED_AT_MOST) this.#settle()
    return true
  }

  write(frame: Frame): readonly ChatEvent[] {
    const { padding } = this.#rules
    const bare = padding === undefined ? frame : withoutPadding(frame, padding)
    const refrain = this.#refrain
    const text = refrain === undefined ? undefined : textWithin(bare, refrain)
    if (refrain !== undefined && text !== undefined && this.takes(text)) {
      return [deltaOf({ index: refrain.index, text })]
    }
    this.#settle()
    const events = this.#decoder.write(frame)
    const said = events.length === 1 ? textDelta(events[0]) : undefined
    this.#refrain = this.#finder.found(bare, said)
    return events
  }

  finish(): readonly ChatEvent[] {
    this.#settle()
    return this.#decoder.finish()
  }

  /** What it would say to that has been said. */
  #settle(): void {
    if (this.#refrain === undefined || this.#owed.length === 0) return
    const text = this.#owed.toString()
    this.#owed = new GatheredText()
    this.#decoder.write(frameAround(text, this.#refrain))
  }
}

/** For an encoder to which they do, and whose frames hold nothing that passes with time. */
export class RefrainedEncoder implements StreamEncoder {
  readonly #encoder: StreamEncoder
  readonly #finder = new RefrainFinder()
  #refrain: Refrain | undefined
  /** Text that the encoder has not been told. */
  #owed = new GatheredText()

  constructor(encoder: StreamEncoder) {
    this.#encoder = encoder
  }

  get notes(): readonly Note[] {
    this.#settle()
    return this.#encoder.notes
  }

  write(event: ChatEvent): readonly Frame[] {
    const said = textDelta(event)
    const refrain = this.#refrain
    if (refrain !== undefined && said !== undefined && said.index === refrain.index) {
      this.#owed.add(said.text)
      if (this.#owed.length >= OWED_AT_MOST) this.#settle()
      return [frameAround(said.text, refrain)]
    }
    this.#settle()
    const frames = this.#encoder.write(event)
    this.#refrain = this.#finder.found(frames.length === 1 ? frames[0] : undefined, said)
    return frames
  }

  finish(): readonly Frame[] {
    this.#settle()
    return this.#encoder.finish()
  }

  keepAlive(): Frame | undefined {
    return this.#encoder.keepAlive()
  }

  #settle(): void {
    if (this.#refrain === undefined || this.#owed.length === 0) return
    const text = this.#owed.toString()
    this.#owed = new GatheredText()
    this.#encoder.write(deltaOf({ index: this.#refrain.index, text }))
  }
}
