// The transport over undici: connections that are kept and used again, no redirects, no proxy from the environment.
import { isIP } from 'node:net'
import type { AddressRange } from './address.ts'
import { bareHost } from './base-url.ts'
import { Call } from './call.ts'
import { Connections } from './connections.ts'
import { Deadlines } from './deadlines.ts'
import { type OpenedConnection, timedConnector } from './timed-connector.ts'
import { type Resolver, sharedLookups, systemResolver, vettedConnector } from './connector.ts'
import { type UnpackLimits, decompressed } from './decompressed.ts'
import {
  type Destination,
  type Reach,
  TRANSPORT_HEADERS,
  type Transport,
  type TransportRequest,
  type TransportResponse,
} from './transport.ts'
import { type Vetting, isOwnMachine, ownAddress, vetAddresses } from './vetting.ts'

export interface HttpTransportOptions {
  /** Default: the system's own. */
  readonly resolver?: Resolver
  /** The ports that this process itself listens on: calling them would go round in circles. Asked at each connection. */
  readonly ownPorts?: () => readonly number[]
  /** Addresses that nobody may reach, besides those that never may be. Asked at each connection. */
  readonly never?: () => readonly AddressRange[]
  /** Bytes of an answer's headers. Default 64 KiB. */
  readonly maxHeaderBytes?: number
  /** Of answers that come compressed. */
  readonly unpack?: UnpackLimits
  /** How long an unused connection is kept, in milliseconds. Default 4 s: below what most servers allow. */
  readonly keepAliveMs?: number
  /** Hears of each connection that was to be opened. */
  readonly connected?: (connection: OpenedConnection) => void
}

/** What follows from a URL. */
interface Way {
  readonly path: string
  readonly reach: Reach
  readonly connectMs: number
  readonly connections: Connections
}

const MAX_HEADER_BYTES = 64 * 1024
const KEEP_ALIVE_MS = 4000
/** How long a name may be looked up that is only asked about. */
const VET_MS = 1500

export function createTransport(options: HttpTransportOptions = {}): Transport {
  return new HttpTransport(options)
}

class HttpTransport implements Transport {
  readonly #options: HttpTransportOptions
  readonly #resolver: Resolver
  readonly #places = new Map<string, Connections>()
  /** By the URLs that are asked again and again. */
  #ways = new WeakMap<URL, Way>()
  readonly #deadlines = new Deadlines()

  constructor(options: HttpTransportOptions) {
    this.#options = options
    this.#resolver = sharedLookups(options.resolver ?? systemResolver)
  }

  async send(request: TransportRequest): Promise<TransportResponse> {
    const { method, timeouts, signal, body = null } = request
    const { path, connections } = this.#way(request)
    const headers = { ...request.headers, ...TRANSPORT_HEADERS }
    // Nothing waits behind a call on its connection: undici need not look for that when the head comes.
    const wire = { method, path, headers, body, blocking: false }
    const call = new Call({ timeouts, signal, deadlines: this.#deadlines })
    const response = await call.start((handler) => connections.dispatch(wire, handler))
    return decompressed(response, this.#options.unpack)
  }

  async vet({ url, reach }: Destination): Promise<void> {
    const host = bareHost(url)
    const addresses = isIP(host) === 0 ? await this.#lookedUp(host) : [host]
    vetAddresses(addresses, this.#vetting(url, reach))
    const port = Number(url.port || (url.protocol === 'https:' ? 443 : 80))
    if (this.#ownPorts().includes(port) && addresses.some(isOwnMachine)) throw ownAddress()
  }

  /** None where nobody knows the name, or not soon: it is asked about again at each connection. */
  async #lookedUp(host: string): Promise<readonly string[]> {
    const late = Promise.withResolvers<readonly string[]>()
    const timer = setTimeout(() => late.resolve([]), VET_MS)
    const found = this.#resolver(host).then(
      (addresses) => addresses.map(({ address }) => address),
      () => [],
    )
    try {
      return await Promise.race([found, late.promise])
    } finally {
      clearTimeout(timer)
    }
  }

  #ownPorts(): readonly number[] {
    return this.#options.ownPorts?.() ?? []
  }

  #vetting({ protocol }: URL, reach: Destination['reach']): Vetting {
    const { never = nothing } = this.#options
    return {
      reach,
      protocol,
      get never() {
        return never()
      },
    }
  }

  async close(): Promise<void> {
    const places = [...this.#places.values()]
    this.#places.clear()
    this.#ways = new WeakMap()
    this.#deadlines.close()
    await Promise.all(places.map((place) => place.destroy()))
  }

  #way({ url, reach, timeouts: { connectMs } }: TransportRequest): Way {
    const known = this.#ways.get(url)
    if (known?.reach === reach && known.connectMs === connectMs) return known
    const connections = this.#connections({ url, reach }, connectMs)
    const way = { path: `${url.pathname}${url.search}`, reach, connectMs, connections }
    this.#ways.set(url, way)
    return way
  }

  #connections({ url, reach }: Destination, connectMs: number): Connections {
    const key = `${url.origin} ${reach} ${connectMs}`
    const known = this.#places.get(key)
    if (known !== undefined) return known
    const { connected } = this.#options
    const resolver = this.#resolver
    const ownPorts = (): readonly number[] => this.#ownPorts()
    const vetting = this.#vetting(url, reach)
    const connections = new Connections(url.origin, {
      connect: timedConnector(
        vettedConnector({ vetting, connectMs, resolver, ownPorts }),
        connected,
      ),
      allowH2: false,
      maxHeaderSize: this.#options.maxHeaderBytes ?? MAX_HEADER_BYTES,
      keepAliveTimeout: this.#options.keepAliveMs ?? KEEP_ALIVE_MS,
      // The call has a clock of its own for each phase.
      headersTimeout: 0,
      bodyTimeout: 0,
    })
    this.#places.set(key, connections)
    return connections
  }
}

function nothing(): readonly AddressRange[] {
  return []
}
