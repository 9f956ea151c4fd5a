// Networks that keys may be used from: `10.0.0.0/8`, `2001:db8::/32`, or one address.
import { type Address, addressOf } from './address.ts'

interface Network extends Address {
  readonly prefix: number
}

/** Undefined for what is no network. */
export function networkOf(text: string): Network | undefined {
  const [address = '', length, more] = text.split('/')
  const found = addressOf(address)
  if (found === undefined || more !== undefined) return undefined
  // Of one that is written as IPv6 and is none, the length counts the bits that were written.
  const written = address.includes(':') ? 128 : 32
  if (length === undefined) return { ...found, prefix: found.bits }
  const prefix = /^\d{1,3}$/.test(length) ? Number(length) - (written - found.bits) : -1
  return prefix >= 0 && prefix <= found.bits ? { ...found, prefix } : undefined
}

/** False for an address that nobody knows. */
export function isWithin(address: string | undefined, networks: readonly string[]): boolean {
  const found = addressOf(address ?? '')
  return (
    found !== undefined &&
    networks.some((text) => {
      const network = networkOf(text)
      return network !== undefined && has(network, found)
    })
  )
}

/** Whether every address of the one network is in the other. */
export function isNetworkCovered(one: string, by: string): boolean {
  const [inner, outer] = [networkOf(one), networkOf(by)]
  if (inner === undefined || outer === undefined) return false
  return inner.prefix >= outer.prefix && has(outer, inner)
}

function has({ bits, value, prefix }: Network, address: Address): boolean {
  const rest = BigInt(bits - prefix)
  return address.bits === bits && address.value >> rest === value >> rest
}
