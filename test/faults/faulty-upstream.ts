// A provider on raw sockets that can do what no HTTP server would, and keeps a book of what it really did.
import { type AddressInfo, type Socket, createServer } from 'node:net'
import type { Dialect } from '../../src/dialects/dialect.ts'
import { tryParseJson } from '../../src/wire/json.ts'
import type { Deed, Place, RawAnswer, Script } from './fault.ts'
import { goodAnswer } from './good-answer.ts'
import { type RawRequest, RequestReader } from './raw-request.ts'

/** What is true of one call, whatever the gateway believes. */
export interface Truth {
  readonly number: number
  readonly request: RawRequest
  /** Whether the whole good answer left. */
  finished: boolean
  /** The gateway closed the connection before the end. */
  aborted: boolean
}

export interface FaultyUpstream {
  /** `http://127.0.0.1:<port>` */
  readonly url: string
  readonly calls: readonly Truth[]
  /** Connections that are open now. */
  readonly open: number
  /** Called for every request; the number counts from 0. */
  script(next: (call: Truth) => Script): void
  close(): Promise<void>
}

function answersWell(): Script {
  return {}
}

export async function openFaultyUpstream(dialect: Dialect): Promise<FaultyUpstream> {
  const calls: Truth[] = []
  const sockets = new Set<Socket>()
  let next: (call: Truth) => Script = answersWell
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.setNoDelay(true)
    socket.on('error', () => {})
    const reader = new RequestReader()
    let current: Truth | undefined
    socket.on('close', () => {
      sockets.delete(socket)
      if (current !== undefined && !current.finished) current.aborted = true
    })
    socket.on('data', (bytes: Buffer) => {
      for (const request of reader.write(bytes)) {
        const truth: Truth = { number: calls.length, request, finished: false, aborted: false }
        current = truth
        calls.push(truth)
        play(socket, dialect, { truth, script: next(truth) })
      }
    })
  })
  const port = await new Promise<number>((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve(portOf(server.address())))
  })
  return {
    url: `http://127.0.0.1:${port}`,
    calls,
    get open() {
      return sockets.size
    },
    script: (script) => {
      next = script
    },
    close: async () => {
      for (const socket of sockets) socket.destroy()
      await new Promise<void>((resolve) => {
        server.close(() => resolve())
      })
    },
  }
}

interface Scene {
  readonly truth: Truth
  readonly script: Script
}

function play(socket: Socket, dialect: Dialect, { truth, script }: Scene): void {
  const deedAt = (place: Place): Deed | undefined =>
    script.faults?.find(({ at }) => JSON.stringify(at) === JSON.stringify(place))?.deed
  if (isDone(socket, deedAt('accept')) || isDone(socket, deedAt('request'))) return
  const { contentType, frames } = answerFor(dialect, truth)
  socket.write(headOf(contentType))
  if (isDone(socket, deedAt('head'))) return
  let bytes = 0
  for (const [count, frame] of frames.entries()) {
    const cut = script.faults?.find(({ at }) => isInside(at, bytes, frame))
    if (cut !== undefined && typeof cut.at === 'object' && 'body' in cut.at) {
      socket.write(chunk(Buffer.from(frame).subarray(0, cut.at.body - bytes)))
      if (isDone(socket, cut.deed)) return
    }
    if (isDone(socket, deedAt({ frame: count }))) return
    for (const piece of sliced(Buffer.from(frame), script.slice)) socket.write(chunk(piece))
    bytes += Buffer.byteLength(frame)
  }
  if (isDone(socket, deedAt('end'))) return
  truth.finished = true
  socket.write('0\r\n\r\n')
}

function answerFor(dialect: Dialect, { number, request }: Truth): ReturnType<typeof goodAnswer> {
  const decoded = dialect.request.decode({
    method: request.method,
    path: request.path,
    headers: {},
    body: tryParseJson(request.body) ?? null,
  })
  const context = { request: decoded, requestId: `up-${number}`, now: () => 0 }
  return goodAnswer(dialect, {
    number: askedNumber(request) ?? number,
    streamed: decoded.stream.enabled,
    context,
  })
}

/** A call may say its own number in its text, so that its answer can be told from every other. */
function askedNumber({ body }: RawRequest): number | undefined {
  const said = /call number (?<number>\d+)/.exec(body)?.groups?.['number']
  return said === undefined ? undefined : Number(said)
}

function isInside(at: Place, from: number, frame: string): boolean {
  if (typeof at !== 'object' || !('body' in at)) return false
  return at.body >= from && at.body < from + Buffer.byteLength(frame)
}

/** Whether that was the end of it. */
function isDone(socket: Socket, deed: Deed | undefined): boolean {
  switch (deed?.do) {
    case undefined:
      return false
    case 'reset':
      socket.resetAndDestroy()
      return true
    case 'fin':
      socket.end()
      return true
    case 'stall':
      return true
    case 'bytes':
      socket.write(chunk(Buffer.from(deed.bytes)))
      return false
    case 'flood':
      socket.write(chunk(Buffer.alloc(deed.count, 'x')))
      return false
    case 'answer':
      socket.write(printed(deed.answer))
      return true
  }
}

function printed({ status, head = [], body = '' }: RawAnswer): string {
  const lines = [`HTTP/1.1 ${status} Status`, ...head]
  const sized = lines.some((line) => /^(?:content-length|transfer-encoding):/i.test(line))
  if (!sized) lines.push(`content-length: ${Buffer.byteLength(body)}`)
  return `${lines.join('\r\n')}\r\n\r\n${body}`
}

function headOf(contentType: string): string {
  return `HTTP/1.1 200 OK\r\ncontent-type: ${contentType}\r\ntransfer-encoding: chunked\r\n\r\n`
}

function chunk(bytes: Uint8Array): Buffer {
  if (bytes.length === 0) return Buffer.alloc(0)
  return Buffer.concat([
    Buffer.from(`${bytes.length.toString(16)}\r\n`),
    bytes,
    Buffer.from('\r\n'),
  ])
}

function sliced(bytes: Buffer, size: number | undefined): readonly Buffer[] {
  if (size === undefined) return [bytes]
  const pieces: Buffer[] = []
  for (let from = 0; from < bytes.length; from += size)
    pieces.push(bytes.subarray(from, from + size))
  return pieces
}

function portOf(address: AddressInfo | string | null): number {
  if (address === null || typeof address === 'string') throw new Error('the server has no port')
  return address.port
}
