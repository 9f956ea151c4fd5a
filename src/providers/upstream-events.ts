// The events of one streamed answer: bytes to frames to events, pulled, and cancelled the moment the reader leaves.
import type { ChatEvent } from '../canonical/event.ts'
import type { GatewayError } from '../canonical/errors.ts'
import type { DecodeContext, Dialect, StreamDecoder } from '../dialects/dialect.ts'
import { RunReader } from '../dialects/run-reader.ts'
import { WireError } from '../wire/errors.ts'
import { FrameCutter } from '../wire/frame-cutter.ts'
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

const MAX_FRAME_BYTES = 16 * 1024 * 1024

/** Always ends in response-end or error; what the upstream sends after that is not read as part of the answer. */
export class UpstreamEvents extends PulledChunks<readonly ChatEvent[]> {
  readonly #source: EventSource
  readonly #cutter: FrameCutter
  readonly #reader: RunReader
  readonly #decoder: StreamDecoder
  /** What the chunk at hand says. */
  #said: ChatEvent[] = []

  constructor(source: EventSource) {
    super(source)
    this.#source = source
    const { framing, stream } = source.dialect
    this.#decoder = stream.decoder(source.context)
    this.#cutter = new FrameCutter(framing)
    this.#reader = new RunReader(framing, this.#decoder, 'apart')
  }

  protected override get isComplete(): boolean {
    return this.#decoder.complete === true
  }

  protected override get isHeard(): boolean {
    return true
  }

  protected override take(chunk: Uint8Array): void {
    const run = this.#cutter.write(chunk)
    for (const { events } of this.#reader.read(run)) {
      this.#take(events)
      if (this.over) break
    }
    if (this.#cutter.pendingBytes > MAX_FRAME_BYTES) {
      this.#cutter.drop()
      throw tooLarge()
    }
    this.#give()
  }

  protected override end(how: 'ended' | 'cut'): void {
    if (how === 'ended') this.#take(this.#reader.finish(this.#cutter.finish()).events)
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

function tooLarge(): WireError {
  const message = `an event of the stream is larger than ${MAX_FRAME_BYTES} bytes`
  return new WireError('frame_too_large', message)
}
