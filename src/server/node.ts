// The one file that serves HTTP: sockets in, Inbound to the application, Outbound back with back-pressure.
import type {
  IncomingMessage,
  RequestListener,
  Server,
  ServerOptions,
  ServerResponse,
} from 'node:http'
import type { Server as TlsServer } from 'node:https'
import { once } from 'node:events'
import type { Duplex } from 'node:stream'
import { compact } from '../canonical/compact.ts'
import { GatewayError } from '../canonical/errors.ts'
import type { SlowClient } from '../exchange/facts/server.ts'
import type { Tell } from '../exchange/happening.ts'
import { AnswerWriter } from './answer-writer.ts'
import { CLIENT_PATIENCE, type ClientPatience } from '../config/client-patience.ts'
import type { AddressRange } from '../transport/address.ts'
import { clientAddress, isNear } from './client-address.ts'
import { gateConnections } from './connection-gate.ts'
import { Drain, type DrainReport } from './drain.ts'
import type { After, Application, Inbound, Outbound } from './message.ts'
import { type BodyOptions, discardRest, readWhole, tooLarge } from './request-body.ts'
import type { TlsContext } from './tls-files.ts'

export interface NodeServerOptions {
  readonly application: Application
  readonly after: After
  /** How slow clients may be. What is left out is as in CLIENT_PATIENCE. */
  readonly patience?: Partial<ClientPatience>
  /** Milliseconds for which calls are still taken once the server is to stop. Default 0. */
  readonly drainWaitMs?: number
  /** How long calls under way may go on once the server is to stop, in milliseconds. Default 25000. */
  readonly drainMs?: number
  readonly tell?: Tell
  /** Absent: plain HTTP. */
  readonly tls?: TlsContext
  /** Proxies in front. Default: none. */
  readonly proxies?: readonly AddressRange[]
  /** Whether clients are better served elsewhere: connections then end with their answer. Default: never. */
  readonly isCrowded?: () => boolean
}

export interface NodeServer {
  /** Resolves with the port once connections are taken. Throws GatewayError where the address cannot be had. */
  listen(host: string, port: number): Promise<number>
  /** Takes no more calls, lets those under way end for a while, then cuts them. Undefined where nothing listened. */
  close(): Promise<DrainReport | undefined>
  /** Where it closes: cuts now what is under way. */
  hurry(): void
  /** Another certificate, from the next connection on. Of no effect where no TLS is spoken. */
  renew(tls: TlsContext): void
  /** Calls under way. */
  readonly calls: number
}

// An import of it reads all that it exports, WebSocket too, and so loads Node's own fetch: 10 MB that nobody asks for (Node 24.21).
const { createServer } = process.getBuiltinModule('node:http')

const MAX_HEADER_BYTES = 32 * 1024
const TIMEOUT_CHECKS = 1000
const KEEP_ALIVE_TIMEOUT = 65_000
const DRAIN = 25_000
/** Of one answer, in Node's own streams. */
const MAX_HIGH_WATER = 64 * 1024

