// A stream as a response body: events encoded or pieces passed on, kept alive while the upstream is silent, never cut without a word.
import { Collector } from '../canonical/collect.ts'
import { type GatewayError, toGatewayError } from '../canonical/errors.ts'
import type { ChatEvent } from '../canonical/event.ts'
import { explode } from '../canonical/explode.ts'
import type { StreamEncoder } from '../dialects/dialect.ts'
import type { PassedPiece } from '../exchange/exchange.ts'
import type { AnswerFraming, Frame } from '../wire/frame.ts'
import { type FrameWriter, frameWriter } from '../wire/framing.ts'
import { asideFrame } from './aside.ts'
import { type PaceOptions, PacedBody } from './paced-body.ts'

interface BodyOptions extends PaceOptions {
  readonly encoder: StreamEncoder
  readonly framing: AnswerFraming
}

export interface StreamBodyOptions extends BodyOptions {
  readonly events: AsyncIterable<readonly ChatEvent[]>
}

export interface PassedBodyOptions extends BodyOptions {
  readonly pieces: AsyncIterable<PassedPiece>
}

/** One piece of text for all that came at once, where it says something. */
export class StreamBody extends PacedBody<readonly ChatEvent[]> {
  readonly #encoder: StreamEncoder
  readonly #framing: AnswerFraming
  readonly #writer: FrameWriter

  constructor(options: StreamBodyOptions) {
    super(options.events, options)
    this.#encoder = options.encoder
    this.#framing = options.framing
    this.#writer = frameWriter(options.framing)
  }

  protected override step(events: readonly ChatEvent[]): void {
    let text = ''
    try {
      for (const event of events) text += printed(this.#writer, this.#framesOf(event))
    } finally {
      this.say(text)
    }
  }

  protected override silence(): void {
    this.say(printed(this.#writer, alive(this.#encoder)))
  }

  protected override end(): void {
    this.say(this.#rest())
  }

  protected override fail(thrown: unknown): void {
    const frames = this.#encoder.write({ type: 'error', error: toGatewayError(thrown) })
    this.say(printed(this.#writer, frames) + this.#rest())
  }

  #rest(): string {
    return printed(this.#writer, this.#encoder.finish()) + this.#writer.finish()
  }

  #framesOf(event: ChatEvent): readonly Frame[] {
    if (event.type !== 'ping' || event.told === undefined) return this.#encoder.write(event)
    return asideFrame(event.told, this.#framing)
  }
}

/** The bytes as they came. Only what they cannot say is encoded: errors, and signs of life. Throws where a frame was cut and no word fits. */
export class PassedBody extends PacedBody<PassedPiece> {
  readonly #encoder: StreamEncoder
  readonly #writer: FrameWriter
  readonly #said = new Said()
  #isOpen = false

  constructor(options: PassedBodyOptions) {
    super(options.pieces, options)
    this.#encoder = options.encoder
    this.#writer = frameWriter(options.framing)
  }

  protected override step({ bytes, events, open }: PassedPiece): void {
    this.#said.hear(events)
    this.say(bytes)
    this.#isOpen = open === true
    const error = events.find((event) => event.type === 'error')?.error
    if (error !== undefined) throw error
  }

  protected override silence(): void {
    if (!this.#isOpen) this.say(printed(this.#writer, alive(this.#encoder)))
  }

  protected override end(): void {}

  protected override fail(thrown: unknown): void {
    if (this.#isOpen) throw thrown
    this.say(printed(this.#writer, this.#said.failed(toGatewayError(thrown), this.#encoder)))
  }
}

/** What the passed bytes have said, so that a failure after them is told as going on from them and not as a new beginning. */
class Said {
  readonly #collector = new Collector({ origin: { dialect: '' }, model: '' })
  #hasBegun = false

  hear(events: readonly ChatEvent[]): void {
    for (const event of events) {
      this.#hasBegun ||= event.type === 'response-start'
      this.#collector.add(event)
    }
  }

  /** The frames of the failure alone; the encoder hears what came before it, and that is not sent again. */
  failed(error: GatewayError, encoder: StreamEncoder): readonly Frame[] {
    if (!this.#hasBegun) return encoder.write({ type: 'error', error })
    let frames: readonly Frame[] = []
    for (const event of explode({ ...this.#collector.response(), error })) {
      frames = encoder.write(event)
    }
    return frames
  }
}

function printed(writer: FrameWriter, frames: readonly Frame[]): string {
  let text = ''
  for (const frame of frames) text += writer.write(frame)
  return text
}

function alive(encoder: StreamEncoder): readonly Frame[] {
  const frame = encoder.keepAlive()
  return frame === undefined ? [] : [frame]
}
