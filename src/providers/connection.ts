// What a config comes to for one HTTP provider: where it is, how it is reached, which headers it wants.
import { compact } from '../canonical/compact.ts'
import { GatewayError } from '../canonical/errors.ts'
import type { Reach, Timeouts } from '../transport/transport.ts'
import { isLoopback, parseUpstreamUrl } from '../transport/upstream-url.ts'
import { type Secret, toSecret } from '../vault/secret.ts'
import type { Locality } from './base-provider.ts'
import type { AuthStyle } from './auth-style.ts'
import type { CatalogRow } from './catalog-row.ts'
import type { ConfigSource, ProviderConfig } from './provider-config.ts'

export interface Connection {
  readonly baseUrl: URL
  readonly reach: Reach
  readonly locality: Locality
  readonly timeouts: Timeouts
  /** Of streams: as long as words come, only who configures a limit has one. */
  readonly streamTimeouts: Timeouts
  /** Extra headers of every call, lower case, without the key. */
  readonly headers: Readonly<Record<string, string>>
  /** Extra query parameters of every call. */
  readonly query: Readonly<Record<string, string>>
}

const CONNECT_SECONDS = 3
const ANSWER_SECONDS: Readonly<Record<Locality, number>> = { cloud: 60, local: 300 }
const TOTAL_SECONDS = 900
/** A timer can wait no longer: 24 days. */
const LONGEST_MS = 2 ** 31 - 1

/** Written by the transport alone. */
const RESERVED = new Set(['host', 'connection', 'content-length', 'transfer-encoding'])

/** Throws GatewayError invalid_request that names the field at fault. */
export function connectionOf(
  config: ProviderConfig,
  row: CatalogRow,
  source: ConfigSource,
): Connection {
  const { settings = {}, apiKeys = [] } = config
  const { baseUrl, reach } = placeOf(config, row, source)
  const hasKey = toSecret(config.apiKey) !== undefined || apiKeys.length > 0
  const said = source === 'operator' ? settings.local : undefined
  const locality = localityOf(said, hasKey ? 'cloud' : freeAt(baseUrl, row))
  const answerMs = seconds(config, 'timeout', config.timeout ?? ANSWER_SECONDS[locality])
  const waits = {
    connectMs: seconds(config, 'connectTimeout', settings.connectTimeout ?? CONNECT_SECONDS),
    firstByteMs: answerMs,
    idleMs: answerMs,
  }
  const { totalTimeout } = settings
  const total =
    totalTimeout === undefined ? undefined : seconds(config, 'totalTimeout', totalTimeout)
  return compact({
    baseUrl,
    reach,
    locality,
    headers: headersOf(config),
    query: queryOf(config),
    timeouts: { ...waits, totalMs: total ?? TOTAL_SECONDS * 1000 },
    streamTimeouts: { ...waits, totalMs: total ?? LONGEST_MS },
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
  const secrets = keys.map((key) => toSecret(key)?.reveal())
  for (const [name, value] of Object.entries(query)) {
    if (
      /[\p{Cc}]/u.test(name + value) ||
      secrets.includes(value) ||
      /key|token|secret/i.test(name)
    ) {
      throw invalid(
        config,
        'An extra query parameter holds a key or a control character; keys go into "apiKey"',
        'settings.query',
      )
    }
  }
  return query
}

/** As milliseconds. */
function seconds(config: ProviderConfig, field: string, value: number): number {
  if (Number.isFinite(value) && value > 0) return value * 1000
  throw invalid(config, `"${field}" must be a number of seconds above 0`, field)
}

function invalid(config: ProviderConfig, what: string, param: string): GatewayError {
  return new GatewayError('invalid_request', `${what} (provider "${config.name}").`, {
    code: 'invalid_provider_config',
    param,
  })
}
