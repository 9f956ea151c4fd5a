// Downloads: whole, resumed, or an error that says why.
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { type RequestListener, type Server, createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Transport } from '../../transport/transport.ts'
import { createTransport } from '../../transport/http-transport.ts'
import { type DownloadOptions, download } from './download.ts'

const CONTENT = Buffer.from('0123456789abcdef')
let folder: string
let path: string
let server: Server | undefined
let transport: Transport

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'patchbay-download-'))
  path = join(folder, 'file.part')
  transport = createTransport()
})
afterEach(async () => {
  await transport.close()
  server?.closeAllConnections()
  server?.close()
  await rm(folder, { recursive: true })
})

async function serve(listener: RequestListener): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<void>()
  const started = createServer(listener).listen(0, '127.0.0.1', resolve)
  server = started
  await promise
  const address = started.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  return `http://127.0.0.1:${address.port}/file`
}

/** With ranges, as the hub has them. */
function ranged(asked: (string | undefined)[]): RequestListener {
  return (request, response) => {
    asked.push(request.headers.range)
    const from = Number(/bytes=(\d+)-/.exec(request.headers.range ?? '')?.[1] ?? 0)
    response.writeHead(from === 0 ? 200 : 206)
    response.end(CONTENT.subarray(from))
  }
}

async function get(url: string, more: Partial<DownloadOptions> = {}): Promise<void> {
  await download({
    url,
    path,
    sizeBytes: CONTENT.length,
    transport,
    reach: 'private',
    signal: new AbortController().signal,
    onBytes: () => undefined,
    ...more,
  })
}

async function fetched(url: string): Promise<readonly number[]> {
  const seen: number[] = []
  await get(url, { onBytes: (bytes) => seen.push(bytes) })
  return seen
}

describe('download', () => {
  it('writes the file and tells how far it is', async () => {
    const seen = await fetched(await serve(ranged([])))
    expect(await readFile(path)).toEqual(CONTENT)
    expect(seen.at(-1)).toBe(CONTENT.length)
  })

  it('goes on where an earlier try stopped', async () => {
    const asked: (string | undefined)[] = []
    await writeFile(path, CONTENT.subarray(0, 10))
    const seen = await fetched(await serve(ranged(asked)))
    expect(asked).toEqual(['bytes=10-'])
    expect(await readFile(path)).toEqual(CONTENT)
    expect(seen.at(-1)).toBe(CONTENT.length)
  })

  it('keeps what came before the connection broke, and ends on the next try', async () => {
    const asked: (string | undefined)[] = []
    let cut: (() => void) | undefined
    const url = await serve((request, response) => {
      if (cut !== undefined) return ranged(asked)(request, response)
      cut = () => response.destroy()
      response.writeHead(200, { 'content-length': CONTENT.length })
      response.write(CONTENT.subarray(0, 6))
    })
    const broken = get(url, { onBytes: () => cut?.() })
    await expect(broken).rejects.toMatchObject({ code: 'local_download_failed' })
    expect(await readFile(path)).toEqual(CONTENT.subarray(0, 6))
    await fetched(url)
    expect(asked).toEqual(['bytes=6-'])
    expect(await readFile(path)).toEqual(CONTENT)
  })

  it('begins again where the server knows no ranges', async () => {
    await writeFile(path, 'wrong')
    await fetched(
      await serve((_, response) => {
        response.end(CONTENT)
      }),
    )
    expect(await readFile(path)).toEqual(CONTENT)
  })

  it('asks nothing when the file is whole already', async () => {
    const asked: (string | undefined)[] = []
    await writeFile(path, CONTENT)
    await fetched(await serve(ranged(asked)))
    expect(asked).toEqual([])
  })

  it('names the host and the status when it is refused', async () => {
    const url = await serve((_, response) => {
      response.writeHead(403).end('no')
    })
    await expect(fetched(url)).rejects.toThrow(/^127\.0\.0\.1:\d+: it answered 403$/)
  })

  it('follows the hub to where it keeps the file', async () => {
    const asked: (string | undefined)[] = []
    await writeFile(path, CONTENT.subarray(0, 10))
    const url = await serve((request, response) => {
      if (request.url === '/elsewhere?signed=1') return ranged(asked)(request, response)
      response.writeHead(302, { location: '/elsewhere?signed=1' }).end()
    })
    await fetched(url)
    expect(asked).toEqual(['bytes=10-'])
    expect(await readFile(path)).toEqual(CONTENT)
  })

  it('does not follow for ever', async () => {
    const url = await serve((_, response) => {
      response.writeHead(302, { location: '/file' }).end()
    })
    await expect(fetched(url)).rejects.toThrow('redirected more than 5 times')
  })

  it('refuses more bytes than the file has', async () => {
    const url = await serve((_, response) => {
      response.end(Buffer.alloc(CONTENT.length + 1))
    })
    await expect(fetched(url)).rejects.toThrow(`more than ${CONTENT.length} bytes`)
  })

  it('gives up when nothing comes', async () => {
    const url = await serve((_, response) => {
      response.writeHead(200).write('0')
    })
    const silent = get(url, { idleMs: 50 })
    await expect(silent).rejects.toThrow(/0\.05 s/)
  })

  it('stops when nobody wants the file any more', async () => {
    const leave = new AbortController()
    const url = await serve((_, response) => {
      response.writeHead(200).write('0')
    })
    const left = get(url, {
      signal: leave.signal,
      onBytes: () => leave.abort(new Error('gone')),
    })
    await expect(left).rejects.toThrow('gone')
  })
})
