// Fetches what a request names by address, for targets that take none: public https addresses only, within limits, no redirects.
import { GatewayError, toGatewayError } from '../canonical/errors.ts'
import type { MediaPart, MediaSource } from '../canonical/part.ts'
import { sniffMediaType } from '../dialects/lowering/media-type.ts'
import { readBytes } from '../transport/read-body.ts'
import type { Transport, TransportResponse } from '../transport/transport.ts'
import { parseMediaUrl } from '../transport/base-url.ts'
import type { MediaAddress } from './media-addresses.ts'

export interface FetchLimits {
  readonly transport: Transport
  /** Bytes for one request, everything together. */
  readonly maxBytes: number
  readonly signal: AbortSignal
}

const TIMEOUTS = { connectMs: 5000, firstByteMs: 10_000, idleMs: 5000, totalMs: 20_000 } as const

/** Addresses for one request. */
const MAX_ADDRESSES = 16

/** What may be at the address of a part of that type. */
const ACCEPTED: Readonly<Record<MediaPart['type'], RegExp>> = {
  image: /^image\/(?:png|jpeg|gif|webp)$/,
  file: /^application\/pdf$/,
  audio: /^audio\/[\w.+-]+$/,
  video: /^video\/[\w.+-]+$/,
}

/** By address. Throws GatewayError invalid_request, with the place of the part, when one cannot be had. */
export async function fetchedMedia(
  addresses: readonly MediaAddress[],
  { transport, maxBytes, signal }: FetchLimits,
): Promise<ReadonlyMap<string, MediaSource>> {
  const [tooMany] = addresses.slice(MAX_ADDRESSES)
  if (tooMany !== undefined) {
    throw unavailable(tooMany, `a request may name ${MAX_ADDRESSES} addresses to fetch, not more`)
  }
  const found = new Map<string, MediaSource>()
  let left = maxBytes
  for (const address of addresses) {
    const response = await asked(address, transport, signal)
    const bytes = await bytesOf(address, response, left)
    left -= bytes.length
    found.set(address.url, sourceOf(address, bytes, response))
  }
  return found
}

async function asked(
  address: MediaAddress,
  transport: Transport,
  signal: AbortSignal,
): Promise<TransportResponse> {
  const url = parseMediaUrl(address.url)
  if (typeof url === 'string') throw unavailable(address, `its address ${url}`)
  const response = await transport
    .send({
      method: 'GET',
      url,
      headers: { accept: 'image/*, application/pdf, audio/*, video/*', 'user-agent': 'patchbay' },
      reach: 'public',
      timeouts: TIMEOUTS,
      signal,
    })
    .catch((thrown: unknown) => {
      throw failed(address, thrown)
    })
  if (response.status === 200) return response
  response.cancel()
  throw unavailable(
    address,
    response.status >= 300 && response.status < 400
      ? 'its address leads to another one, which is not followed'
      : `its host answered ${response.status}`,
  )
}

async function bytesOf(
  address: MediaAddress,
  response: TransportResponse,
  left: number,
): Promise<Uint8Array> {
  const told = Number(response.headers['content-length'] ?? 0)
  if (told > left) {
    response.cancel()
    throw unavailable(address, `it is larger than the ${left} bytes that may be fetched`)
  }
  try {
    return await readBytes(response.body, left)
  } catch (thrown) {
    throw failed(address, thrown)
  }
}

/** The first bytes say what it is; the header counts only for types that they do not tell. */
function sourceOf(
  address: MediaAddress,
  bytes: Uint8Array,
  { headers }: TransportResponse,
): MediaSource {
  const data = base64(bytes)
  const [told = ''] = (headers['content-type'] ?? '').split(';')
  const mediaType = sniffMediaType(data) ?? told.trim().toLowerCase()
  const isSniffed = sniffMediaType(data) !== undefined
  const needsSniffing = address.type === 'image' || address.type === 'file'
  if (!ACCEPTED[address.type].test(mediaType) || (needsSniffing && !isSniffed)) {
    throw unavailable(address, `what is there is no ${address.type} that can be passed on`)
  }
  return { kind: 'base64', data, mediaType }
}

const CHUNK = 0x80_00

/** In steps, for a call takes only so many arguments. */
function base64(bytes: Uint8Array): string {
  let text = ''
  for (let at = 0; at < bytes.length; at += CHUNK) {
    text += String.fromCharCode(...bytes.subarray(at, at + CHUNK))
  }
  return btoa(text)
}

/** A client that left is not told that its picture is missing. */
function failed(address: MediaAddress, thrown: unknown): GatewayError {
  const error = toGatewayError(thrown)
  if (error.kind === 'cancelled') return error
  return unavailable(address, error.message.replace(/\.$/, ''), error)
}

function unavailable({ type, path }: MediaAddress, why: string, cause?: unknown): GatewayError {
  return new GatewayError(
    'invalid_request',
    `The ${type} could not be fetched: ${why}. Send it as base64 data.`,
    { origin: 'client', code: 'media_unavailable', param: path, cause },
  )
}