export function createNodeServer(options: NodeServerOptions): NodeServer {
  const { after, drainWaitMs = 0, drainMs = DRAIN, tell } = options
  const patience = { ...CLIENT_PATIENCE, ...options.patience }
  const { proxies = [] } = options
  const calls = new Set<AbortController>()
  /** The answer that is under way on a connection. */
  const answers = new WeakMap<Duplex, ServerResponse>()
  const isLast = (): boolean => drain.hasBegun || options.isCrowded?.() === true
  const serve = (request: IncomingMessage, response: ServerResponse): void => {
    const isSafe = options.tls !== undefined || isNear(request.socket.remoteAddress, proxies)
    if (!isSafe) return refusePlain(response)
    const call = new AbortController()
    calls.add(call)
    answers.set(request.socket, response)
    // A stop waits for connections to end, and a client may keep one that its last answer has left idle.
    response.once('close', () => {
      answers.delete(request.socket)
      if (!server.listening) server.closeIdleConnections()
    })
    new Connection(request, response, { ...options, patience, call, isLast })
      .run()
      .catch(() => response.destroy())
      .finally(() => calls.delete(call))
  }
  const server = serverFor(
    options.tls,
    {
      maxHeaderSize: MAX_HEADER_BYTES,
      headersTimeout: patience.headersMs,
      requestTimeout: Math.max(patience.requestMs, patience.headersMs),
      connectionsCheckingInterval: Math.min(TIMEOUT_CHECKS, patience.headersMs),
      keepAliveTimeout: KEEP_ALIVE_TIMEOUT,
      highWaterMark: Math.min(MAX_HIGH_WATER, Math.ceil(patience.bufferBytes / 2)),
      insecureHTTPParser: false,
      noDelay: true,
    },
    serve,
  )
  // The client waits for leave to send its body: it gets it when somebody wants to read the body.
  server.on('checkContinue', serve)
  gateConnections(server, {
    proxies,
    ...patience,
  })
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    const answer = answers.get(socket)
    if (error.code === TOO_LATE) {
      tell?.({ type: 'slow-client', phase: answer === undefined ? 'head' : 'body' })
    }
    if (socket.writable && answer?.headersSent !== true) socket.write(refusalOf(error.code))
    socket.destroy()
  })
  const drain = new Drain({
    after,
    waitMs: drainWaitMs,
    deadlineMs: drainMs,
    stopAccepting: async () => {
      const closed = once(server, 'close')
      server.close()
      await closed
    },
    cutCalls: () => {
      const cut = calls.size
      for (const call of calls) call.abort(draining())
      return cut
    },
    cutConnections: () => server.closeAllConnections(),
  })
  return {
    listen: (host, port) => listen(server, host, port),
    close: async () => (server.listening && !drain.hasBegun ? drain.begin() : undefined),
    hurry: () => drain.hurry(),
    renew: (tls) => {
      if ('setSecureContext' in server) server.setSecureContext({ ...TLS, ...tls })
    },
    get calls() {
      return calls.size
    },
  }
}

const TLS = { minVersion: 'TLSv1.2', ALPNProtocols: ['http/1.1'] } as const
/** Milliseconds for TLS to be agreed on. */
const HANDSHAKE = 10_000

function serverFor(
  tls: TlsContext | undefined,
  options: ServerOptions,
  serve: RequestListener,
): Server | TlsServer {
  if (tls === undefined) return createServer(options, serve)
  const { createServer: createTlsServer } = process.getBuiltinModule('node:https')
  return createTlsServer({ ...options, ...TLS, ...tls, handshakeTimeout: HANDSHAKE }, serve)
}

async function listen(server: Server | TlsServer, host: string, port: number): Promise<number> {
  try {
    server.listen({ host, port })
    await once(server, 'listening')
  } catch (cause) {
    throw listenError(cause, `${host}:${port}`)
  }
  const address = server.address()
  return typeof address === 'object' && address !== null ? address.port : port
}

function listenError(cause: unknown, place: string): GatewayError {
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown'
  const reasons: Readonly<Record<string, string>> = {
    EADDRINUSE: 'Another program listens there. Choose another port with --port, or stop it.',
    EACCES: 'This user may not listen there. Choose a port above 1023 with --port.',
    EADDRNOTAVAIL: 'This machine has no such address. Choose another with --host.',
  }
  const reason = reasons[code] ?? `The system says ${code}.`
  return new GatewayError('internal', `Cannot listen on ${place}. ${reason}`, { code, cause })
}

const TOO_LATE = 'ERR_HTTP_REQUEST_TIMEOUT'
const REFUSALS: Readonly<Record<string, string>> = {
  [TOO_LATE]: '408 Request Timeout',
  HPE_HEADER_OVERFLOW: '431 Request Header Fields Too Large',
  HPE_CHUNK_EXTENSIONS_OVERFLOW: '413 Payload Too Large',
}

/** What a client is told that sent no request that could be read, as Node itself would. */
function refusalOf(code: string | undefined): string {
  const status = REFUSALS[code ?? ''] ?? '400 Bad Request'
  return `HTTP/1.1 ${status}\r\nConnection: close\r\n\r\n`
}

/** Somebody who goes round the proxy, with a key that others can read. */
function refusePlain(response: ServerResponse): void {
  const body = 'Only the proxies of server.behind_proxy are answered here without TLS.\n'
  response.writeHead(403, { connection: 'close', 'content-type': 'text/plain' }).end(body)
}

