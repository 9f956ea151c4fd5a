// One file over HTTP, resumed where an earlier try stopped.
import { open, rm, stat } from 'node:fs/promises'
import { GatewayError, toGatewayError } from '../../canonical/errors.ts'
import type { Reach, Transport, TransportResponse } from '../../transport/transport.ts'

export interface DownloadOptions {
  readonly url: string
  /** Where the bytes go; what an earlier try left there is continued. */
  readonly path: string
  readonly sizeBytes: number
  readonly transport: Transport
  readonly reach: Reach
  readonly signal: AbortSignal
  readonly onBytes: (bytes: number) => void
  /** Gives up when nothing has come for so long. Default 30 s. */
  readonly idleMs?: number
}

const CONNECT_MS = 10_000
const IDLE_MS = 30_000
const TOTAL_MS = 24 * 60 * 60 * 1000
const REDIRECTS = new Set([301, 302, 303, 307, 308])
const MAX_REDIRECTS = 5

/**
 * Resolves when the file has exactly `sizeBytes` bytes. What has come stays on disk when it fails, for the
 * next try. Whether they are the right bytes is for the caller to check.
 */
export async function download(options: DownloadOptions): Promise<void> {
  const { path, sizeBytes, signal } = options
  const have = await sizeOf(path)
  if (have === sizeBytes) return
  const from = have < sizeBytes ? have : 0
  try {
    const response = await follow(options, from)
    // A server without ranges answers 200 and begins again.
    await store(response, response.status === 206 ? from : 0, options)
  } catch (error) {
    signal.throwIfAborted()
    const { message } = toGatewayError(error)
    throw new GatewayError('upstream', `${new URL(options.url).host}: ${message}`, {
      code: 'local_download_failed',
      cause: error,
    })
  }
}

/** The answer with the file's bytes, from wherever the hub keeps them. */
async function follow(options: DownloadOptions, from: number): Promise<TransportResponse> {
  const { reach, transport, signal, idleMs = IDLE_MS } = options
  let url = new URL(options.url)
  for (let redirects = 0; redirects <= MAX_REDIRECTS; redirects += 1) {
    const response = await transport.send({
      method: 'GET',
      url,
      headers: from === 0 ? {} : { range: `bytes=${from}-` },
      reach,
      timeouts: {
        connectMs: CONNECT_MS,
        firstByteMs: idleMs,
        idleMs,
        totalMs: TOTAL_MS,
      },
      signal,
    })
    if (response.status === 200 || response.status === 206) return response
    response.cancel()
    const { location } = response.headers
    if (!REDIRECTS.has(response.status) || location === undefined) {
      throw refused(`it answered ${response.status}`)
    }
    url = new URL(location, url)
    if (reach === 'public' && url.protocol !== 'https:') {
      throw refused('it redirected to an address without encryption')
    }
  }
  throw refused(`it redirected more than ${MAX_REDIRECTS} times`)
}

async function store(
  response: TransportResponse,
  at: number,
  { path, sizeBytes, onBytes }: DownloadOptions,
): Promise<void> {
  let bytes = at
  const file = await open(path, at === 0 ? 'w' : 'a')
  try {
    for await (const chunk of response.body) {
      bytes += chunk.length
      if (bytes > sizeBytes) throw refused(`it sends more than ${sizeBytes} bytes`)
      await file.appendFile(chunk)
      onBytes(bytes)
    }
  } finally {
    await file.close()
  }
  if (bytes !== sizeBytes) throw refused(`it ended after ${bytes} of ${sizeBytes} bytes`)
}

function refused(reason: string): GatewayError {
  return new GatewayError('upstream', reason)
}

/** Removes a partial file that turned out to be of something else. */
export async function discard(path: string): Promise<void> {
  await rm(path, { force: true })
}

async function sizeOf(path: string): Promise<number> {
  return stat(path).then(
    (found) => found.size,
    () => 0,
  )
}
