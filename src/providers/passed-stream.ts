// A stream that passes as it came: its bytes, frame by frame, with a tap that reads the same frames beside them.
import { GatewayError } from '../canonical/errors.ts'
import type { ChatEvent } from '../canonical/event.ts'
import type { StreamDecoder } from '../dialects/dialect.ts'
import type { PassedPiece } from '../exchange/exchange.ts'
import { RunReader, type Stretch } from '../dialects/run-reader.ts'
import { FrameCutter, type FrameRun } from '../wire/frame-cutter.ts'
import type { Frame, Framing } from '../wire/frame.ts'
import { PulledChunks } from './pulled-chunks.ts'
import { isTold } from './upstream-error.ts'
import type { EventSource } from './upstream-events.ts'

export interface PassedSource extends Omit<EventSource, 'restored'> {
  /** Frames that are left out. */
  readonly unasked: (frame: Frame) => boolean
  /** Bytes of one frame; a longer one passes unread, and all that follows it. Default 16 MiB. */
  readonly maxFrameBytes?: number
}

const MAX_FRAME_BYTES = 16 * 1024 * 1024
const LF = 0x0a
const NOTHING = new Uint8Array(0)

/** What some bytes turned out to say. */
interface Heard {
  readonly events: readonly ChatEvent[]
  /** The upstream's own failure, fit to be shown. */
  readonly failure?: GatewayError
  readonly unasked: boolean
}

const SILENCE: Heard = { events: [], unasked: false }

/**
 * Ends as the upstream ends, or in an error event: a failure that the upstream tells of is told in our words, and a
 * stream that broke off says so. A tap that cannot read goes deaf; the bytes go on.
 */
export class PassedStream extends PulledChunks<PassedPiece> {
  readonly #source: PassedSource
  readonly #cutter: FrameCutter
  readonly #reader: RunReader
  readonly #decoder: StreamDecoder
  /** Frames are no longer understood. */
  #deaf = false
  /** Nobody knows any more where frames end. */
  #blind = false

  constructor(source: PassedSource) {
    super(source)
    const { dialect, context } = source
    this.#source = source
    this.#cutter = new FrameCutter(dialect.framing)
    this.#decoder = dialect.stream.decoder(context)
    this.#reader = new RunReader(dialect.framing, this.#decoder, 'joined')
  }

  /** Whether its pieces have stopped to carry events. */
  get isDeaf(): boolean {
    return this.#deaf
  }

  protected override get isComplete(): boolean {
    return !this.#deaf && this.#decoder.complete === true
  }

  protected override get isHeard(): boolean {
    return !this.#deaf
  }

  protected override take(chunk: Uint8Array): void {
    if (this.#blind) {
      this.give({ bytes: chunk, events: [], open: true })
      return
    }
    this.#pass(this.#cutter.write(chunk))
    const { maxFrameBytes = MAX_FRAME_BYTES, response } = this.#source
    if (this.over) response.release()
    else if (this.#cutter.pendingBytes > maxFrameBytes) {
      this.#blind = true
      this.#deaf = true
      this.give({ bytes: this.#cutter.finish(), events: [], open: true })
    }
  }

  /** Whole frames. What follows the frame that ends the answer is no part of it, and is not passed: clients choke on it. */
  #pass(run: FrameRun): void {
    const { bytes } = run
    const stretches = this.#reader.read(run)
    let events: ChatEvent[] = []
    let from = 0
    let at = 0
    while (!this.over && !this.#deaf) {
      let end = 0
      const heard = this.#hear(() => {
        const step = stretches.next()
        end = step.done === true ? 0 : step.value.end
        return step.done === true ? undefined : step.value
      })
      if (end === 0) break
      events = events.length === 0 ? [...heard.events] : [...events, ...heard.events]
      if (heard.failure !== undefined || heard.unasked) {
        this.#push(bytes.subarray(from, at), events)
        events = []
        from = end
      }
      if (heard.failure !== undefined) return this.#fail(heard.failure)
      at = end
    }
    this.#push(bytes.subarray(from, this.over ? at : bytes.length), events)
  }

  /** A last frame without its closing break counts when it can be read; one that came after the answer, and not whole, is left out. */
  protected override end(how: 'ended' | 'cut'): void {
    const tail = how === 'ended' ? this.#cutter.finish() : NOTHING
    if (this.#deaf) this.#push(tail, [])
    else this.#endHeard(tail)
  }

  protected override fail(thrown: unknown): void {
    this.#fail(this.#source.failed(thrown))
  }

  #endHeard(tail: Uint8Array): void {
    const last = this.#hear(() => this.#reader.finish(tail))
    const isAnswered = this.over || this.#deaf || last.failure !== undefined
    const closing = isAnswered ? SILENCE : this.#judge([], this.#decoder.finish())
    const failure = last.failure ?? closing.failure ?? (this.#deaf ? cutShort() : undefined)
    if (failure === undefined) this.#push(tail, [...last.events, ...closing.events])
    else {
      const isWhole = tail.length > 0 && last.failure === undefined && !this.#deaf
      this.#push(isWhole ? closed(tail, this.#source.dialect.framing) : NOTHING, last.events)
      this.#fail(failure, closing.events)
    }
  }

  #hear(read: () => Stretch | undefined): Heard {
    try {
      const stretch = read()
      return stretch === undefined ? SILENCE : this.#judge(stretch.frames, stretch.events)
    } catch {
      this.#deaf = true
      return SILENCE
    }
  }

  #judge(frames: readonly Frame[], said: readonly ChatEvent[]): Heard {
    const { told, unasked } = this.#source
    this.hear(said)
    const error = said.find((event) => event.type === 'error')?.error
    const events = error === undefined ? said : said.filter(({ type }) => type !== 'error')
    if (events.some(({ type }) => type === 'response-end')) this.over = true
    if (error === undefined || !isTold(error)) {
      this.#deaf ||= error !== undefined
      return { events, unasked: frames.length > 0 && frames.every((frame) => unasked(frame)) }
    }
    return { events, failure: told(error), unasked: false }
  }

  #push(bytes: Uint8Array, events: readonly ChatEvent[]): void {
    if (bytes.length > 0 || events.length > 0) this.give({ bytes, events })
  }

  #fail(error: GatewayError, before: readonly ChatEvent[] = []): void {
    this.over = true
    const piece = { bytes: NOTHING, events: [...before, { type: 'error', error } as const] }
    this.give(this.#blind ? { ...piece, open: true } : piece)
  }
}

function cutShort(): GatewayError {
  const message = 'The provider broke off in the middle of its answer.'
  return new GatewayError('upstream', message, {
    origin: 'upstream',
    code: 'upstream_truncated',
    breakage: { cause: 'truncated', sent: 'all' },
  })
}

/** The last frame of a stream that failed to close it, with the break it lacks, so that another may follow. */
function closed(frame: Uint8Array, framing: Framing): Uint8Array {
  const bytes = new Uint8Array(frame.length + (framing === 'sse' ? 2 : 1)).fill(LF)
  bytes.set(frame)
  return bytes
}