function draining(): GatewayError {
  return new GatewayError('overloaded', 'Patchbay is stopping. Ask again in a moment.', {
    code: 'gateway_draining',
    retryAfterMs: 2000,
  })
}

function clientGone(): GatewayError {
  return new GatewayError('cancelled', 'The client has gone.', {
    origin: 'client',
    code: 'client_gone',
  })
}

function clientStalled(): GatewayError {
  return new GatewayError('cancelled', 'The client takes nothing of its answer any more.', {
    origin: 'client',
    code: 'client_stalled',
  })
}

interface ConnectionOptions extends NodeServerOptions {
  readonly patience: ClientPatience
  readonly call: AbortController
  /** Whether the connection ends with this answer. */
  readonly isLast: () => boolean
}

/** One request and its answer. */
class Connection {
  readonly #request: IncomingMessage
  readonly #response: ServerResponse
  readonly #options: ConnectionOptions
  readonly #reading: BodyOptions

  constructor(request: IncomingMessage, response: ServerResponse, options: ConnectionOptions) {
    this.#request = request
    this.#response = response
    this.#options = options
    const { after, patience } = options
    this.#reading = { after, patience, slow: () => this.#slow('body') }
  }

  async run(): Promise<void> {
    const { application, call } = this.#options
    this.#response.once('close', () => {
      if (!this.#response.writableFinished) call.abort(clientGone())
    })
    // A socket that breaks closes the response; there is nobody left to tell.
    this.#response.on('error', () => undefined)
    this.#request.on('error', () => undefined)
    await this.#send(await application(this.#inbound()))
  }

  #inbound(): Inbound {
    const request = this.#request
    return {
      method: request.method ?? '',
      url: request.url ?? '',
      headers: request.headersDistinct,
      signal: this.#options.call.signal,
      ...compact({ address: this.#address() }),
      readBody: (maxBytes) => this.#readBody(maxBytes),
    }
  }

  #address(): string | undefined {
    const { socket, headersDistinct } = this.#request
    const forwarded = headersDistinct['x-forwarded-for'] ?? []
    return clientAddress(socket.remoteAddress, forwarded, this.#options.proxies ?? [])
  }

  async #readBody(maxBytes: number): Promise<Uint8Array> {
    const request = this.#request
    if (Number(request.headers['content-length'] ?? 0) > maxBytes) throw tooLarge(maxBytes)
    if (request.headers.expect !== undefined) this.#response.writeContinue()
    return readWhole(request, maxBytes, this.#reading)
  }

  async #send({ status, headers, body, trailers }: Outbound): Promise<void> {
    const response = this.#response
    const { after, patience } = this.#options
    const stalled = (): void => this.#stalled()
    const writer = new AnswerWriter(response, { after, patience, stalled })
    const isRefused = !this.#request.complete && !this.#request.destroyed
    const ending = this.#options.isLast() || (isRefused && this.#hasMuchLeft())
    const told = { ...headers, ...(ending ? { connection: 'close' } : {}) }
    if (typeof body === 'string') {
      const length = status === 204 ? {} : { 'content-length': Buffer.byteLength(body) }
      response.writeHead(status, { ...told, ...length })
      await writer.write(body)
    } else {
      response.writeHead(status, told)
      response.flushHeaders()
      // Leaving the loop cancels whoever makes the pieces; so it is entered even when the client has gone already.
      for await (const piece of body) {
        if (writer.isGone) break
        await writer.write(piece)
      }
    }
    if (trailers !== undefined) response.addTrailers(trailers())
    if (isRefused) await discardRest(this.#request, this.#reading)
    await writer.end()
    if (isRefused && !this.#request.complete) this.#request.destroy()
  }

  /** Whether more of a refused body may be coming than is worth reading to keep the connection. */
  #hasMuchLeft(): boolean {
    const { headers } = this.#request
    const announced = Number(headers['content-length'] ?? Infinity)
    return headers.expect !== undefined || announced > this.#options.patience.discardBytes
  }

  #stalled(): void {
    this.#slow('answer')
    this.#options.call.abort(clientStalled())
    // Not a proper end: the client must not take what it has for the whole.
    this.#response.socket?.resetAndDestroy()
  }

  #slow(phase: SlowClient['phase']): void {
    this.#options.tell?.({ type: 'slow-client', phase })
  }
}
