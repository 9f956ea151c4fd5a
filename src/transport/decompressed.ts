// Answers that come compressed although nobody asked: unpacked as they come, and not beyond what honest packing gives.
import { Readable, type Transform, pipeline } from 'node:stream'
import {
  createBrotliDecompress,
  createGunzip,
  createInflate,
  createZstdDecompress,
} from 'node:zlib'
import { GatewayError } from '../canonical/errors.ts'
import type { AnswerBody, TransportResponse } from './transport.ts'

const UNPACK: ReadonlyMap<string, () => Transform> = new Map<string, () => Transform>([
  ['gzip', createGunzip],
  ['x-gzip', createGunzip],
  ['deflate', createInflate],
  ['br', createBrotliDecompress],
  ['zstd', createZstdDecompress],
])

export interface UnpackLimits {
  /** Bytes unpacked for each byte that came, once there is a megabyte. Default 100. */
  readonly ratio: number
  /** Bytes unpacked of one answer. Default 256 MiB. */
  readonly bytes: number
}

const UNPACK_LIMITS: UnpackLimits = { ratio: 100, bytes: 256 * 1024 * 1024 }

/** Below this nobody is hurt, and small answers pack better than any ratio. */
const RATIO_FROM = 1024 * 1024

/** The answer as it would have come uncompressed. Throws GatewayError upstream where it is packed in a way that nobody here knows, or too often. */
export function decompressed(
  response: TransportResponse,
  limits: UnpackLimits = UNPACK_LIMITS,
): TransportResponse {
  const encoding = response.headers['content-encoding']
  if (encoding === undefined) return response
  const layers = encoding
    .split(',')
    .map((one) => one.trim().toLowerCase())
    .filter((one) => one !== '' && one !== 'identity')
  if (layers.length === 0) return response
  const known = layers.flatMap((layer) => UNPACK.get(layer) ?? [])
  if (layers.length > MOST_LAYERS || known.length < layers.length) {
    response.cancel()
    throw unreadable(
      layers.length > MOST_LAYERS
        ? `The answer is compressed ${layers.length} times.`
        : `The answer is compressed in a way that is not known here: ${layers.join(', ').slice(0, SHOWN)}.`,
    )
  }
  const { 'content-encoding': _, 'content-length': __, ...headers } = response.headers
  const { status, body: packed } = response
  return {
    status,
    headers,
    body: known.reduceRight<AnswerBody>((body, create) => unpacked(body, create(), limits), packed),
    cancel: () => response.cancel(),
    release: () => response.release(),
  }
}

/** A proxy may have packed what was packed; nobody honest packs it again. */
const MOST_LAYERS = 2

/** Characters of names that are not known. */
const SHOWN = 40

async function* unpacked(
  body: AsyncIterable<Uint8Array>,
  machine: Transform,
  limits: UnpackLimits,
): AsyncGenerator<Uint8Array> {
  const packed = new Counted(body)
  const source = Readable.from(packed)
  // Failures come out of the iteration below.
  pipeline(source, machine, () => undefined)
  let bytes = 0
  try {
    for await (const chunk of machine) {
      if (!(chunk instanceof Uint8Array)) continue
      bytes += chunk.length
      if (bytes > RATIO_FROM && bytes > limits.ratio * packed.bytes) throw tooLarge()
      if (bytes > limits.bytes) throw tooLarge()
      yield chunk
    }
  } catch (thrown) {
    if (thrown instanceof GatewayError) throw thrown
    throw unreadable('The compressed answer cannot be unpacked.')
  } finally {
    source.destroy()
  }
}

/** Bytes as they pass, counted. */
class Counted implements AsyncIterable<Uint8Array> {
  readonly #body: AsyncIterable<Uint8Array>
  bytes = 0

  constructor(body: AsyncIterable<Uint8Array>) {
    this.#body = body
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    for await (const chunk of this.#body) {
      this.bytes += chunk.length
      yield chunk
    }
  }
}

function tooLarge(): GatewayError {
  return new GatewayError('upstream', 'The compressed answer is far larger than it came.', {
    origin: 'upstream',
    code: 'upstream_too_large',
    breakage: { cause: 'too_large', sent: 'all' },
  })
}

function unreadable(message: string): GatewayError {
  return new GatewayError('upstream', message, {
    origin: 'upstream',
    code: 'upstream_protocol',
    breakage: { cause: 'protocol', sent: 'all' },
  })
}
