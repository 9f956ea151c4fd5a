// What a config comes to for one HTTP provider: where it is, how it is reached, which headers it wants.
import { compact } from '../canonical/compact.ts'
import { GatewayError, toGatewayError } from '../canonical/errors.ts'
import { parseUpstreamUrl } from '../transport/base-url.ts'
import { type EgressRules, NO_RULES, placedUrl } from '../transport/egress.ts'
import type { Reach } from '../transport/transport.ts'
import { isLoopback } from '../transport/upstream-url.ts'
import { addressForbidden } from '../transport/vetting.ts'
import { type Secret, toSecret } from '../vault/secret.ts'
import type { Locality } from './base-provider.ts'
import type { AuthStyle } from './auth-style.ts'
import type { CatalogRow } from './catalog-row.ts'
import { type Patience, patienceOf } from './patience.ts'
import type { ProviderConfig, ProviderContext } from './provider-config.ts'

export interface Connection {
  readonly baseUrl: URL
  /** What may be dialled now. Throws GatewayError permission once the operator has taken back what allowed it. */
  readonly reach: () => Reach
  readonly locality: Locality
  readonly patience: Patience
  /** Extra headers of every call, lower case, without the key. */
  readonly headers: Readonly<Record<string, string>>
  /** Extra query parameters of every call. */
  readonly query: Readonly<Record<string, string>>
}

/** Written by the transport alone. */
const RESERVED = new Set(['host', 'connection', 'content-length', 'transfer-encoding'])

/** Throws GatewayError invalid_request that names the field at fault. */
export function connectionOf(
  config: ProviderConfig,
  row: CatalogRow,
  context: Pick<ProviderContext, 'source' | 'timeouts' | 'egress'>,
): Connection {
  const { settings = {}, apiKeys = [] } = config
  const { source, timeouts } = context
  const { baseUrl, reach } = placeOf(config, row, context)
  const hasKey = toSecret(config.apiKey) !== undefined || apiKeys.length > 0
  const said = source === 'operator' || reach() === 'private' ? settings.local : undefined
  const locality = localityOf(said, hasKey ? 'cloud' : freeAt(baseUrl, row))
  return compact({
    baseUrl,
    reach,
    locality,
    headers: headersOf(config),
    query: queryOf(config),
    patience: patienceOf(config, { row, locality, baseUrl, shared: timeouts }),
  })
}

export function authHeader(key: Secret, style: AuthStyle): Record<string, string> {
  return style === 'bearer'
    ? { authorization: `Bearer ${key.reveal()}` }
    : { [style]: key.reveal() }
}

function localityOf(said: boolean | undefined, guessed: Locality): Locality {
  if (said === undefined) return guessed
  return said ? 'local' : 'cloud'
}

/** Where something is that asks for no key: this machine, or what the catalog says of its type. A proxy on this machine is not free for that. */
function freeAt(baseUrl: URL, row: CatalogRow): Locality {
  const isProxy = row.locality === 'cloud' && isOnLoopback(row)
  return isLoopback(baseUrl) && !isProxy ? 'local' : row.locality
}

function isOnLoopback({ baseUrl }: CatalogRow): boolean {
  return baseUrl !== undefined && isLoopback(new URL(baseUrl))
}

/** The catalog's own origin is fixed in code; any other is where the rules of the outgoing ways let it be. */
function placeOf(
  config: ProviderConfig,
  row: CatalogRow,
  { source, egress = noRules }: Pick<ProviderContext, 'source' | 'egress'>,
): Pick<Connection, 'baseUrl' | 'reach'> {
  const { name } = config
  const given = config.baseUrl?.trim() ?? ''
  if (row.baseUrl !== undefined && (given === '' || sameOrigin(given, row.baseUrl))) {
    const reach = row.locality === 'local' || isOnLoopback(row) ? 'private' : 'public'
    const baseUrl = parseUpstreamUrl(given === '' ? row.baseUrl : given, reach)
    return { baseUrl, reach: () => reach }
  }
  if (given === '') {
    throw new GatewayError(
      'invalid_request',
      `Provider "${name}" needs a base URL, such as "${row.baseUrlExample ?? 'https://host/v1'}".`,
      { code: 'invalid_base_url', param: 'baseUrl' },
    )
  }
  const byOperator = source === 'operator'
  let rules = egress()
  const { url, ...first } = placedUrl(given, { name, byOperator, rules })
  let { reach } = first
  const reachNow = (): Reach => {
    const inForce = egress()
    if (inForce === rules) return reach
    try {
      reach = placedUrl(given, { name, byOperator, rules: inForce }).reach
      rules = inForce
      return reach
    } catch (thrown) {
      const { message } = toGatewayError(thrown)
      throw addressForbidden(`Provider "${name}" is not reached any more. ${message}`)
    }
  }
  return { baseUrl: url, reach: reachNow }
}

function noRules(): EgressRules {
  return NO_RULES
}

function sameOrigin(text: string, own: string): boolean {
  return URL.canParse(text) && new URL(text).origin === new URL(own).origin
}

function headersOf(config: ProviderConfig): Record<string, string> {
  const headers: Record<string, string> = {}
  for (const [name, value] of Object.entries(config.settings?.headers ?? {})) {
    const lower = name.toLowerCase()
    const legal = /^[a-z0-9!#$%&'*+.^_`|~-]+$/.test(lower) && /^[\t\x20-\x7e]*$/.test(value)
    if (!legal || RESERVED.has(lower)) {
      throw invalid(
        config,
        'An extra header has a name or value that cannot be sent',
        'settings.headers',
      )
    }
    headers[lower] = value
  }
  return headers
}

/** A key has no place in a URL, which is logged on its way. */
function queryOf(config: ProviderConfig): Readonly<Record<string, string>> {
  const { query = {} } = config.settings ?? {}
  const keys = [config.apiKey, ...(config.apiKeys ?? []).map(({ key }) => key)]
  const secrets = new Set(keys.map((key) => toSecret(key)?.reveal()))
  for (const [name, value] of Object.entries(query)) {
    if (/[\p{Cc}]/u.test(name + value) || secrets.has(value) || /key|token|secret/i.test(name)) {
      throw invalid(
        config,
        'An extra query parameter holds a key or a control character; keys go into "apiKey"',
        'settings.query',
      )
    }
  }
  return query
}

function invalid(config: ProviderConfig, what: string, param: string): GatewayError {
  return new GatewayError('invalid_request', `${what} (provider "${config.name}").`, {
    code: 'invalid_provider_config',
    param,
  })
}
