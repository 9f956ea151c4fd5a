// Where a client is: at the other end of the socket, or behind a proxy that the operator has declared.
import {
  type AddressRange,
  addressBytes,
  isLoopbackAddress,
  isWithin,
} from '../transport/address.ts'

/** Longer chains are nobody's. */
const LONGEST_CHAIN = 32

/**
 * The address that the last declared proxy speaks of; the socket's own where no such proxy is there. What others write into
 * `x-forwarded-for` counts for nothing: it is read from its end, as far as the proxies are declared.
 */
export function clientAddress(
  socket: string | undefined,
  forwardedFor: readonly string[],
  proxies: readonly AddressRange[],
): string | undefined {
  if (socket === undefined || !isDeclared(socket, proxies)) return socket
  const chain = forwardedFor
    .join(',')
    .split(',')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '')
    .slice(-LONGEST_CHAIN)
  let nearest = socket
  for (const entry of chain.toReversed()) {
    // What is no address tells of nobody: the client is whoever sent it.
    if (addressBytes(entry) === undefined) return nearest
    nearest = entry
    if (!isDeclared(entry, proxies)) return nearest
  }
  return nearest
}

/** Whether somebody is on this machine, or a declared proxy: they need no TLS, and may have as many connections as there are. */
export function isNear(socket: string | undefined, proxies: readonly AddressRange[]): boolean {
  if (socket === undefined) return false
  return isLoopbackAddress(socket) || isDeclared(socket, proxies)
}

function isDeclared(address: string, proxies: readonly AddressRange[]): boolean {
  return proxies.some((range) => isWithin(range, address))
}
