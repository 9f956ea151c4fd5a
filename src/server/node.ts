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
import { GatewayError } from '../canonical/errors.ts'
import type { Tell } from '../exchange/happening.ts'
import { afterTurn } from './after-turn.ts'
import { CallsUnderWay } from './calls-under-way.ts'
import { CLIENT_PATIENCE, type ClientPatience } from '../config/client-patience.ts'
import type { AddressRange } from '../transport/address.ts'
import { isNear } from './client-address.ts'
import { gateConnections } from './connection-gate.ts'
import { Drain, type DrainReport } from './drain.ts'
import { HttpCall, type HttpCallOptions } from './http-call.ts'
import type { After, Application, Outbound } from './message.ts'
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
  /** Whether it is the address that is the admin's alone. Default false. */
  readonly atAdmin?: boolean
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

// An import of it reads all that it exports, WebSocket too, and so loads Node's own fetch: 5 MB that nobody asks for (Node 24.21).
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
  const calls = new CallsUnderWay()
  /** Connections of somebody who goes round the proxy. */
  const unsafe = new WeakSet<Duplex>()
  const shared: HttpCallOptions = {
    after,
    patience,
    proxies,
    atAdmin: options.atAdmin === true,
    isLast: () => drain.hasBegun || options.isCrowded?.() === true,
    slow: (phase) => tell?.({ type: 'slow-client', phase }),
  }
  const serve = (request: IncomingMessage, response: ServerResponse): void => {
    const { socket } = request
    if (unsafe.has(socket)) return refusePlain(response)
    const call = new HttpCall(request, response, shared)
    calls.began(call, socket)
    void served(call, socket)
  }
  const served = async (call: HttpCall, socket: Duplex): Promise<void> => {
    let outbound: Outbound | undefined
    try {
      outbound = await options.application(call)
      const writing = call.answer(outbound)
      if (writing !== undefined) await writing
    } catch {
      call.destroy()
    } finally {
      outbound?.ended?.()
      calls.ended(call, socket)
      // A stop waits for connections to end, and a client may keep one that its last answer has left idle.
      if (!server.listening) afterTurn(() => server.closeIdleConnections())
    }
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
  gateConnections(server, { proxies, ...patience })
  if (options.tls === undefined) {
    server.on('connection', (socket) => {
      if (!isNear(socket.remoteAddress, proxies)) unsafe.add(socket)
    })
  }
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    const call = calls.answeredAt(socket)
    if (error.code === TOO_LATE) {
      tell?.({ type: 'slow-client', phase: call === undefined ? 'head' : 'body' })
    }
    if (socket.writable && call?.hasHead !== true) socket.write(refusalOf(error.code))
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
    cutCalls: () => calls.cut(draining()),
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
