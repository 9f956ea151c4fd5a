// Answers that come compressed although nobody asked: unpacked as they come, however many times they were packed.
import { Readable, type Transform, pipeline } from 'node:stream'
import {
  createBrotliDecompress,
  createGunzip,
  createInflate,
  createZstdDecompress,
} from 'node:zlib'
import { GatewayError } from '../canonical/errors.ts'
import type { TransportResponse } from './transport.ts'

const UNPACK: ReadonlyMap<string, () => Transform> = new Map<string, () => Transform>([
  ['gzip', createGunzip],
  ['x-gzip', createGunzip],
  ['deflate', createInflate],
  ['br', createBrotliDecompress],
  ['zstd', createZstdDecompress],
])

/** The answer as it would have come uncompressed. Throws GatewayError upstream where it is packed in a way that nobody here knows. */
export function decompressed(response: TransportResponse): TransportResponse {
  const { 'content-encoding': encoding, 'content-length': _, ...headers } = response.headers
  const layers = (encoding ?? '')
    .split(',')
    .map((one) => one.trim().toLowerCase())
    .filter((one) => one !== '' && one !== 'identity')
  if (layers.length === 0) return response
  const unpack = layers.toReversed().map((layer) => UNPACK.get(layer))
  if (unpack.some((one) => one === undefined)) {
    response.cancel()
    throw unreadable(
      `The answer is compressed in a way that is not known here: ${layers.join(', ')}.`,
    )
  }
  let body = response.body
  for (const create of unpack) if (create !== undefined) body = unpacked(body, create())
  return { ...response, headers, body }
}

async function* unpacked(
  body: AsyncIterable<Uint8Array>,
  machine: Transform,
): AsyncGenerator<Uint8Array> {
  const source = Readable.from(body)
  // Failures come out of the iteration below.
  pipeline(source, machine, () => undefined)
  try {
    for await (const chunk of machine) yield chunk
  } catch (thrown) {
    if (thrown instanceof GatewayError) throw thrown
    throw unreadable('The compressed answer cannot be unpacked.')
  } finally {
    source.destroy()
  }
}

function unreadable(message: string): GatewayError {
  return new GatewayError('upstream', message, { origin: 'upstream', code: 'upstream_bad_http' })
}
