// A provider for tests: plays scripted replies byte by byte on 127.0.0.1, and remembers what it saw.
import { type IncomingHttpHeaders, type ServerResponse, createServer } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { type Json, tryParseJson } from '../src/wire/json.ts'

export interface ScriptedReply {
  /** Default 200. */
  readonly status?: number
  /** Default `content-type: application/json`. */
  readonly headers?: Readonly<Record<string, string>>
  /** Written one after the other, each as its own write. */
  readonly chunks?: readonly (string | Uint8Array)[]
  /**
   * What follows the chunks: `end` is a proper end, `stall` sends nothing more, `cut` closes the connection without
   * the end of the body, `reset` resets it. `silent` sends not even a head.
   */
  readonly ending?: 'end' | 'stall' | 'cut' | 'reset' | 'silent'
}

export interface SeenRequest {
  readonly method: string
  readonly path: string
  readonly headers: IncomingHttpHeaders
  readonly text: string
  readonly json: Json | undefined
  /** Which connection it came on, counted from 0. */
  readonly connection: number
  /** Resolves when the connection closes. */
  readonly closed: Promise<void>
  /** Bytes of the reply that the reader has not taken yet. */
  readonly unsent: number
  /** Says more, after a reply that stalled. */
  write(chunk: string | Uint8Array): void
  end(): void
}

type Script = (request: SeenRequest) => ScriptedReply

export interface FakeUpstream extends AsyncDisposable {
  /** `http://127.0.0.1:<port>` */
  readonly url: string
  /** All requests so far. */
  readonly requests: readonly SeenRequest[]
  /** Connections accepted so far. */
  readonly connections: number
  /** The reply of the next request that has none yet; kept in order. */
  reply(reply: ScriptedReply): void
  /** Answers every request that finds no reply waiting. */
  answer(script: Script): void
  /** The next request that nobody has waited for yet. */
  nextRequest(): Promise<SeenRequest>
  close(): Promise<void>
}

export async function openUpstream(): Promise<FakeUpstream> {
  const requests: SeenRequest[] = []
  const replies: ScriptedReply[] = []
  const waiting: ((request: SeenRequest) => void)[] = []
  const sockets = new Map<Socket, { readonly index: number; readonly closed: Promise<void> }>()
  let taken = 0
  let accepted = 0
  let script: Script = unscripted

  const server = createServer((incoming, outgoing) => {
    const pieces: Buffer[] = []
    incoming.on('data', (piece: Buffer) => pieces.push(piece))
    incoming.on('error', () => {})
    incoming.on('end', () => {
      const text = Buffer.concat(pieces).toString('utf8')
      const connection = sockets.get(incoming.socket)
      const request: SeenRequest = {
        method: incoming.method ?? '',
        path: incoming.url ?? '',
        headers: incoming.headers,
        text,
        json: tryParseJson(text),
        connection: connection?.index ?? -1,
        closed: connection?.closed ?? Promise.resolve(),
        get unsent() {
          return outgoing.writableLength
        },
        write: (chunk) => void outgoing.write(chunk),
        end: () => void outgoing.end(),
      }
      requests.push(request)
      play(replies.shift() ?? script(request), outgoing)
      waiting.shift()?.(request)
    })
  })
  server.on('connection', (socket: Socket) => {
    const closed = new Promise<void>((resolve) => {
      socket.on('close', () => resolve())
    })
    sockets.set(socket, { index: accepted, closed })
    accepted += 1
    socket.on('error', () => {})
  })
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })

  const close = async (): Promise<void> => {
    for (const socket of sockets.keys()) socket.destroy()
    await new Promise<void>((resolve) => {
      server.close(() => resolve())
    })
  }
  return {
    url: `http://127.0.0.1:${portOf(server.address())}`,
    requests,
    get connections() {
      return accepted
    },
    reply: (reply) => void replies.push(reply),
    answer: (next) => {
      script = next
    },
    nextRequest: () => {
      const seen = requests[taken]
      taken += 1
      if (seen !== undefined) return Promise.resolve(seen)
      return new Promise((resolve) => {
        waiting.push(resolve)
      })
    },
    close,
    [Symbol.asyncDispose]: close,
  }
}

function unscripted(): ScriptedReply {
  return { status: 500, chunks: ['{"error":"no reply is scripted"}'] }
}

function play(reply: ScriptedReply, outgoing: ServerResponse): void {
  const { status = 200, headers = {}, chunks = [], ending = 'end' } = reply
  if (ending === 'silent') return
  outgoing.writeHead(status, { 'content-type': 'application/json', ...headers })
  outgoing.flushHeaders()
  for (const chunk of chunks) outgoing.write(chunk)
  switch (ending) {
    case 'end':
      outgoing.end()
      return
    case 'cut':
      // After what was written has left.
      outgoing.write('', () => outgoing.socket?.end())
      return
    case 'reset':
      outgoing.write('', () => outgoing.socket?.resetAndDestroy())
      return
    case 'stall':
  }
}

function portOf(address: AddressInfo | string | null): number {
  if (address === null || typeof address === 'string') throw new Error('the server has no port')
  return address.port
}
