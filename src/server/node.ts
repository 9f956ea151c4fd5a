// The one file that serves HTTP: sockets in, Inbound to the application, Outbound back with back-pressure.
import { type IncomingMessage, type Server, type ServerResponse, createServer } from 'node:http'
import { once } from 'node:events'
import { GatewayError } from '../canonical/errors.ts'
import type { After, Application, Inbound, Outbound } from './message.ts'

export interface NodeServerOptions {
  readonly application: Application
  readonly after: After
  /** How long a body may pause, in milliseconds. */
  readonly bodyPatienceMs?: number
  /** How long calls under way may go on once the server stops, in milliseconds. */
  readonly drainMs?: number
}

export interface NodeServer {
  /** Resolves with the port once connections are taken. Throws GatewayError where the address cannot be had. */
  listen(host: string, port: number): Promise<number>
  /** Takes no more calls, lets those under way end for a while, then cuts them. */
  close(): Promise<void>
}

const MAX_HEADER_BYTES = 32 * 1024
const HEADERS_TIMEOUT = 10_000
const REQUEST_TIMEOUT = 300_000
const TIMEOUT_CHECKS = 5000
const KEEP_ALIVE_TIMEOUT = 65_000
const BODY_PATIENCE = 30_000
const DRAIN = 25_000
/** After the drain: the time a cut call has to say so to its client. */
const LAST_WORDS = 1000
/** What is read and thrown away of a body that was refused, so that the client gets to read the answer. */
const MAX_DISCARDED_BYTES = 128 * 1024 * 1024

export function createNodeServer(options: NodeServerOptions): NodeServer {
  const calls = new Set<AbortController>()
  const serve = (request: IncomingMessage, response: ServerResponse): void => {
    const call = new AbortController()
    calls.add(call)
    // A stop waits for connections to end, and a client may keep one that its last answer has left idle.
    response.once('close', () => {
      if (!server.listening) server.closeIdleConnections()
    })
    new Connection(request, response, { ...options, call })
      .run()
      .catch(() => response.destroy())
      .finally(() => calls.delete(call))
  }
  const server = createServer(
    {
      maxHeaderSize: MAX_HEADER_BYTES,
      headersTimeout: HEADERS_TIMEOUT,
      requestTimeout: REQUEST_TIMEOUT,
      connectionsCheckingInterval: TIMEOUT_CHECKS,
      keepAliveTimeout: KEEP_ALIVE_TIMEOUT,
      insecureHTTPParser: false,
      noDelay: true,
    },
    serve,
  )
  // The client waits for leave to send its body: it gets it when somebody wants to read the body.
  server.on('checkContinue', serve)
  return {
    listen: (host, port) => listen(server, host, port),
    close: () => close(server, calls, options),
  }
}

