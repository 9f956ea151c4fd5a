// One protocol of a host and the way to it: calls go out with its key, refusals come back as errors with its name and without its secrets.
import { compact } from '../canonical/compact.ts'
import type { Breakage } from '../canonical/breakage.ts'
import { GatewayError } from '../canonical/errors.ts'
import type { Json } from '../canonical/json.ts'
import { readBody } from '../transport/read-body.ts'
import {
  TRANSPORT_HEADERS,
  type Timeouts,
  type Transport,
  type TransportResponse,
} from '../transport/transport.ts'
import { upstreamUrl } from '../transport/upstream-url.ts'
import { WireError } from '../wire/errors.ts'
import { MASK, redactText } from '../vault/redact.ts'
import { redactedBytes } from '../vault/redacted-bytes.ts'
import { isObject, tryParseJson } from '../wire/json.ts'
import type { WireHeaders, WireRequest, WireResponse } from '../wire/message.ts'
import type { AuthStyle } from './auth-style.ts'
import type { Dialect } from '../dialects/dialect.ts'
import type { OutgoingCall } from './call-plan.ts'
import type { CallTable } from './call-table.ts'
import { type Connection, authHeader } from './connection.ts'
import type { Credentials } from './credentials.ts'
import {
  type Blame,
  answeredError,
  failedCall,
  streamBreakage,
  tellsOfError,
} from './upstream-error.ts'

/** Of an answer that is read whole. */
const MAX_BODY_BYTES = 64 * 1024 * 1024

export interface UpstreamOptions {
  /** The provider's name. */
  readonly name: string
  readonly dialect: Dialect
  readonly auth: AuthStyle
  /** Of this protocol. */
  readonly baseUrl: URL
  /** What may be asked. */
  readonly assertCall: CallTable
  readonly connection: Connection
  readonly keys: Credentials
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
  readonly text?: string
  /** The label of the key it goes out with. Default: the first. */
  readonly credential?: string
}

export interface UpstreamCall extends UpstreamText {
  readonly timeouts: Timeouts
  readonly signal: AbortSignal
}

interface Outgoing {
  readonly method: string
  readonly url: URL
  readonly own: Readonly<Record<string, string>>
  readonly added: Readonly<Record<string, string>>
  readonly body: string | undefined
}

/** A whole JSON answer, with the text it came in. */
export interface UpstreamMessage {
  readonly wire: WireResponse & { readonly body: Json }
  readonly text: string
}

export class Upstream {
  readonly #options: UpstreamOptions

  constructor(options: UpstreamOptions) {
    this.#options = options
  }

  /** The answer's head; anything but success is thrown. */
  async send(call: UpstreamCall): Promise<TransportResponse> {
    const { timeouts, signal } = call
    const { connection, transport, heard, keys } = this.#options
    const reach = connection.reach()
    const { method, url, own, added, body } = this.#outgoing(call)
    const headers = { ...own, ...added }
    const answer = await transport
      .send({ method, url, headers, ...compact({ body }), reach, timeouts, signal })
      .catch((thrown: unknown) => {
        throw this.failed(thrown)
      })
    const sent = withoutSecrets(answer, keys.secrets)
    heard(sent.headers)
    if (sent.status >= 200 && sent.status <= 299) return sent
    if (sent.status >= 300 && sent.status <= 399) throw this.#redirected(sent)
    const text = await this.#text(sent)
    const { status } = sent
    throw this.#refusal(compact({ status, headers: sent.headers, ...bodyOf(text) }))
  }

  /** What `send` would send, as it can be shown. */
  shown(message: UpstreamText): OutgoingCall {
    const { dialect, baseUrl } = this.#options
    const { method, url, own, added, body } = this.#outgoing(message)
    const operatorHeaders = Object.keys(added)
    const masked = Object.fromEntries(operatorHeaders.map((name) => [name, MASK]))
    const below = upstreamUrl(baseUrl, message.wire.path, message.wire.query)
    const root = baseUrl.pathname.replace(/\/+$/, '')
    return compact({
      kind: 'http' as const,
      dialect: dialect.id,
      method,
      url: redactText(url.href, this.#blame().secrets),
      path: below.pathname.slice(root.length) + below.search,
      headers: { ...own, ...TRANSPORT_HEADERS, ...masked },
      operatorHeaders,
      body,
    })
  }

  /** A whole answer; one that is not JSON, or tells of a failure under a success status, is thrown. */
  async message(response: TransportResponse): Promise<UpstreamMessage> {
    const { status, headers } = response
    const text = await this.#text(response)
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
  #redirected(response: TransportResponse): GatewayError {
    response.release()
    const { status } = response
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

  /** The request, with the headers apart that the operator adds: the key's, and what the configuration says. */
  #outgoing({ wire, text, credential }: UpstreamText): Outgoing {
    const { baseUrl, auth, connection, keys, assertCall } = this.#options
    const { headers, query } = connection
    assertCall(wire.method, wire.path)
    const apiKey = keys.key(credential)
    const body = text ?? (wire.body === undefined ? undefined : JSON.stringify(wire.body))
    return {
      method: wire.method,
      url: upstreamUrl(baseUrl, wire.path, { ...wire.query, ...query }),
      own: {
        accept: 'application/json, text/event-stream',
        'user-agent': 'patchbay',
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...wire.headers,
      },
      added: { ...headers, ...(apiKey === undefined ? {} : authHeader(apiKey, auth)) },
      body,
    }
  }

  #refusal(wire: WireResponse): GatewayError {
    // A success status would decide the kind wrongly where the body does not.
    const isTold = wire.status < 300
    const shown = isTold ? { ...wire, status: statusIn(wire.body) } : wire
    const breakage = isTold ? ({ cause: 'error_in_200', sent: 'all' } as const) : undefined
    return this.#answered(this.#options.dialect.error.decode(shown), compact({ ...wire, breakage }))
  }

  async #text(response: TransportResponse): Promise<string> {
    try {
      return await readBody(response.body, MAX_BODY_BYTES)
    } catch (thrown) {
      throw this.failed(thrown)
    }
  }

  #blame(): Blame {
    const { connection, keys, name } = this.#options
    return { provider: name, secrets: [...keys.secrets, ...Object.values(connection.headers)] }
  }
}

/** A host may tell back the key that it was asked with: in an error, in an answer, in bytes that pass as they are. */
function withoutSecrets(
  response: TransportResponse,
  secrets: readonly string[],
): TransportResponse {
  const { status, headers, body } = response
  const told = Object.entries(headers).map(([name, value]) => [name, redactText(value, secrets)])
  return {
    status,
    headers: Object.fromEntries(told),
    body: redactedBytes(body, secrets),
    cancel: () => response.cancel(),
    release: () => response.release(),
  }
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
