// An answer on its way to a client that may be slow: little of it waits here, and not for ever.
import type { Writable } from 'node:stream'
import type { ClientPatience } from '../config/client-patience.ts'
import type { After } from './message.ts'

export interface AnswerWriterOptions {
  readonly after: After
  readonly patience: Pick<ClientPatience, 'writeStallMs' | 'bufferBytes'>
  /** Hears, once, of a client that takes nothing any more. */
  readonly stalled: () => void
}

/** Waiting after each slice shows whether a client takes anything, however large a piece is. */
const SLICES = 4

/** A response has a socket while no other answer goes before it there. */
interface Sink extends Pick<
  Writable,
  'destroyed' | 'end' | 'off' | 'on' | 'writableFinished' | 'write'
> {
  readonly socket?: { readonly writableLength: number } | null
}

export class AnswerWriter {
  readonly #sink: Sink
  readonly #options: AnswerWriterOptions

  constructor(sink: Sink, options: AnswerWriterOptions) {
    this.#sink = sink
    this.#options = options
  }

  get isGone(): boolean {
    return this.#sink.destroyed
  }

  /** How many bytes at once are little enough to wait for a client without a look at whether it takes any. */
  get slice(): number {
    return Math.max(1, Math.floor(this.#options.patience.bufferBytes / SLICES))
  }

  /** Undefined where there is room for more, or nobody left to write to; else resolves once that is so. */
  write(piece: string | Uint8Array): Promise<void> | undefined {
    const size = this.slice
    // A character is three bytes at most, four where it counts as two.
    if (piece.length * (typeof piece === 'string' ? 3 : 1) <= size) return this.#written(piece)
    return this.#sliced(typeof piece === 'string' ? Buffer.from(piece) : piece, size)
  }

  async #sliced(bytes: Uint8Array, size: number): Promise<void> {
    for (let at = 0; at < bytes.length && !this.isGone; at += size) {
      const room = this.#written(bytes.subarray(at, at + size))
      if (room !== undefined) await room
    }
  }

  #written(slice: string | Uint8Array): Promise<void> | undefined {
    // One that is gone takes nothing and says no more that it goes: it is not waited for.
    if (slice.length === 0 || this.isGone || this.#sink.write(slice)) return undefined
    return this.#until('drain')
  }

  /** The end, with a last piece that is no larger than a slice. Undefined where everything is on its way at once, as it is where the client keeps up. */
  end(last: string | Uint8Array = ''): Promise<void> | undefined {
    const sink = this.#sink
    if (this.isGone || sink.writableFinished) return undefined
    sink.end(last)
    return sink.socket?.writableLength === 0 ? undefined : this.#until('finish')
  }

  #until(event: 'drain' | 'finish'): Promise<void> {
    const sink = this.#sink
    const { after, patience, stalled } = this.#options
    return new Promise((resolve) => {
      const callOff = after(patience.writeStallMs, stalled)
      const settle = (): void => {
        callOff()
        sink.off(event, settle)
        sink.off('close', settle)
        resolve()
      }
      sink.on(event, settle)
      sink.on('close', settle)
    })
  }
}
