// IP addresses as bytes, and what kind of place each one is.
import { isIP } from 'node:net'

/** `never` is refused whoever asks: cloud metadata services. `reserved` leads nowhere a provider could be. */
export type AddressKind = 'public' | 'private' | 'reserved' | 'never'

/** Addresses that begin with the same bits. */
export interface AddressRange {
  readonly bytes: readonly number[]
  readonly bits: number
}

interface Range extends AddressRange {
  readonly kind: AddressKind
}

// First match wins. Sources: IANA special-purpose registries; metadata addresses of AWS, Google, Azure and Alibaba.
const V4: readonly Range[] = [
  v4('169.254.0.0', 16, 'never'),
  v4('100.100.100.200', 32, 'never'),
  v4('168.63.129.16', 32, 'never'),
  v4('127.0.0.0', 8, 'private'),
  v4('10.0.0.0', 8, 'private'),
  v4('172.16.0.0', 12, 'private'),
  v4('192.168.0.0', 16, 'private'),
  v4('100.64.0.0', 10, 'private'),
  v4('0.0.0.0', 8, 'reserved'),
  v4('192.0.0.0', 24, 'reserved'),
  v4('192.0.2.0', 24, 'reserved'),
  v4('192.88.99.0', 24, 'reserved'),
  v4('198.18.0.0', 15, 'reserved'),
  v4('198.51.100.0', 24, 'reserved'),
  v4('203.0.113.0', 24, 'reserved'),
  v4('224.0.0.0', 3, 'reserved'),
]

const V6: readonly Range[] = [
  v6('fd00:ec2::254', 128, 'never'),
  v6('::1', 128, 'private'),
  v6('fc00::', 7, 'private'),
  v6('2001:db8::', 32, 'reserved'),
  v6('2001::', 23, 'reserved'),
  v6('3fff::', 20, 'reserved'),
  v6('2000::', 3, 'public'),
]

interface Tunnel {
  readonly prefix: AddressRange
  /** Where the bytes of the IPv4 address may stand. */
  readonly places: readonly (readonly [number, number, number, number])[]
  /** Whether the wire inverts them. */
  readonly mask: number
  /** What it is at best, whatever it carries. */
  readonly floor?: AddressKind
}

const LAST = [12, 13, 14, 15] as const

/** Prefixes that carry an IPv4 address. */
const TUNNELS: readonly Tunnel[] = [
  { prefix: v6('::ffff:0:0', 96, 'reserved'), places: [LAST], mask: 0 },
  { prefix: v6('64:ff9b::', 96, 'reserved'), places: [LAST], mask: 0 },
  // For translators of one's own network (RFC 8215): the length of the prefix, and so the place, is theirs to choose (RFC 6052 §2.2).
  {
    prefix: v6('64:ff9b:1::', 48, 'reserved'),
    places: [LAST, [6, 7, 9, 10], [7, 9, 10, 11], [9, 10, 11, 12]],
    mask: 0,
    floor: 'private',
  },
  { prefix: v6('2002::', 16, 'reserved'), places: [[2, 3, 4, 5]], mask: 0 },
  { prefix: v6('2001::', 32, 'reserved'), places: [LAST], mask: 0xff },
  { prefix: v6('::', 96, 'reserved'), places: [LAST], mask: 0 },
]

/** From the best to the worst. */
const KINDS: readonly AddressKind[] = ['public', 'private', 'reserved', 'never']

const MAPPED = v6('::ffff:0:0', 96, 'reserved')
const LOOPBACK = v6('::1', 128, 'private')

/** The kind of an address in text form; what is not an address is reserved. */
export function addressKind(text: string): AddressKind {
  const bytes = addressBytes(text)
  if (bytes === undefined) return 'reserved'
  if (bytes.length === 4) return kindIn(V4, bytes) ?? 'public'
  const own = kindIn(V6.slice(0, 2), bytes)
  if (own !== undefined) return own
  const tunnel = TUNNELS.find(({ prefix }) => matches(prefix, bytes))
  if (tunnel === undefined) return kindIn(V6, bytes) ?? 'reserved'
  const kinds = carried(tunnel, bytes).map((inner) => kindIn(V4, inner) ?? 'public')
  return worst([...kinds, tunnel.floor ?? 'public'])
}

