// One file over HTTP, resumed where an earlier try stopped.
import { open, rm, stat } from 'node:fs/promises'
import { GatewayError } from '../../canonical/errors.ts'

export interface DownloadOptions {
  readonly url: string
  /** Where the bytes go; what an earlier try left there is continued. */
  readonly path: string
  readonly sizeBytes: number
  readonly signal: AbortSignal
  readonly onBytes: (bytes: number) => void
  /** Gives up when nothing has come for so long. Default 30 s. */
  readonly idleMs?: number
}

const IDLE_MS = 30_000

/**
 * Resolves when the file has exactly `sizeBytes` bytes. What has come stays on disk when it fails, for the
 * next try. Whether they are the right bytes is for the caller to check.
 */
export async function download(options: DownloadOptions): Promise<void> {
  const { url, path, sizeBytes, signal, idleMs = IDLE_MS } = options
  const have = await sizeOf(path)
  if (have === sizeBytes) return
  const from = have < sizeBytes ? have : 0
  const idle = new AbortController()
  const timer = setTimeout(() => idle.abort(), idleMs)
  try {
    const either = AbortSignal.any([signal, idle.signal])
    const headers = from === 0 ? {} : { range: `bytes=${from}-` }
    const response = await fetch(url, { headers, signal: either })
    timer.refresh()
    if (!response.ok || response.body === null) {
      await response.body?.cancel()
      throw unavailable(url, `it answered ${response.status}`)
    }
    // A server without ranges answers 200 and begins again; so does one whose file has changed.
    const at = response.status === 206 ? from : 0
    let bytes = at
    const file = await open(path, at === 0 ? 'w' : 'a')
    try {
      for await (const chunk of response.body) {
        timer.refresh()
        bytes += chunk.length
        if (bytes > sizeBytes) throw unavailable(url, `it sends more than ${sizeBytes} bytes`)
        await file.appendFile(chunk)
        options.onBytes(bytes)
        either.throwIfAborted()
      }
    } finally {
      await file.close()
    }
    if (bytes !== sizeBytes) throw unavailable(url, `it ended after ${bytes} of ${sizeBytes} bytes`)
  } catch (error) {
    signal.throwIfAborted()
    if (idle.signal.aborted) throw unavailable(url, `nothing came for ${idleMs / 1000} seconds`)
    if (error instanceof GatewayError) throw error
    throw unavailable(url, reasonOf(error))
  } finally {
    clearTimeout(timer)
  }
}

/** Removes a partial file that turned out to be of something else. */
export async function discard(path: string): Promise<void> {
  await rm(path, { force: true })
}

export async function sizeOf(path: string): Promise<number> {
  return stat(path).then(
    (found) => found.size,
    () => 0,
  )
}

// Node's fetch says only "fetch failed"; what happened is in the cause.
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return 'it failed'
  return error.cause instanceof Error ? error.cause.message : error.message
}

function unavailable(url: string, reason: string): GatewayError {
  return new GatewayError('upstream', `${new URL(url).host}: ${reason}`, {
    code: 'local_download_failed',
  })
}
