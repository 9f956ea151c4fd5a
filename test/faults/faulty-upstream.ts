// A provider on raw sockets that speaks all six protocols, can do what no HTTP server would, and keeps a book of the truth.
import { type AddressInfo, type Server, type Socket, createServer } from 'node:net'
import { type SecureContextOptions, TLSSocket, createSecureContext } from 'node:tls'
import type { Dialect } from '../../src/dialects/dialect.ts'
import { dialects } from '../../src/dialects/registry.ts'
import type { Place, Script } from './fault.ts'
import { Play } from './play.ts'
import { type RawRequest, RequestReader } from './raw-request.ts'

/** What is true of one call, whatever the gateway believes. */
export interface Truth {
  /** Counted from 0. */
  readonly number: number
  readonly dialect: Dialect
  readonly request: RawRequest
  /** Bytes that were given to the socket. */
  bytes: number
  /** Words of the good answer that left. */
  tokens: number
  /** Whether the whole answer left, good or bad. */
  finished: boolean
  /** The gateway closed the connection before the end. */
  aborted: boolean
}

export interface FaultyUpstream {
  /** The base URL of a provider that speaks this protocol. */
  url(dialect: string): string
  readonly port: number
  /** Calls of models; lists that are asked for are not counted. */
  readonly calls: readonly Truth[]
  /** Connections that are open now. */
  readonly open: number
  /** Connections so far. */
  readonly connections: number
  /** What every call meets from now on. At `connect` and `tls` there is no call yet: the script of the next one counts. */
  script(next: (call: Truth | undefined) => Script): void
  close(): Promise<void>
}

/** What a client of the protocol has behind its host. */
const BASES: Readonly<Record<string, string>> = {
  'openai-chat': '/v1',
  'openai-responses': '/v1',
  gemini: '/v1beta',
  'mistral-chat': '/v1',
}

export interface FaultyUpstreamOptions {
  /** With a certificate it speaks TLS. */
  readonly tls?: SecureContextOptions
}

export async function openFaultyUpstream(
  options: FaultyUpstreamOptions = {},
): Promise<FaultyUpstream> {
  const house = new House(options)
  await house.listen()
  return house
}

class House implements FaultyUpstream {
  readonly #server: Server
  readonly #sockets = new Set<Socket>()
  readonly #options: FaultyUpstreamOptions
  readonly calls: Truth[] = []
  connections = 0
  #next: (call: Truth | undefined) => Script = () => []

  constructor(options: FaultyUpstreamOptions) {
    this.#options = options
    this.#server = createServer((socket) => this.#opened(socket))
  }

  async listen(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#server.listen(0, '127.0.0.1', () => resolve())
    })
  }

  get port(): number {
    return portOf(this.#server.address())
  }

  get open(): number {
    return this.#sockets.size
  }

  url(dialect: string): string {
    const scheme = this.#options.tls === undefined ? 'http' : 'https'
    return `${scheme}://127.0.0.1:${this.port}/${dialect}${BASES[dialect] ?? ''}`
  }

  script(next: (call: Truth | undefined) => Script): void {
    this.#next = next
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy()
    await new Promise<void>((resolve) => {
      this.#server.close(() => resolve())
    })
  }

  #opened(socket: Socket): void {
    this.connections += 1
    this.#sockets.add(socket)
    socket.setNoDelay(true)
    socket.on('error', () => undefined)
    socket.on('close', () => this.#sockets.delete(socket))
    const { tls } = this.#options
    if (this.#meets(socket, 'connect')) return
    if (tls === undefined) this.#serve(socket)
    else if (!this.#meets(socket, 'tls')) {
      const secure = new TLSSocket(socket, {
        isServer: true,
        secureContext: createSecureContext(tls),
      })
      secure.on('error', () => undefined)
      this.#serve(secure)
    }
  }

  /** Whether a connection ends, or stays silent, before anything is read. */
  #meets(socket: Socket, place: Place): boolean {
    const script = this.#next(undefined)
    return new Play(socket, script).connection(place)
  }

  #serve(socket: Socket): void {
    const reader = new RequestReader()
    let isOver = false
    let current: Truth | undefined
    socket.on('close', () => {
      if (current?.finished === false) current.aborted = true
    })
    socket.on('data', (bytes: Buffer) => {
      if (isOver) return
      const requests = reader.write(bytes)
      const cut = this.#next(undefined).find(
        ({ at }) => typeof at === 'object' && 'upload' in at && reader.pending >= at.upload,
      )
      if (cut !== undefined) {
        isOver = true
        new Play(socket, [cut]).connection(cut.at)
        return
      }
      for (const request of requests) current = this.#answer(socket, request) ?? current
    })
  }

  #answer(socket: Socket, request: RawRequest): Truth | undefined {
    const [, id = '', ...rest] = request.path.split('/')
    const dialect = dialects.find((one) => one.id === id)
    if (dialect === undefined || request.method !== 'POST') {
      socket.write('HTTP/1.1 404 Not Found\r\ncontent-length: 2\r\n\r\n{}')
      return undefined
    }
    const path = `/${rest.join('/')}`.slice((BASES[id] ?? '').length)
    const truth: Truth = {
      number: this.calls.length,
      dialect,
      request: { ...request, path },
      bytes: 0,
      tokens: 0,
      finished: false,
      aborted: false,
    }
    this.calls.push(truth)
    void new Play(socket, this.#next(truth)).answer(truth)
    return truth
  }
}

function portOf(address: AddressInfo | string | null): number {
  if (address === null || typeof address === 'string') throw new Error('the server has no port')
  return address.port
}
