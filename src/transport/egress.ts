// Where providers may be: private places are exact tuples of the operator's, everything else is public and https.
import { isIP } from 'node:net'
import { GatewayError } from '../canonical/errors.ts'
import { type AddressRange, addressKind, isWithin } from './address.ts'
import { badBaseUrl, bareHost, isPublicName, parseUpstreamUrl } from './base-url.ts'
import type { Reach } from './transport.ts'

/** A private place that may be reached: this scheme, host and port, and nothing beside. */
export interface EgressTuple {
  /** Only this provider may. Absent: any. */
  readonly provider?: string
  readonly scheme: 'http' | 'https'
  /** A name or an IP address, without brackets. */
  readonly host: string
  readonly port: number
}

export interface EgressRules {
  readonly allow: readonly EgressTuple[]
  /** Ports of public hosts besides 443. */
  readonly publicPorts: readonly number[]
  /** Nobody may reach them; cloud metadata and our own listeners are on that list whatever stands here. */
  readonly never: readonly AddressRange[]
}

export const NO_RULES: EgressRules = { allow: [], publicPorts: [], never: [] }

/** Whose word a base URL is. */
export interface Claim {
  /** The provider's name. */
  readonly name: string
  /** The operator wrote it into the configuration; anything else came in over an API. */
  readonly byOperator: boolean
  readonly rules: EgressRules
}

export interface Place {
  readonly url: URL
  readonly reach: Reach
}

/**
 * The place that a base URL means, and what may be dialled for it. What the operator writes and what can only be private
 * (plain http, a private IP address, a name of a network of one's own) is a tuple of its own. Throws GatewayError
 * invalid_request.
 */
export function placedUrl(text: string, { name, byOperator, rules }: Claim): Place {
  const url = parseUpstreamUrl(text, 'private')
  refuseForbidden(url, rules)
  if (isAllowed(url, name, rules)) return { url, reach: 'private' }
  if (byOperator) return { url, reach: operatorReach(url) }
  if (!isPublic(url)) throw notListed(url, name)
  if (!rules.publicPorts.includes(portOf(url)) && portOf(url) !== HTTPS) {
    throw badBaseUrl('must use port 443, or one that egress.public in patchbay.yaml lists')
  }
  return { url: parseUpstreamUrl(text, 'public'), reach: 'public' }
}

/** What may be dialled for a URL that the operator wrote, and nobody else: inside only where it can be nowhere else. */
export function operatorReach(url: URL): Reach {
  return isPublic(url) ? 'public' : 'private'
}

const HTTPS = 443

function isAllowed(url: URL, name: string, { allow }: EgressRules): boolean {
  const host = bareHost(url)
  return allow.some(
    (tuple) =>
      (tuple.provider === undefined || tuple.provider === name) &&
      `${tuple.scheme}:` === url.protocol &&
      tuple.host === host &&
      tuple.port === portOf(url),
  )
}

function portOf({ port, protocol }: URL): number {
  if (port !== '') return Number(port)
  return protocol === 'https:' ? HTTPS : 80
}

/** As far as the URL itself tells. */
function isPublic(url: URL): boolean {
  const host = bareHost(url)
  if (url.protocol !== 'https:' || !isPublicName(url)) return false
  return isIP(host) === 0 ? !spellsPrivate(host) : addressKind(host) === 'public'
}

/** Services such as nip.io answer `10.0.0.5.nip.io`, or `10-0-0-5`, with the address that the name spells. */
function spellsPrivate(host: string): boolean {
  const spelled = [
    ...host.matchAll(/(?<![\w])(\d{1,3})[.-](\d{1,3})[.-](\d{1,3})[.-](\d{1,3})(?!\w)/g),
  ]
  return spelled.some(([, ...bytes]) => addressKind(bytes.join('.')) !== 'public')
}

/** The host where Google's machines find their metadata, whatever it resolves to. */
const METADATA_NAME = /^metadata(?:\.google\.internal|\.goog)?$/

function refuseForbidden(url: URL, { never }: EgressRules): void {
  const host = bareHost(url)
  const kind = isIP(host) === 0 ? 'public' : addressKind(host)
  if (kind === 'never' || METADATA_NAME.test(host)) {
    throw forbidden('leads to the metadata service of a cloud machine, which nothing may reach')
  }
  if (kind === 'reserved') throw forbidden('has an address in a reserved range')
  if (never.some((range) => isWithin(range, host))) {
    throw forbidden('has an address that egress.never in patchbay.yaml lists')
  }
}

function notListed(url: URL, name: string): GatewayError {
  const scheme = url.protocol.slice(0, -1)
  const tuple = `{ provider: ${name}, scheme: ${scheme}, host: ${JSON.stringify(bareHost(url))}, port: ${portOf(url)} }`
  return forbidden(
    `leads to a private place or is plain http, which the configuration of this machine must allow: put ${tuple} under egress.allow in patchbay.yaml, or the provider itself under providers, then reload`,
  )
}

function forbidden(why: string): GatewayError {
  return new GatewayError('invalid_request', `The base URL ${why}.`, {
    status: 422,
    code: 'address_forbidden',
    param: 'baseUrl',
  })
}
