// URLs that are given to Patchbay: parsed once, judged by rules, rebuilt from their parts.
import { isIP } from 'node:net'
import { GatewayError } from '../canonical/errors.ts'
import type { Reach } from './transport.ts'

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
  {
    // Whoever reads `127.1`, `0x7f000001` or fullwidth digits otherwise than we do would see another host.
    broken: (url, text) => isRespelled(url, text),
    why: 'must write its host in the usual form, an IP address as in 10.1.2.3',
  },
  { broken: (url) => url.port === '0', why: 'must not use port 0' },
]

const BASE: readonly Rule[] = [
  { broken: (_url, text) => text.includes('#'), why: 'must not have a fragment ("#")' },
  { broken: (_url, text) => text.includes('?'), why: 'must not have a query ("?")' },
]

const PUBLIC: readonly Rule[] = [
  {
    broken: (url) => url.protocol !== 'https:',
    why: 'must be https, unless egress.allow in patchbay.yaml lists it',
  },
  {
    broken: (url) => !isPublicName(url),
    why: 'must have a full host name, unless egress.allow in patchbay.yaml lists it',
  },
]

const MEDIA: readonly Rule[] = [
  { broken: (url) => url.protocol !== 'https:', why: 'must be https' },
  { broken: (url) => !isPublicName(url), why: 'must have a full host name' },
  { broken: (url) => url.port !== '', why: 'must not name a port' },
]

/** Parses a base URL once and rebuilds it from its parts. Throws GatewayError invalid_request that says what is wrong with it. */
export function parseUpstreamUrl(text: string, reach: Reach): URL {
  const url = parsed(text, [...ALWAYS, ...BASE, ...(reach === 'public' ? PUBLIC : [])])
  if (typeof url === 'string') throw badBaseUrl(url)
  return new URL(`${url.protocol}//${url.host}${url.pathname.replace(/\/+$/, '')}`)
}

/** An address of a client's, to be fetched for it: public and https. A text says what is wrong with it. */
export function parseMediaUrl(text: string): URL | string {
  const url = parsed(text, [...ALWAYS, ...MEDIA])
  if (typeof url === 'string') return url
  return new URL(`${url.protocol}//${url.host}${url.pathname}${url.search}`)
}

export function badBaseUrl(why: string): GatewayError {
  return new GatewayError('invalid_request', `The base URL ${why}.`, {
    status: 422,
    code: 'invalid_base_url',
    param: 'baseUrl',
  })
}

/** The host without the brackets of an IPv6 address. */
export function bareHost({ hostname }: URL): string {
  return hostname.replace(/^\[|\]$/g, '')
}

/** Ends of names that are never the whole world's: RFC 6761, 6762, 8375, and what networks of one's own are called. */
const PRIVATE_ENDS =
  /(?:^|\.)(?:localhost|localdomain|local|internal|intranet|lan|home|corp|home\.arpa)$/i

/** Whether a name server of the whole world may know the host, as far as its spelling tells. An IP address may be public. */
export function isPublicName(url: URL): boolean {
  return /[.:]/.test(url.hostname) && !PRIVATE_ENDS.test(url.hostname)
}

function parsed(text: string, rules: readonly Rule[]): URL | string {
  if (/[\p{Cc}\s\\]/u.test(text)) return 'holds a space, a backslash or a control character'
  if (!URL.canParse(text)) return 'is not a URL such as "https://host/v1"'
  const url = new URL(text)
  return rules.find(({ broken }) => broken(url, text))?.why ?? url
}

function isRespelled(url: URL, text: string): boolean {
  const written = authorityOf(text).replace(/:\d*$/, '').toLowerCase()
  if (written === url.hostname || isIP(bareHost(url)) === 6) return false
  // A name in letters of its own becomes one that begins with xn--.
  return !url.hostname.includes('xn--')
}

function authorityOf(text: string): string {
  return text.replace(/^[^:]*:\/*/, '').replace(/[/?#].*$/, '')
}
