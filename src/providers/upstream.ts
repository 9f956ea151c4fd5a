// One protocol of a host and the way to it: calls go out with its key, refusals come back as errors with its name and without its secrets.
import { compact } from '../canonical/compact.ts'
import type { Breakage } from '../canonical/breakage.ts'
import { GatewayError } from '../canonical/errors.ts'
import type { Json } from '../canonical/json.ts'
import {
  TRANSPORT_HEADERS,
  type Timeouts,
  type Transport,
  type TransportResponse,
} from '../transport/transport.ts'
import { upstreamUrl } from '../transport/upstream-url.ts'
import { WireError } from '../wire/errors.ts'
import { MASK, redactText } from '../vault/redact.ts'
import { isObject, tryParseJson } from '../wire/json.ts'
import type { WireHeaders, WireRequest, WireResponse } from '../wire/message.ts'
import type { Dialect } from '../dialects/dialect.ts'
import type { OutgoingCall } from './call-plan.ts'
import type { Connection } from './connection.ts'
import { Outgoing, type OutgoingOptions } from './outgoing.ts'
import { UpstreamAnswer } from './upstream-answer.ts'
import {
  type Blame,
  answeredError,
  failedCall,
  streamBreakage,
  tellsOfError,
} from './upstream-error.ts'

/** Of an answer that is read whole. */
const MAX_BODY_BYTES = 64 * 1024 * 1024

export interface UpstreamOptions extends OutgoingOptions {
  /** The provider's name. */
  readonly name: string
  readonly dialect: Dialect
  readonly connection: Connection
  readonly transport: Transport
  /** Milliseconds since 1970. */
  readonly clock: () => number
  /** Hears the headers of every answer, good or bad. */
  readonly heard: (headers: WireHeaders) => void
}

/** A request of the dialect's. */
interface UpstreamText {
  readonly wire: WireRequest
  /** The body's text where it is not what `wire.body` would be printed as. */
  readonly text?: string | undefined
  /** The label of the key it goes out with. Default: the first. */
  readonly credential?: string | undefined
}

export interface UpstreamCall extends UpstreamText {
  readonly timeouts: Timeouts
  readonly signal: AbortSignal
}

/** A whole JSON answer, with the text it came in. */
export interface UpstreamMessage {
  readonly wire: WireResponse & { readonly body: Json }
  readonly text: string
}

export class Upstream {
  readonly #options: UpstreamOptions
  readonly #outgoing: Outgoing

  constructor(options: UpstreamOptions) {
    this.#options = options
    this.#outgoing = new Outgoing(options)
  }

  /** The answer's head; anything but success is thrown. */
  async send(call: UpstreamCall): Promise<UpstreamAnswer> {
    const { wire, timeouts, signal } = call
    const { connection, transport, heard, keys } = this.#options
    const reach = connection.reach()
    const url = this.#outgoing.url(wire)
    const body = textOf(call)
    const headers = { ...this.#outgoing.own(wire, body), ...this.#outgoing.added(call.credential) }
    const { method } = wire
    let response: TransportResponse
    try {
      response = await transport.send({ method, url, headers, body, reach, timeouts, signal })
    } catch (thrown) {
      throw this.failed(thrown)
    }
    const answer = new UpstreamAnswer(response, keys.redaction)
    heard(answer.headers)
    const { status } = answer
    if (status >= 200 && status <= 299) return answer
    if (status >= 300 && status <= 399) throw this.#redirected(answer)
    const text = await this.#text(answer)
    throw this.#refusal({ status, headers: answer.headers, ...bodyOf(text) })
  }

  /** What `send` would send, as it can be shown. */
  shown(message: UpstreamText): OutgoingCall {
    const { dialect, baseUrl } = this.#options
    const { wire } = message
    const url = this.#outgoing.url(wire)
    const body = textOf(message)
    const added = this.#outgoing.added(message.credential)
    const operatorHeaders = Object.keys(added)
    const masked = Object.fromEntries(operatorHeaders.map((name) => [name, MASK]))
    const below = upstreamUrl(baseUrl, wire.path, wire.query)
    const root = baseUrl.pathname.replace(/\/+$/, '')
    return compact({
      kind: 'http' as const,
      dialect: dialect.id,
      method: wire.method,
      url: redactText(url.href, this.#blame().secrets),
      path: below.pathname.slice(root.length) + below.search,
      headers: { ...this.#outgoing.own(wire, body), ...TRANSPORT_HEADERS, ...masked },
      operatorHeaders,
      body,
    })
  }

  /** A whole answer; one that is not JSON, or tells of a failure under a success status, is thrown. */
  async message(answer: UpstreamAnswer): Promise<UpstreamMessage> {
    const { status, headers } = answer
    const text = await this.#text(answer)
    const body = tryParseJson(text)
    if (body === undefined) throw this.failed(new WireError('not_json', 'it is not JSON'))
    if (tellsOfError(body)) throw this.#refusal({ status, headers, body })
    return { wire: { status, headers, body }, text }
  }

  /** A failure on the way, as it can be shown. */
  failed(thrown: unknown): GatewayError {
    return failedCall(thrown, this.#blame())
  }

  /** A failure that the provider told of, as it can be shown. */
  told(error: GatewayError, wire: Pick<WireResponse, 'status' | 'headers'>): GatewayError {
    return this.#answered(error, { ...wire, breakage: streamBreakage(error) })
  }

  #answered(
    error: GatewayError,
    wire: WireResponse & { readonly breakage?: Breakage },
  ): GatewayError {
    return answeredError(error, wire, { ...this.#blame(), nowMs: this.#options.clock() })
  }

  /** Whoever answers for another host might send our key there. Where to is not told: it may be a place within. */
  #redirected(answer: UpstreamAnswer): GatewayError {
    answer.release()
    const { status } = answer
    const message = `The answer points to another address (status ${status}), which is not followed. Give the final address as the base URL.`
    return this.failed(
      new GatewayError('upstream', message, {
        origin: 'upstream',
        code: 'upstream_redirect_refused',
        upstream: { status },
        breakage: { cause: 'redirect', sent: 'all' },
      }),
    )
  }

  #refusal(wire: WireResponse): GatewayError {
    // A success status would decide the kind wrongly where the body does not.
    const isTold = wire.status < 300
    const shown = isTold ? { ...wire, status: statusIn(wire.body) } : wire
    const breakage = isTold ? ({ cause: 'error_in_200', sent: 'all' } as const) : undefined
    return this.#answered(this.#options.dialect.error.decode(shown), compact({ ...wire, breakage }))
  }

  async #text(answer: UpstreamAnswer): Promise<string> {
    try {
      return await answer.text(MAX_BODY_BYTES)
    } catch (thrown) {
      throw this.failed(thrown)
    }
  }

  #blame(): Blame {
    const { connection, keys, name } = this.#options
    return { provider: name, secrets: [...keys.secrets, ...Object.values(connection.headers)] }
  }
}

function textOf({ wire, text }: UpstreamText): string | undefined {
  return text ?? (wire.body === undefined ? undefined : JSON.stringify(wire.body))
}

function bodyOf(text: string): Pick<WireResponse, 'body' | 'text'> {
  const body = tryParseJson(text)
  return body === undefined ? { text } : { body }
}

/** The status that a failure under a success status gives itself, in the way of OpenRouter and Google. */
function statusIn(body: Json | undefined): number {
  const error = isObject(body) ? body['error'] : undefined
  const code = isObject(error) ? error['code'] : undefined
  return typeof code === 'number' && code >= 400 && code <= 599 ? code : 502
}
