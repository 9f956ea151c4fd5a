// The body of a request, read whole at a pace, or refused without reading on.
import type { Readable } from 'node:stream'
import { GatewayError } from '../canonical/errors.ts'
import { BodyPace, type BodyPaceOptions } from './body-pace.ts'
import type { ClientPatience } from '../config/client-patience.ts'
import type { After } from './message.ts'

export interface BodyOptions {
  readonly after: After
  readonly patience: ClientPatience
  /** Hears of a body that was too slow. */
  readonly slow: () => void
}

/** Throws GatewayError request_too_large, and timeout with status 408. */
export async function readWhole(
  source: Readable,
  maxBytes: number,
  options: BodyOptions,
): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  let size = 0
  const pace = new BodyPace({ ...paceOf(options), tooSlow })
  try {
    for await (const chunk of bytesOf(source, pace.signal)) {
      pace.came(chunk.length)
      size += chunk.length
      if (size > maxBytes) throw tooLarge(maxBytes)
      chunks.push(chunk)
    }
  } catch (thrown) {
    if (pace.signal.aborted) options.slow()
    throw thrown
  } finally {
    pace.end()
  }
  return Buffer.concat(chunks)
}

function paceOf({ after, patience }: BodyOptions): Pick<BodyPaceOptions, 'after' | 'patience'> {
  return { after, patience }
}

/** The chunks of a request; unlike its own iterator this one leaves the request usable when it is left early. */
async function* bytesOf(source: Readable, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  const iterator: AsyncIterator<Uint8Array> = source.iterator({ destroyOnReturn: false })
  const given = new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true })
  })
  given.catch(() => undefined)
  for (;;) {
    const step: IteratorResult<Uint8Array> = await Promise.race([iterator.next(), given])
    if (step.done === true) return
    yield step.value
  }
}

/** Reads a little of what nobody wants and forgets it; resolves once that is over, whatever the client does. */
export async function discardRest(source: Readable, options: BodyOptions): Promise<void> {
  const { after, patience } = options
  if (source.readableEnded || source.destroyed) return
  const { promise: over, resolve } = Promise.withResolvers<void>()
  let discarded = 0
  const count = (chunk: Uint8Array): void => {
    discarded += chunk.length
    // No more is read; the client has a moment to see its answer, which a reset would take from it.
    if (discarded > patience.discardBytes) source.pause()
  }
  const callOff = after(LINGER_MS, resolve)
  const ends = ['end', 'close', 'error'] as const
  for (const end of ends) source.once(end, resolve)
  source.on('data', count)
  source.resume()
  await over
  callOff()
  source.off('data', count)
  for (const end of ends) source.off(end, resolve)
  source.pause()
}

/** A client that still sends gets so long to see that it was refused. */
const LINGER_MS = 1000

export function tooLarge(maxBytes: number): GatewayError {
  return new GatewayError(
    'request_too_large',
    `The request body is larger than ${maxBytes} bytes. Send less, or raise limits.max_body_bytes in patchbay.yaml.`,
    { origin: 'client', code: 'body_too_large' },
  )
}

function tooSlow(): GatewayError {
  return new GatewayError('timeout', 'The request body did not arrive in time.', {
    origin: 'client',
    status: 408,
    code: 'body_timeout',
  })
}
