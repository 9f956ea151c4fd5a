// The events of one streamed answer: bytes to frames to events, pulled, and cancelled the moment the reader leaves.
import type { ChatEvent } from '../canonical/event.ts'
import type { GatewayError } from '../canonical/errors.ts'
import type { DecodeContext, Dialect, StreamDecoder } from '../dialects/dialect.ts'
import type { Frame } from '../wire/frame.ts'
import { frameReader } from '../wire/framing.ts'
import type { Machine } from '../wire/machine.ts'
import { type ChunkSource, PulledChunks } from './pulled-chunks.ts'
import type { RestoredTools } from './restored-tools.ts'

export interface EventSource extends ChunkSource {
  readonly dialect: Dialect
  readonly context: DecodeContext
  readonly restored: RestoredTools
  /** A failure on the way, and one that the provider told of in its stream, each as it can be shown. */
  readonly failed: (thrown: unknown) => GatewayError
  readonly told: (error: GatewayError) => GatewayError
}

/** Always ends in response-end or error; what the upstream sends after that is not read as part of the answer. */
export class UpstreamEvents extends PulledChunks<readonly ChatEvent[]> {
  readonly #source: EventSource
  readonly #frames: Machine<Uint8Array, Frame>
  readonly #decoder: StreamDecoder
  /** What the chunk at hand says. */
  #said: ChatEvent[] = []

  constructor(source: EventSource) {
    super(source)
    this.#source = source
    this.#frames = frameReader(source.dialect.framing)
    this.#decoder = source.dialect.stream.decoder(source.context)
  }

  protected override get isComplete(): boolean {
    return this.#decoder.complete === true
  }

  protected override get isHeard(): boolean {
    return true
  }

  protected override take(chunk: Uint8Array): void {
    this.#decode(this.#frames.write(chunk))
    this.#give()
  }

  protected override end(how: 'ended' | 'cut'): void {
    if (how === 'ended') this.#decode(this.#frames.finish())
    if (!this.over) this.#take(this.#decoder.finish())
    this.#give()
  }

  protected override fail(thrown: unknown): void {
    this.#said.push({ type: 'error', error: this.#source.failed(thrown) })
    this.#give()
  }

  #give(): void {
    if (this.#said.length === 0) return
    this.give(this.#said)
    this.#said = []
  }

  #decode(frames: readonly Frame[]): void {
    for (const frame of frames) {
      if (this.over) return
      this.#take(this.#decoder.write(frame))
    }
  }

  #take(events: readonly ChatEvent[]): void {
    const { response, restored, told } = this.#source
    this.hear(events)
    for (const event of events) {
      if (this.over) return
      if (event.type === 'error') this.#said.push({ type: 'error', error: told(event.error) })
      else this.#said.push(...restored.event(event))
      if (event.type === 'response-end' || event.type === 'error') {
        this.over = true
        response.release()
      }
    }
  }
}