async function listen(server: Server, host: string, port: number): Promise<number> {
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

async function close(
  server: Server,
  calls: ReadonlySet<AbortController>,
  options: NodeServerOptions,
): Promise<void> {
  if (!server.listening) return
  const closed = once(server, 'close')
  server.close()
  const cut = (): void => {
    for (const call of calls) call.abort(draining())
    callOff = options.after(LAST_WORDS, () => server.closeAllConnections())
  }
  let callOff = options.after(options.drainMs ?? DRAIN, cut)
  await closed
  callOff()
}

function draining(): GatewayError {
  return new GatewayError('overloaded', 'Patchbay is stopping. Ask again in a moment.', {
    code: 'gateway_draining',
    retryAfterMs: 2000,
  })
}

function clientGone(): GatewayError {
  return new GatewayError('cancelled', 'The client has gone.', { origin: 'client' })
}

interface ConnectionOptions extends NodeServerOptions {
  readonly call: AbortController
}

/** One request and its answer. */
class Connection {
  readonly #request: IncomingMessage
  readonly #response: ServerResponse
  readonly #options: ConnectionOptions

  constructor(request: IncomingMessage, response: ServerResponse, options: ConnectionOptions) {
    this.#request = request
    this.#response = response
    this.#options = options
  }

  async run(): Promise<void> {
    const { application, call } = this.#options
    this.#response.once('close', () => {
      if (!this.#response.writableFinished) call.abort(clientGone())
    })
    // A socket that breaks closes the response; there is nobody left to tell.
    this.#response.on('error', () => undefined)
    this.#request.on('error', () => undefined)
    const outbound = await application(this.#inbound())
    await this.#send(outbound)
    this.#discardRest()
  }

  #inbound(): Inbound {
    const request = this.#request
    return {
      method: request.method ?? '',
      url: request.url ?? '',
      headers: request.headersDistinct,
      signal: this.#options.call.signal,
      readBody: (maxBytes) => this.#readBody(maxBytes),
    }
  }

  async #readBody(maxBytes: number): Promise<Uint8Array> {
    const request = this.#request
    if (Number(request.headers['content-length'] ?? 0) > maxBytes) throw tooLarge(maxBytes)
    if (request.headers.expect !== undefined) this.#response.writeContinue()
    const chunks: Uint8Array[] = []
    let size = 0
    const patience = this.#patience()
    try {
      for await (const chunk of bytesOf(request, patience.signal)) {
        patience.renew()
        size += chunk.length
        if (size > maxBytes) throw tooLarge(maxBytes)
        chunks.push(chunk)
      }
    } finally {
      patience.end()
    }
    return Buffer.concat(chunks)
  }

  #patience(): { readonly signal: AbortSignal; renew(): void; end(): void } {
    const { after, bodyPatienceMs = BODY_PATIENCE } = this.#options
    const limit = new AbortController()
    const start = (): (() => void) => after(bodyPatienceMs, () => limit.abort(tooSlow()))
    let callOff = start()
    return {
      signal: limit.signal,
      renew: () => {
        callOff()
        callOff = start()
      },
      end: () => callOff(),
    }
  }

  async #send(outbound: Outbound): Promise<void> {
    const response = this.#response
    const { body } = outbound
    if (typeof body === 'string') {
      response.writeHead(outbound.status, {
        ...outbound.headers,
        ...(outbound.status === 204 ? {} : { 'content-length': Buffer.byteLength(body) }),
      })
      response.end(body)
      return
    }
    response.writeHead(outbound.status, outbound.headers)
    response.flushHeaders()
    // Leaving the loop cancels whoever makes the pieces; so it is entered even when the client has gone already.
    for await (const piece of body) {
      if (response.destroyed) break
      if (!response.write(piece)) await this.#drained()
    }
    if (outbound.trailers !== undefined) response.addTrailers(outbound.trailers())
    response.end()
  }

  #drained(): Promise<void> {
    const response = this.#response
    return new Promise((resolve) => {
      const settle = (): void => {
        response.off('drain', settle)
        response.off('close', settle)
        resolve()
      }
      response.on('drain', settle)
      response.on('close', settle)
    })
  }

  /** What the client still sends of a refused body is read and forgotten, up to a limit. */
  #discardRest(): void {
    const request = this.#request
    if (request.complete || request.destroyed) return
    let discarded = 0
    request.on('data', (chunk: Uint8Array) => {
      discarded += chunk.length
      if (discarded > MAX_DISCARDED_BYTES) request.destroy()
    })
    request.resume()
    const { after, bodyPatienceMs = BODY_PATIENCE } = this.#options
    const callOff = after(bodyPatienceMs, () => request.destroy())
    request.once('close', callOff)
  }
}

/** The chunks of a request; unlike its own iterator this one leaves the request usable when it is left early. */
async function* bytesOf(request: IncomingMessage, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  const iterator = request.iterator({ destroyOnReturn: false })
  const given = new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true })
  })
  given.catch(() => undefined)
  for (;;) {
    const step: IteratorResult<Uint8Array> = await Promise.race([iterator.next(), given])
    if (step.done === true) return
    yield step.value
  }
}

function tooLarge(maxBytes: number): GatewayError {
  return new GatewayError(
    'request_too_large',
    `The request body is larger than ${maxBytes} bytes. Send less, or raise limits.max_body_bytes in patchbay.yaml.`,
    { origin: 'client', code: 'body_too_large' },
  )
}

function tooSlow(): GatewayError {
  return new GatewayError('timeout', 'The request body did not arrive in time.', {
    origin: 'client',
    status: 408,
    code: 'body_timeout',
  })
}
