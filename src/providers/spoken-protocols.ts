// Which of its protocols a provider is asked in, and where each is.
import { GatewayError } from '../canonical/errors.ts'
import type { CatalogRow, Protocol } from './catalog-row.ts'
import type { ProviderConfig } from './provider-config.ts'

/**
 * In the order in which they are preferred. A cloud host that the config puts elsewhere may be anything that has the main
 * protocol: nothing is known of the others there. `settings.dialects` decides otherwise. Throws GatewayError invalid_request.
 */
export function spokenProtocols(
  config: ProviderConfig,
  row: CatalogRow,
  baseUrl: URL,
): readonly Protocol[] {
  const known: readonly Protocol[] = [row, ...(row.otherProtocols ?? [])]
  const { dialects, flags = {} } = config.settings ?? {}
  if (dialects !== undefined) {
    const named = dialects.map((id) => spoken(id, known, config))
    return named.length === 0 ? [row] : [...new Set(named)]
  }
  if (!isKnownPlace(row, baseUrl)) return [row]
  return known.filter(
    ({ shim, without = [] }) => shim !== true && !without.some((flag) => flag in flags),
  )
}

/** Those of its protocols in which tokens can be counted. */
export function countingProtocols(
  row: CatalogRow,
  baseUrl: URL,
  protocols: readonly Protocol[],
): readonly Protocol[] {
  const known: readonly Protocol[] = [row, ...(row.otherProtocols ?? [])]
  return known.filter(
    (one) =>
      one.counts === true &&
      (protocols.includes(one) || (one.shim === true && isKnownPlace(row, baseUrl))),
  )
}

function spoken(id: string, known: readonly Protocol[], config: ProviderConfig): Protocol {
  const found = known.find(({ dialect }) => dialect.id === id)
  if (found !== undefined) return found
  const words = known.map(({ dialect }) => dialect.id).join(', ')
  throw new GatewayError(
    'invalid_request',
    `Provider "${config.name}" does not speak "${id}". It speaks: ${words}.`,
    { code: 'unknown_dialect', param: 'settings.dialects' },
  )
}

function isKnownPlace(row: CatalogRow, baseUrl: URL): boolean {
  if (row.locality === 'local') return true
  if (row.baseUrl !== undefined) return new URL(row.baseUrl).origin === baseUrl.origin
  const path = pathOf(baseUrl)
  return path === '' || path === row.basePath
}

/** The base URL of one protocol, where `baseUrl` is what the config or the row says of the provider. */
export function protocolUrl(row: CatalogRow, protocol: Protocol, baseUrl: URL): URL {
  const path = pathOf(baseUrl)
  const { basePath } = protocol
  if (protocol === row || basePath === undefined) {
    return path === '' ? placed(baseUrl, row.basePath ?? '') : baseUrl
  }
  const own = row.basePath ?? (row.baseUrl === undefined ? '' : pathOf(new URL(row.baseUrl)))
  const root = path.endsWith(own) ? path.slice(0, path.length - own.length) : path
  return placed(baseUrl, root + basePath)
}

function placed(baseUrl: URL, path: string): URL {
  return new URL(`${baseUrl.origin}${path}`)
}

function pathOf(url: URL): string {
  return url.pathname.replace(/\/+$/, '')
}
