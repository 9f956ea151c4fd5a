// A passed stream whose first event has been seen: early failures reject, as they do when the answer is translated.
import { GatewayError } from '../canonical/errors.ts'
import type { PassedPiece } from '../exchange/exchange.ts'
import type { PassedStream } from './passed-stream.ts'

/** Comments and pings are held back until the answer begins, up to this many bytes. */
const MAX_HELD_BYTES = 64 * 1024

/** Waits for the first piece that says something; rejects when that is an error. A stream that cannot be understood is not waited for. */
export async function peekedPieces(stream: PassedStream): Promise<AsyncIterable<PassedPiece>> {
  const held: PassedPiece[] = []
  let bytes = 0
  while (bytes <= MAX_HELD_BYTES) {
    const step = await stream.next()
    if (step.done === true) {
      if (bytes === 0) throw emptyStream()
      break
    }
    const piece = step.value
    const error = piece.events.find((event) => event.type === 'error')?.error
    if (error !== undefined) throw error
    held.push(piece)
    bytes += piece.bytes.length
    if (stream.isDeaf || piece.events.some(({ type }) => type !== 'ping')) break
  }
  return new Resumed(held, stream)
}

function emptyStream(): GatewayError {
  return new GatewayError('upstream', 'The provider ended its stream without an answer.', {
    origin: 'upstream',
    code: 'empty_stream',
  })
}

/** A stream that has given some pieces already, whole again; cancelled even when nobody starts it. */
class Resumed implements AsyncIterableIterator<PassedPiece> {
  readonly #held: PassedPiece[]
  readonly #rest: AsyncIterator<PassedPiece>

  constructor(held: PassedPiece[], rest: AsyncIterator<PassedPiece>) {
    this.#held = held
    this.#rest = rest
  }

  async next(): Promise<IteratorResult<PassedPiece>> {
    const value = this.#held.shift()
    return value === undefined ? this.#rest.next() : { done: false, value }
  }

  async return(): Promise<IteratorResult<PassedPiece>> {
    this.#held.length = 0
    await this.#rest.return?.()
    return { done: true, value: undefined }
  }

  [Symbol.asyncIterator](): this {
    return this
  }
}
