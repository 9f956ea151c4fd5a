// The guard on outgoing addresses: which URLs may be configured, and which addresses may be dialled.
import { GatewayError } from '../canonical/errors.ts'
import { type AddressKind, addressKind } from './address.ts'
import type { Reach } from './transport.ts'

const PUBLIC_PORT_FLOOR = 1024

interface Rule {
  readonly broken: (url: URL, text: string) => boolean
  readonly why: string
}

const ALWAYS: readonly Rule[] = [
  {
    broken: (url) => url.protocol !== 'https:' && url.protocol !== 'http:',
    why: 'must start with https:// or http://',
  },
  {
    broken: (_url, text) => text.includes('@'),
    why: 'must not hold a user name or password; give the key as "apiKey"',
  },
  {
    broken: (_url, text) => authorityOf(text).includes('%'),
    why: 'must not have a percent sign in its host',
  },
  { broken: (url) => url.hostname.endsWith('.'), why: 'must not have a host that ends in a dot' },
  { broken: (url) => url.port === '0', why: 'must not use port 0' },
]

const BASE: readonly Rule[] = [
  { broken: (_url, text) => text.includes('#'), why: 'must not have a fragment ("#")' },
  { broken: (_url, text) => text.includes('?'), why: 'must not have a query ("?")' },
]

const PUBLIC: readonly Rule[] = [
  {
    broken: (url) => url.protocol !== 'https:',
    why: 'must be https, unless it stands in the config file of the machine itself',
  },
  {
    broken: (url) => !/[.:]/.test(url.hostname),
    why: 'must have a full host name, unless it stands in the config file of the machine itself',
  },
  {
    broken: (url) => url.port !== '' && Number(url.port) < PUBLIC_PORT_FLOOR,
    why: `must use port 443 or one from ${PUBLIC_PORT_FLOOR} up`,
  },
]

const MEDIA: readonly Rule[] = [
  { broken: (url) => url.protocol !== 'https:', why: 'must be https' },
  { broken: (url) => !/[.:]/.test(url.hostname), why: 'must have a full host name' },
  { broken: (url) => url.port !== '', why: 'must not name a port' },
]

/** Parses a base URL once and rebuilds it from its parts. Throws GatewayError invalid_request that says what is wrong with it. */
export function parseUpstreamUrl(text: string, reach: Reach): URL {
  const rules = [...ALWAYS, ...BASE, ...(reach === 'public' ? PUBLIC : [])]
  const url = parsed(text, rules)
  if (typeof url === 'string') throw refused(url)
  return new URL(`${url.protocol}//${url.host}${url.pathname.replace(/\/+$/, '')}`)
}

/** An address of a client's, to be fetched for it: public and https. A text says what is wrong with it. */
export function parseMediaUrl(text: string): URL | string {
  const url = parsed(text, [...ALWAYS, ...MEDIA])
  if (typeof url === 'string') return url
  return new URL(`${url.protocol}//${url.host}${url.pathname}${url.search}`)
}

function parsed(text: string, rules: readonly Rule[]): URL | string {
  if (/[\p{Cc}\s\\]/u.test(text)) return 'holds a space, a backslash or a control character'
  if (!URL.canParse(text)) return 'is not a URL such as "https://host/v1"'
  const url = new URL(text)
  return rules.find(({ broken }) => broken(url, text))?.why ?? url
}

function refused(why: string): GatewayError {
  return new GatewayError('invalid_request', `The base URL ${why}.`, {
    code: 'invalid_base_url',
    param: 'baseUrl',
  })
}

// People write base URLs with and without the first segment of the protocol's own paths.
const SHARED_SEGMENT = /^\/(?:v\d+\w*|api)(?=\/)/

/** A request's URL below a base URL. `path` and `query` come from the dialect; the path is percent-encoded and may have a query. */
export function upstreamUrl(
  base: URL,
  path: string,
  query: Readonly<Record<string, string>> = {},
): URL {
  const root = base.pathname.replace(/\/+$/, '')
  const shared = SHARED_SEGMENT.exec(path)?.[0]
  const below = shared !== undefined && root.endsWith(shared) ? path.slice(shared.length) : path
  const url = new URL(`${base.origin}${root}${below}`)
  for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value)
  return url
}

/** Whether the host is this machine by its very name, without a look-up. */
export function isLoopback(url: URL): boolean {
  const host = url.hostname.replace(/^\[|\]$/g, '')
  return host === 'localhost' || host === '::1' || /^127(?:\.\d+){3}$/.test(host)
}

/** What is asked of every address before a connection is made to it. */
export interface Vetting {
  readonly reach: Reach
  readonly protocol: string
}

/** Throws unless every one of the addresses may be dialled. One bad address among good ones refuses all: that is how rebinding looks. */
export function vetAddresses(addresses: readonly string[], vetting: Vetting): void {
  for (const address of addresses) {
    const why = refusal(addressKind(address), vetting)
    if (why !== undefined) {
      throw new GatewayError('permission', `The address is refused: ${why}.`, {
        code: 'address_refused',
      })
    }
  }
}

function refusal(kind: AddressKind, vetting: Vetting): string | undefined {
  switch (kind) {
    case 'never':
      return 'it belongs to the metadata service of a cloud machine'
    case 'reserved':
      return 'it is in a reserved range'
    case 'private':
      return vetting.reach === 'private'
        ? undefined
        : 'it is private; only a provider from the config file of the machine itself may have one'
    case 'public':
      return vetting.protocol === 'https:'
        ? undefined
        : 'it is public and the URL is plain http; use https'
  }
}

function authorityOf(text: string): string {
  return text.replace(/^[^:]*:\/*/, '').replace(/\/.*$/, '')
}
