// A passed stream whose beginning has been seen: early failures reject, as they do when the answer is translated.
import type { PassedPiece } from '../exchange/exchange.ts'
import type { PassedStream } from './passed-stream.ts'
import { peekedAt, verdictOn } from './peek.ts'

/** Comments and pings are held back until the answer begins, up to this many bytes. */
const MAX_HELD_BYTES = 64 * 1024

/** A stream that cannot be understood is not waited for. */
export async function peekedPieces(stream: PassedStream): Promise<AsyncIterable<PassedPiece>> {
  let held = 0
  return peekedAt(stream, {
    judge: ({ bytes, events }) => {
      held += bytes.length
      const verdict = verdictOn(events)
      return verdict === 'silent' && (stream.isDeaf || held > MAX_HELD_BYTES) ? 'begun' : verdict
    },
  })
}
