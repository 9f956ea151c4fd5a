// Networks that keys may be used from: `10.0.0.0/8`, `2001:db8::/32`, or one address.
import { BlockList, isIPv4, isIPv6 } from 'node:net'

interface Network {
  readonly address: string
  readonly family: 'ipv4' | 'ipv6'
  readonly prefix: number
}

/** Undefined for what is no network. */
export function networkOf(text: string): Network | undefined {
  const [address = '', length, more] = text.split('/')
  const family = familyOf(address)
  if (family === undefined || more !== undefined) return undefined
  const longest = family === 'ipv4' ? 32 : 128
  if (length === undefined) return { address, family, prefix: longest }
  const prefix = /^\d{1,3}$/.test(length) ? Number(length) : Infinity
  return prefix <= longest ? { address, family, prefix } : undefined
}

/** False for an address that nobody knows. */
export function isWithin(address: string | undefined, networks: readonly string[]): boolean {
  const plain = unmapped(address ?? '')
  const family = familyOf(plain)
  if (family === undefined) return false
  return networks.some((text) => {
    const network = networkOf(text)
    return network?.family === family && listOf(network).check(plain, family)
  })
}

/** Whether every address of the one network is in the other. */
export function isNetworkCovered(one: string, by: string): boolean {
  const [inner, outer] = [networkOf(one), networkOf(by)]
  if (inner === undefined || outer === undefined || inner.family !== outer.family) return false
  return inner.prefix >= outer.prefix && listOf(outer).check(inner.address, inner.family)
}

function listOf({ address, prefix, family }: Network): BlockList {
  const list = new BlockList()
  list.addSubnet(address, prefix, family)
  return list
}

function familyOf(address: string): Network['family'] | undefined {
  if (isIPv4(address)) return 'ipv4'
  return isIPv6(address) && !address.includes('%') ? 'ipv6' : undefined
}

/** A socket that listens on both families sees IPv4 addresses as `::ffff:10.0.0.1`. */
function unmapped(address: string): string {
  const [, plain = address] = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address) ?? []
  return plain
}
