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
import type { After } from './message.ts'

interface BodyOptions {
  readonly encoder: StreamEncoder
  readonly framing: AnswerFraming
  /** Silence after which a keep-alive frame is sent, in milliseconds. */
  readonly keepAliveMs: number
  readonly after: After
  /** Aborts when the client has gone or the server stops; its reason becomes the in-band error. */
  readonly signal: AbortSignal
}

export interface StreamBodyOptions extends BodyOptions {
  readonly events: AsyncIterable<ChatEvent>
}

export interface PassedBodyOptions extends BodyOptions {
  readonly pieces: AsyncIterable<PassedPiece>
}

type Step<T> = IteratorResult<T> | 'silence'

/** One piece of text for each event that says something. Leaving it early cancels the events. */
export async function* streamBody(options: StreamBodyOptions): AsyncGenerator<string> {
  const { encoder } = options
  const writer = frameWriter(options.framing)
  const print = printer(writer)
  let failure = ''
  try {
    for await (const step of stepsOf(options.events, options)) {
      const text = print(framesOf(step, options))
      if (text !== '') yield text
    }
  } catch (thrown) {
    failure = print(encoder.write({ type: 'error', error: toGatewayError(thrown) }))
  }
  const rest = failure + print(encoder.finish()) + writer.finish()
  if (rest !== '') yield rest
}

function framesOf(
  step: ChatEvent | 'silence',
  { encoder, framing }: StreamBodyOptions,
): readonly Frame[] {
  if (step === 'silence') return alive(encoder)
  if (step.type !== 'ping' || step.told === undefined) return encoder.write(step)
  return asideFrame(step.told, framing)
}

/** The bytes as they came. Only what they cannot say is encoded: errors, and signs of life. Throws where a frame was cut and no word fits. */
export async function* passedBody(options: PassedBodyOptions): AsyncGenerator<Uint8Array | string> {
  const { encoder } = options
  const print = printer(frameWriter(options.framing))
  const told = (error: GatewayError): string => print(said.failed(error, encoder))
  const said = new Said()
  let isOpen = false
  try {
    for await (const step of stepsOf(options.pieces, options)) {
      if (step === 'silence') {
        const text = isOpen ? '' : print(alive(encoder))
        if (text !== '') yield text
        continue
      }
      said.hear(step.events)
      if (step.bytes.length > 0) yield step.bytes
      isOpen = step.open === true
      const error = step.events.find((event) => event.type === 'error')?.error
      if (error !== undefined) throw error
    }
  } catch (thrown) {
    if (isOpen) throw thrown
    yield told(toGatewayError(thrown))
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

function printer(writer: FrameWriter): (frames: readonly Frame[]) => string {
  return (frames) => frames.map((frame) => writer.write(frame)).join('')
}

function alive(encoder: StreamEncoder): readonly Frame[] {
  const frame = encoder.keepAlive()
  return frame === undefined ? [] : [frame]
}

/** The steps of a stream, with `silence` wherever the next one is long in coming. Throws when the signal aborts. */
async function* stepsOf<T>(
  steps: AsyncIterable<T>,
  options: BodyOptions,
): AsyncGenerator<T | 'silence'> {
  const iterator = steps[Symbol.asyncIterator]()
  try {
    let pending = iterator.next()
    for (;;) {
      const step = await nextStep(pending, options)
      if (step === 'silence') {
        yield step
        continue
      }
      if (step.done === true) return
      yield step.value
      pending = iterator.next()
    }
  } finally {
    // Not awaited: a provider that is still waiting for its upstream would hold the client up.
    iterator.return?.().catch(() => undefined)
  }
}

function nextStep<T>(pending: Promise<IteratorResult<T>>, options: BodyOptions): Promise<Step<T>> {
  const { signal, after, keepAliveMs } = options
  return new Promise<Step<T>>((resolve, reject) => {
    const callOff = after(keepAliveMs, () => settle(() => resolve('silence')))
    const leave = (): void => settle(() => reject(toGatewayError(signal.reason)))
    const settle = (outcome: () => void): void => {
      callOff()
      signal.removeEventListener('abort', leave)
      outcome()
    }
    signal.addEventListener('abort', leave, { once: true })
    if (signal.aborted) leave()
    pending.then(
      (result) => settle(() => resolve(result)),
      (error: unknown) => settle(() => reject(toGatewayError(error))),
    )
  })
}
