// The events of one streamed answer: bytes to frames to events, pulled, and cancelled the moment the reader leaves.
import type { ChatEvent } from '../canonical/event.ts'
import type { GatewayError } from '../canonical/errors.ts'
import type { DecodeContext, Dialect, StreamDecoder } from '../dialects/dialect.ts'
import type { TransportResponse } from '../transport/transport.ts'
import type { Frame } from '../wire/frame.ts'
import { frameReader } from '../wire/framing.ts'
import type { Machine } from '../wire/machine.ts'
import { ContentClock } from './content-clock.ts'
import { nextChunk } from './next-chunk.ts'
import { Pulled } from './pulled.ts'
import type { RestoredTools } from './restored-tools.ts'

export interface EventSource {
  readonly response: TransportResponse
  readonly dialect: Dialect
  readonly context: DecodeContext
  readonly restored: RestoredTools
  /** A failure on the way, and one that the provider told of in its stream, each as it can be shown. */
  readonly failed: (thrown: unknown) => GatewayError
  readonly told: (error: GatewayError) => GatewayError
  /** Milliseconds without a word after which it is given up. Default: no end. */
  readonly contentMs?: number
}

/** Always ends in response-end or error; what the upstream sends after that is not read as part of the answer. */
export class UpstreamEvents extends Pulled<ChatEvent> {
  readonly #source: EventSource
  readonly #chunks: AsyncIterator<Uint8Array>
  readonly #frames: Machine<Uint8Array, Frame>
  readonly #decoder: StreamDecoder
  readonly #clock: ContentClock

  constructor(source: EventSource) {
    super()
    this.#source = source
    this.#chunks = source.response.body[Symbol.asyncIterator]()
    this.#frames = frameReader(source.dialect.framing)
    this.#decoder = source.dialect.stream.decoder(source.context)
    this.#clock = new ContentClock({ ms: source.contentMs })
  }

  protected override cancel(): void {
    this.#source.response.cancel()
  }

  protected override async pull(): Promise<void> {
    try {
      const chunk = await this.#clock.during(nextChunk(this.#chunks, this.#decoder))
      if (chunk === undefined || chunk.done === true) {
        // What the answer did not need, and did not get whole, is not read.
        if (chunk !== undefined) this.#decode(this.#frames.finish())
        if (!this.over) this.#take(this.#decoder.finish())
        this.over = true
      } else this.#decode(this.#frames.write(chunk.value))
    } catch (thrown) {
      if (this.over) return
      this.over = true
      this.ready.push({ type: 'error', error: this.#source.failed(thrown) })
      this.#source.response.cancel()
    }
  }

  #decode(frames: readonly Frame[]): void {
    for (const frame of frames) {
      if (this.over) return
      this.#take(this.#decoder.write(frame))
    }
  }

  #take(events: readonly ChatEvent[]): void {
    const { response, restored, told } = this.#source
    this.#clock.hear(events)
    for (const event of events) {
      if (this.over) return
      if (event.type === 'error') this.ready.push({ type: 'error', error: told(event.error) })
      else this.ready.push(...restored.event(event))
      if (event.type === 'response-end' || event.type === 'error') {
        this.over = true
        response.release()
      }
    }
  }
}
