// Opens sockets for the pools: looks the host up, vets every address, dials only those, all within the connect timeout.
/// <reference path="./undici-parts.d.ts" />
import { type LookupOptions, lookup as lookupHost } from 'node:dns'
import { type LookupFunction, Socket, isIP } from 'node:net'
import { callbackify } from 'node:util'
import type { buildConnector } from 'undici'
import openConnector from 'undici/lib/core/connect.js'
import { isLoopbackAddress, isSameAddress } from './address.ts'
import { timeoutError } from './failure.ts'
import { watchSocket } from './socket-state.ts'
import { type Vetting, addressForbidden, ownAddress, vetAddresses } from './vetting.ts'

interface ResolvedAddress {
  readonly address: string
  readonly family: number
}

/** All addresses of a host name. */
export type Resolver = (host: string) => Promise<readonly ResolvedAddress[]>

export const systemResolver: Resolver = (host) =>
  new Promise((resolve, reject) => {
    lookupHost(host, { all: true, verbatim: true }, (error, addresses) => {
      if (error === null) resolve(addresses)
      else reject(error)
    })
  })

/** Whoever asks for a host that is being looked up already gets the same answer: a name server that hangs holds up one thread, not all. */
export function sharedLookups(resolver: Resolver): Resolver {
  const running = new Map<string, Promise<readonly ResolvedAddress[]>>()
  return (host) => {
    const known = running.get(host)
    if (known !== undefined) return known
    const addresses = resolver(host).finally(() => running.delete(host))
    running.set(host, addresses)
    return addresses
  }
}

export interface ConnectorOptions {
  readonly vetting: Vetting
  readonly connectMs: number
  readonly resolver: Resolver
  /** The ports that this process itself listens on. */
  readonly ownPorts: () => readonly number[]
}

/** A connect function for one pool. Every new connection is vetted again: pools outlive DNS answers. */
export function vettedConnector(options: ConnectorOptions): buildConnector.connector {
  const lookups = new Lookups()
  const dial = openConnector({
    allowH2: false,
    timeout: 0,
    autoSelectFamily: true,
    lookup: vettedLookup(options, lookups),
  })
  return (target, callback) => {
    const looking = new Lookup()
    let settled = false
    const settle = (error: Error | null, socket: Socket | null): void => {
      if (settled) {
        socket?.destroy()
        return
      }
      settled = true
      clearTimeout(timer)
      if (socket !== null) callback(null, socket)
      else
        callback(
          error ?? timeoutError(looking.isOpen ? 'look-up' : 'connect', options.connectMs),
          null,
        )
    }
    let dialled: unknown
    const timer = setTimeout(() => {
      settle(null, null)
      // Whoever still looks a name up or knocks would do so until the system gives up.
      if (dialled instanceof Socket) dialled.destroy()
    }, options.connectMs)
    const host = target.hostname.replace(/^\[|\]$/g, '')
    try {
      // A literal address is dialled without a look-up.
      if (isIP(host) !== 0) looking.vet([host], options.vetting)
    } catch (thrown) {
      settle(asError(thrown), null)
      return
    }
    dialled = lookups.during(looking, (): unknown =>
      dial(target, (error, socket) => {
        // On an error undici gives no second argument, whatever its types say.
        if (error !== null) {
          settle(error, null)
          return
        }
        try {
          looking.assertVetted(socket.remoteAddress ?? '')
          assertNotOwn(socket, options)
          watchSocket(socket)
          settle(null, socket)
        } catch (thrown) {
          socket.destroy()
          settle(asError(thrown), null)
        }
      }),
    )
  }
}

// With autoSelectFamily the socket asks for all addresses at once and tries them in turn.
function vettedLookup(options: ConnectorOptions, lookups: Lookups): LookupFunction {
  return callbackify(async (host: string, _wanted: LookupOptions) => {
    const { lookup, found } = await lookups.watched(async () => options.resolver(host))
    lookup.vet(
      found.map(({ address }) => address),
      options.vetting,
    )
    return [...found]
  })
}

/** One dial's look-up of its host. */
class Lookup {
  isOpen = false
  #vetted: readonly string[] = []

  vet(addresses: readonly string[], vetting: Vetting): void {
    vetAddresses(addresses, vetting)
    this.#vetted = addresses
  }

  /** Whoever is at the other end is at an address that was asked about. */
  assertVetted(address: string): void {
    if (this.#vetted.some((one) => isSameAddress(one, address))) return
    throw addressForbidden('The address is refused: it is not the one that was asked about.')
  }
}

/** Node asks for the look-up of a host within the call that dials it: so it is known whose it is. */
class Lookups {
  #current: Lookup | undefined

  during<T>(lookup: Lookup, dial: () => T): T {
    this.#current = lookup
    const dialled = dial()
    this.#current = undefined
    return dialled
  }

  async watched<T>(
    work: () => Promise<T>,
  ): Promise<{ readonly lookup: Lookup; readonly found: T }> {
    const lookup = this.#current ?? new Lookup()
    lookup.isOpen = true
    try {
      return { lookup, found: await work() }
    } finally {
      lookup.isOpen = false
    }
  }
}

/** Before a byte is sent. Both ends have the same address exactly when they are on the same machine. */
function assertNotOwn(socket: Socket, options: ConnectorOptions): void {
  const { remoteAddress = '', localAddress = '', remotePort = 0 } = socket
  if (!options.ownPorts().includes(remotePort)) return
  if (remoteAddress !== localAddress && !isLoopbackAddress(remoteAddress)) return
  throw ownAddress()
}

function asError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error('look-up failed', { cause: thrown })
}
