// One request and its answer on a connection: what the application is given of the one, and how the other is written.
import type { Readable, Writable } from 'node:stream'
import { GatewayError } from '../canonical/errors.ts'
import type { ClientPatience } from '../config/client-patience.ts'
import type { SlowClient } from '../exchange/facts/server.ts'
import type { AddressRange } from '../transport/address.ts'
import type { WireHeaders } from '../wire/message.ts'
import { afterTurn } from './after-turn.ts'
import { AnswerWriter } from './answer-writer.ts'
import { clientAddress } from './client-address.ts'
import type { After, Inbound, Outbound } from './message.ts'
import { NO_BYTES, discardRest, readWhole, tooLarge } from './request-body.ts'
import { headersIn, valuesIn } from './request-headers.ts'

/** What is used of Node's own request. */
interface NodeRequest extends Readable {
  readonly method?: string | undefined
  readonly url?: string | undefined
  /** Names and values in turn. */
  readonly rawHeaders: readonly string[]
  /** Whether it has come whole. */
  readonly complete: boolean
  readonly socket: { readonly remoteAddress?: string | undefined }
}

/** What is used of Node's own response. */
interface NodeResponse extends Writable {
  readonly headersSent: boolean
  readonly socket: { readonly writableLength: number; resetAndDestroy(): unknown } | null
  /** Names and values in turn. */
  writeHead(status: number, head: string[]): unknown
  writeContinue(): void
  flushHeaders(): void
  addTrailers(trailers: WireHeaders): void
}

export interface HttpCallOptions {
  readonly after: After
  readonly patience: ClientPatience
  readonly proxies: readonly AddressRange[]
  /** Whether it came in at the address that is the admin's alone. */
  readonly atAdmin: boolean
  /** Whether connections end with their answer. */
  readonly isLast: () => boolean
  /** Hears of a client that is given up because it is too slow. */
  readonly slow: (phase: SlowClient['phase']) => void
}

export class HttpCall implements Inbound {
  readonly method: string
  readonly url: string
  readonly headers: WireHeaders
  readonly #request: NodeRequest
  readonly #response: NodeResponse
  readonly #options: HttpCallOptions
  #ending: AbortController | undefined

  constructor(request: NodeRequest, response: NodeResponse, options: HttpCallOptions) {
    this.method = request.method ?? ''
    this.url = request.url ?? ''
    this.headers = headersIn(request.rawHeaders)
    this.#request = request
    this.#response = response
    this.#options = options
    // A socket that breaks closes the response; there is nobody left to tell.
    response.on('error', unheard)
    request.on('error', unheard)
  }

  valuesOf(name: string): readonly string[] {
    return valuesIn(this.#request.rawHeaders, name)
  }

  get atAdmin(): boolean {
    return this.#options.atAdmin
  }

  get address(): string | undefined {
    const { proxies } = this.#options
    const { remoteAddress } = this.#request.socket
    if (proxies.length === 0) return remoteAddress
    return clientAddress(remoteAddress, this.valuesOf('x-forwarded-for'), proxies)
  }

  get signal(): AbortSignal {
    return (this.#ending ??= new AbortController()).signal
  }

  /** Whether its answer has begun. */
  get hasHead(): boolean {
    return this.#response.headersSent
  }

  /** To be called when its connection has closed before it was answered. */
  closed(): void {
    if (!this.#response.writableFinished) this.cut(clientGone())
  }

  /** Nobody waits for its answer, or nobody is to make one any more. */
  cut(reason: GatewayError): void {
    const ending = (this.#ending ??= new AbortController())
    ending.abort(reason)
  }

  /** Cuts the connection, without a word that could be taken for the end of an answer. */
  destroy(): void {
    this.#response.destroy()
  }

  readBody(maxBytes: number): Promise<Uint8Array> {
    const { headers } = this
    if (!this.#hasBody) return Promise.resolve(NO_BYTES)
    if (Number(headers['content-length'] ?? 0) > maxBytes) return Promise.reject(tooLarge(maxBytes))
    if (headers['expect'] !== undefined) this.#response.writeContinue()
    return readWhole(this.#request, maxBytes, this.#reading())
  }

  /** Undefined where a whole answer is on its way at once. */
  answer(outbound: Outbound): Promise<void> | undefined {
    const { after, patience } = this.#options
    const writer = new AnswerWriter(this.#response, {
      after,
      patience,
      stalled: () => this.#stalled(),
    })
    const { status, body } = outbound
    const isRefused = this.#hasBody && !this.#request.complete && !this.#request.destroyed
    const length = typeof body === 'string' ? Buffer.byteLength(body) : undefined
    this.#response.writeHead(status, this.#head(outbound, { length, isRefused }))
    if (typeof body === 'string' && length !== undefined && length <= writer.slice && !isRefused) {
      return writer.end(body)
    }
    return this.#inPieces(outbound, { writer, isRefused })
  }

  async #inPieces(
    { body, trailers }: Outbound,
    { writer, isRefused }: { readonly writer: AnswerWriter; readonly isRefused: boolean },
  ): Promise<void> {
    if (typeof body === 'string') await writer.write(body)
    else await this.#pieces(body, writer)
    if (trailers !== undefined) this.#response.addTrailers(trailers())
    if (isRefused) await discardRest(this.#request, this.#reading())
    await writer.end()
    if (isRefused && !this.#request.complete) this.#request.destroy()
  }

  async #pieces(body: Exclude<Outbound['body'], string>, writer: AnswerWriter): Promise<void> {
    let hasBegun = false
    // The head goes with the first piece, but it does not wait for one.
    afterTurn(() => {
      if (!hasBegun) this.#response.flushHeaders()
    })
    try {
      // Leaving the loop cancels whoever makes the pieces; so it is entered even when the client has gone already.
      for await (const piece of body) {
        hasBegun = true
        if (writer.isGone) break
        const room = writer.write(piece)
        if (room !== undefined) await room
      }
    } finally {
      hasBegun = true
    }
  }

  /** Names and values in turn, as Node takes them with the least ado. */
  #head({ status, headers }: Outbound, { length, isRefused }: Framed): string[] {
    const head: string[] = []
    for (const name in headers) head.push(name, headers[name] ?? '')
    if (length !== undefined && status !== 204) head.push('content-length', String(length))
    const isLast = this.#options.isLast() || (isRefused && this.#hasMuchLeft())
    if (isLast && headers['connection'] === undefined) head.push('connection', 'close')
    return head
  }

  /** A body is announced by its length, or as chunks. */
  get #hasBody(): boolean {
    const length = this.headers['content-length']
    if (length !== undefined) return length !== '0'
    return this.headers['transfer-encoding'] !== undefined
  }

  /** Whether more of a refused body may be coming than is worth reading to keep the connection. */
  #hasMuchLeft(): boolean {
    const { headers } = this
    const announced = Number(headers['content-length'] ?? Infinity)
    return headers['expect'] !== undefined || announced > this.#options.patience.discardBytes
  }

  #reading(): Parameters<typeof readWhole>[2] {
    const { after, patience, slow } = this.#options
    return { after, patience, slow: () => slow('body') }
  }

  #stalled(): void {
    this.#options.slow('answer')
    this.cut(clientStalled())
    // Not a proper end: the client must not take what it has for the whole.
    this.#response.socket?.resetAndDestroy()
  }
}

interface Framed {
  /** Bytes of a whole body. */
  readonly length: number | undefined
  readonly isRefused: boolean
}

function unheard(): void {}

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
