// The next bytes of an answer, waited for only as long as the answer needs them.
import type { StreamDecoder } from '../dialects/dialect.ts'
import { type After, realAfter } from '../canonical/after.ts'

/** What may still follow an answer that is whole: usage, and the wire's own end. In milliseconds. */
const GRACE_MS = 2000

/**
 * As the iterator's own `next`. Once the answer is whole, what follows gets two seconds, and a failure is no failure of
 * the answer: undefined then, and the upstream is left.
 */
export async function nextChunk(
  chunks: AsyncIterator<Uint8Array>,
  decoder: Pick<StreamDecoder, 'complete'>,
  after: After = realAfter,
): Promise<IteratorResult<Uint8Array> | undefined> {
  const coming = chunks.next()
  if (decoder.complete !== true) return coming
  const over = Promise.withResolvers<undefined>()
  const callOff = after(GRACE_MS, () => over.resolve(undefined))
  const chunk = await Promise.race([coming.catch(() => undefined), over.promise])
  callOff()
  if (chunk === undefined) chunks.return?.().catch(() => undefined)
  return chunk
}
