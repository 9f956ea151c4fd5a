// Where the calls of one protocol of a host go, and under which headers: what no call changes is worked out once.
import { upstreamUrl } from '../transport/upstream-url.ts'
import type { WireRequest } from '../wire/message.ts'
import type { AuthStyle } from './auth-style.ts'
import type { CallTable } from './call-table.ts'
import { type Connection, authHeader } from './connection.ts'
import type { Credentials } from './credentials.ts'

export interface OutgoingOptions {
  readonly auth: AuthStyle
  /** Of this protocol. */
  readonly baseUrl: URL
  /** What may be asked. */
  readonly assertCall: CallTable
  readonly connection: Pick<Connection, 'headers' | 'query'>
  readonly keys: Credentials
}

type Headers = Readonly<Record<string, string>>

const OWN: Headers = { accept: 'application/json, text/event-stream', 'user-agent': 'patchbay' }
const OWN_OF_BODY: Headers = { ...OWN, 'content-type': 'application/json' }

/** Addresses that are remembered: some protocols name the model in theirs, and clients name models. */
const URLS = 256

export class Outgoing {
  readonly #options: OutgoingOptions
  /** Of calls that may be made. */
  readonly #urls = new Map<string, URL>()

  constructor(options: OutgoingOptions) {
    this.#options = options
  }

  /** Throws GatewayError permission where the host is not asked that. */
  url({ method, path, query }: WireRequest): URL {
    // A path has no space in it: the usual call is found by its path as it stands.
    const isUsual = method === 'POST' && query === undefined
    const key = isUsual ? path : `${method} ${path} ${JSON.stringify(query)}`
    const known = this.#urls.get(key)
    if (known !== undefined) return known
    const { assertCall, baseUrl, connection } = this.#options
    assertCall(method, path)
    const url = upstreamUrl(baseUrl, path, { ...query, ...connection.query })
    if (this.#urls.size >= URLS) this.#urls.clear()
    this.#urls.set(key, url)
    return url
  }

  /** What the gateway and the protocol say. */
  own({ headers }: WireRequest, body: string | undefined): Headers {
    const own = body === undefined ? OWN : OWN_OF_BODY
    return Object.keys(headers).length === 0 ? own : { ...own, ...headers }
  }

  /** What the operator adds: the configuration's headers, and the key as it is now. */
  added(credential: string | undefined): Headers {
    const { auth, connection, keys } = this.#options
    const key = keys.key(credential)
    return key === undefined
      ? connection.headers
      : { ...connection.headers, ...authHeader(key, auth) }
  }
}