function carried({ places, mask }: Tunnel, bytes: readonly number[]): readonly number[][] {
  return places.map((place) => place.map((at) => (bytes[at] ?? 0) ^ mask))
}

function worst(kinds: readonly AddressKind[]): AddressKind {
  return KINDS.findLast((kind) => kinds.includes(kind)) ?? 'reserved'
}

/** A range written as `10.0.0.0/8`, or a single address; undefined when the text is neither. */
export function addressRange(text: string): AddressRange | undefined {
  const [address = '', length, ...more] = text.split('/')
  const bytes = addressBytes(address)
  if (bytes === undefined || more.length > 0) return undefined
  const most = bytes.length * 8
  const bits = length === undefined ? most : Number(length)
  const isLength = length === undefined || /^\d{1,3}$/.test(length)
  return isLength && bits <= most ? { bytes, bits } : undefined
}

/** Whether an address, or an IPv4 address that it carries, lies in the range. */
export function isWithin(range: AddressRange, text: string): boolean {
  const bytes = addressBytes(text)
  if (bytes === undefined) return false
  if (bytes.length === 4) return range.bytes.length === 4 && matches(range, bytes)
  const tunnel = TUNNELS.find(({ prefix }) => matches(prefix, bytes))
  const inner = tunnel === undefined ? [] : carried(tunnel, bytes)
  return [bytes, ...inner].some(
    (form) => form.length === range.bytes.length && matches(range, form),
  )
}

/** Whether both texts are the same address: IPv6 has many spellings, and one for each IPv4 address. */
export function isSameAddress(one: string, other: string): boolean {
  const [left, right] = [plain(one), plain(other)]
  return left !== undefined && left.join() === right?.join()
}

function plain(text: string): readonly number[] | undefined {
  const bytes = addressBytes(text)
  return bytes !== undefined && bytes.length === 16 && matches(MAPPED, bytes)
    ? bytes.slice(12)
    : bytes
}

/** 127.0.0.0/8 and ::1, mapped forms too. */
export function isLoopbackAddress(text: string): boolean {
  const bytes = addressBytes(text) ?? []
  if (bytes.length === 4) return bytes[0] === 127
  return matches(MAPPED, bytes) ? bytes[12] === 127 : matches(LOOPBACK, bytes)
}

/** 4 or 16 bytes; undefined when the text is no IP address. A zone such as `%eth0` is dropped. */
export function addressBytes(text: string): readonly number[] | undefined {
  const bare = text.replace(/%.*$/, '')
  switch (isIP(bare)) {
    case 4:
      return bare.split('.').map(Number)
    case 6:
      return v6Bytes(bare)
    default:
      return undefined
  }
}

function v6Bytes(text: string): readonly number[] {
  const [head = '', tail] = text.split('::')
  const before = groupBytes(head)
  if (tail === undefined) return before
  const after = groupBytes(tail)
  return [...before, ...zeros(16 - before.length - after.length), ...after]
}

function groupBytes(text: string): readonly number[] {
  if (text === '') return []
  return text.split(':').flatMap((group) => {
    if (group.includes('.')) return group.split('.').map(Number)
    const value = Number.parseInt(group, 16)
    return [value >> 8, value & 0xff]
  })
}

function zeros(count: number): readonly number[] {
  return Array.from({ length: count }, () => 0)
}

function kindIn(ranges: readonly Range[], bytes: readonly number[]): AddressKind | undefined {
  return ranges.find((range) => matches(range, bytes))?.kind
}

function matches(range: AddressRange, bytes: readonly number[]): boolean {
  const whole = Math.floor(range.bits / 8)
  const rest = range.bits % 8
  for (let at = 0; at < whole; at += 1) if (range.bytes[at] !== bytes[at]) return false
  if (rest === 0) return true
  const mask = (0xff << (8 - rest)) & 0xff
  return ((range.bytes[whole] ?? 0) & mask) === ((bytes[whole] ?? 0) & mask)
}

function v4(text: string, bits: number, kind: AddressKind): Range {
  return { bytes: text.split('.').map(Number), bits, kind }
}

function v6(text: string, bits: number, kind: AddressKind): Range {
  return { bytes: v6Bytes(text), bits, kind }
}
