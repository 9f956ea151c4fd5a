// What a config comes to for one HTTP provider: where it is, how it is reached, which headers it wants.
import { compact } from '../canonical/compact.ts'
import { GatewayError } from '../canonical/errors.ts'
import type { Reach } from '../transport/transport.ts'
import { isLoopback, parseUpstreamUrl } from '../transport/upstream-url.ts'
import { type Secret, toSecret } from '../vault/secret.ts'
import type { Locality } from './base-provider.ts'
import type { AuthStyle } from './auth-style.ts'
import type { CatalogRow } from './catalog-row.ts'
import { type Patience, patienceOf } from './patience.ts'
import type { ConfigSource, ProviderConfig, ProviderContext } from './provider-config.ts'

export interface Connection {
  readonly baseUrl: URL
  readonly reach: Reach
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
  { source, timeouts }: Pick<ProviderContext, 'source' | 'timeouts'>,
): Connection {
  const { settings = {}, apiKeys = [] } = config
  const { baseUrl, reach } = placeOf(config, row, source)
  const hasKey = toSecret(config.apiKey) !== undefined || apiKeys.length > 0
  const said = source === 'operator' ? settings.local : undefined
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

/** The catalog's own origin is fixed in code; any other reaches private addresses only when the operator wrote it. */
function placeOf(
  config: ProviderConfig,
  row: CatalogRow,
  source: ConfigSource,
): Pick<Connection, 'baseUrl' | 'reach'> {
  const given = config.baseUrl?.trim() ?? ''
  if (row.baseUrl !== undefined && (given === '' || sameOrigin(given, row.baseUrl))) {
    const reach = row.locality === 'local' || isOnLoopback(row) ? 'private' : 'public'
    return { baseUrl: parseUpstreamUrl(given === '' ? row.baseUrl : given, reach), reach }
  }
  if (given === '') {
    throw new GatewayError(
      'invalid_request',
      `Provider "${config.name}" needs a base URL, such as "${row.baseUrlExample ?? 'https://host/v1'}".`,
      { code: 'invalid_base_url', param: 'baseUrl' },
    )
  }
  const reach = source === 'operator' ? 'private' : 'public'
  return { baseUrl: parseUpstreamUrl(given, reach), reach }
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
