// The body of a request, read whole at a pace, or refused without reading on.
import type { Readable } from 'node:stream'
import { GatewayError } from '../canonical/errors.ts'
import { afterTurn } from './after-turn.ts'
import { BodyPace } from './body-pace.ts'
import type { ClientPatience } from '../config/client-patience.ts'
import type { After } from './message.ts'

export interface BodyOptions {
  readonly after: After
  readonly patience: ClientPatience
  /** Hears of a body that was too slow. */
  readonly slow: () => void
}

export const NO_BYTES: Uint8Array = new Uint8Array()

/**
 * Throws GatewayError request_too_large, and timeout with status 408. The request stays usable where it is given up: its
 * client is to be told why.
 */
export function readWhole(
  source: Readable,
  maxBytes: number,
  options: BodyOptions,
): Promise<Uint8Array> {
  const { promise, resolve, reject } = Promise.withResolvers<Uint8Array>()
  const chunks: Uint8Array[] = []
  let size = 0
  let isOver = false
  let pace: BodyPace | undefined
  // What came in one packet with the head is there before this turn is over: it waits for nothing, and nothing times it.
  afterTurn(() => {
    if (isOver) return
    pace = new BodyPace({ ...options, tooSlow: slow })
    if (size > 0) pace.came(size)
  })
  const slow = (): void => {
    options.slow()
    failed(tooSlow())
  }
  const came = (chunk: Uint8Array): void => {
    pace?.came(chunk.length)
    size += chunk.length
    if (size > maxBytes) failed(tooLarge(maxBytes))
    else chunks.push(chunk)
  }
  const leave = (): void => {
    isOver = true
    pace?.end()
    source.off('data', came).off('end', ended).off('error', failed).off('close', closed)
  }
  const ended = (): void => {
    leave()
    const [first = NO_BYTES] = chunks
    resolve(chunks.length > 1 ? Buffer.concat(chunks, size) : first)
  }
  const failed = (error: Error): void => {
    leave()
    source.pause()
    reject(error)
  }
  const closed = (): void => failed(source.errored ?? brokenOff())
  source.on('data', came).on('end', ended).on('error', failed).on('close', closed)
  if (source.destroyed) closed()
  return promise
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

function brokenOff(): GatewayError {
  return new GatewayError('cancelled', 'The client left before its request was whole.', {
    origin: 'client',
    code: 'client_gone',
  })
}

function tooSlow(): GatewayError {
  return new GatewayError('timeout', 'The request body did not arrive in time.', {
    origin: 'client',
    status: 408,
    code: 'body_timeout',
  })
}
