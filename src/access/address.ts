// IP addresses as numbers. An IPv4 address that is written as one of IPv6 (`::ffff:10.0.0.1`) is the IPv4 address.

export interface Address {
  readonly bits: 32 | 128
  readonly value: bigint
}

/** Undefined for what is no address; zones (`%eth0`) are none. */
export function addressOf(text: string): Address | undefined {
  if (!text.includes(':')) {
    const value = ipv4(text)
    return value === undefined ? undefined : { bits: 32, value }
  }
  const value = ipv6(text)
  if (value === undefined) return undefined
  return value >> 32n === MAPPED ? { bits: 32, value: value & 0xffff_ffffn } : { bits: 128, value }
}

/** `::ffff:0:0/96` without the address in it. */
const MAPPED = 0xffffn

function ipv4(text: string): bigint | undefined {
  const parts = text.split('.')
  const isWhole =
    parts.length === 4 && parts.every((part) => /^(?:0|[1-9]\d{0,2})$/.test(part) && +part < 256)
  return isWhole ? parts.reduce((sum, part) => sum * 256n + BigInt(part), 0n) : undefined
}

function ipv6(text: string): bigint | undefined {
  const plain = withoutDots(text)
  const [head = '', tail, more] = plain?.split('::') ?? []
  if (plain === undefined || more !== undefined) return undefined
  const [before, after] = [groupsOf(head), groupsOf(tail ?? '')]
  const missing = 8 - before.length - after.length
  if (tail === undefined ? missing !== 0 : missing < 1) return undefined
  const groups = [...before, ...Array.from({ length: missing }, () => '0'), ...after]
  if (!groups.every((group) => /^[0-9a-f]{1,4}$/i.test(group))) return undefined
  return groups.reduce((sum, group) => sum * 65_536n + BigInt(`0x${group}`), 0n)
}

function groupsOf(text: string): readonly string[] {
  return text === '' ? [] : text.split(':')
}

/** The last 32 bits may be written as an IPv4 address. */
function withoutDots(text: string): string | undefined {
  if (!text.includes('.')) return text
  const at = text.lastIndexOf(':') + 1
  const value = ipv4(text.slice(at))
  if (value === undefined) return undefined
  return `${text.slice(0, at)}${(value >> 16n).toString(16)}:${(value & 0xffffn).toString(16)}`
}
