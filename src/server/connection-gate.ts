// Which connections are taken at all: so many, and so many of one address.
import type { AddressRange } from '../transport/address.ts'
import { isNear } from './client-address.ts'

export interface ConnectionGate {
  /** Declared proxies, which speak for many clients. */
  readonly proxies: readonly AddressRange[]
  readonly maxConnections: number
  readonly maxPerAddress: number
}

/** A socket as it is taken. */
interface Taken {
  readonly remoteAddress?: string | undefined
  destroy(): unknown
  once(event: 'close', run: () => void): unknown
}

interface Taking {
  maxConnections: number
  on(event: 'connection', run: (socket: Taken) => void): unknown
}

export function gateConnections(server: Taking, gate: ConnectionGate): void {
  const open = new Map<string, number>()
  server.maxConnections = gate.maxConnections
  server.on('connection', (socket) => {
    const address = socket.remoteAddress ?? ''
    if (isNear(address, gate.proxies)) return
    const count = (open.get(address) ?? 0) + 1
    if (count > gate.maxPerAddress) {
      socket.destroy()
      return
    }
    open.set(address, count)
    socket.once('close', () => {
      const left = (open.get(address) ?? 1) - 1
      if (left === 0) open.delete(address)
      else open.set(address, left)
    })
  })
}
