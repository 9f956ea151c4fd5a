// Any host that speaks one of the protocols: the row is made from the config.
import { GatewayError } from '../canonical/errors.ts'
import { anthropicMessages } from '../dialects/anthropic-messages/dialect.ts'
import type { Dialect } from '../dialects/dialect.ts'
import { gemini } from '../dialects/gemini/dialect.ts'
import { openaiChat } from '../dialects/openai-chat/dialect.ts'
import { dialectById, dialects } from '../dialects/registry.ts'
import type { AuthStyle } from './auth-style.ts'
import type { CatalogRow } from './catalog-row.ts'
import type { ProviderConfig } from './provider-config.ts'

/** How the vendor of a protocol takes a key, where it is not a bearer token. */
const AUTH: ReadonlyMap<Dialect, AuthStyle> = new Map([
  [anthropicMessages, 'x-api-key'],
  [gemini, 'x-goog-api-key'],
])

/** Throws GatewayError invalid_request when the protocol is not one of the registry's. */
export function customRow(config: ProviderConfig): CatalogRow {
  const dialect = dialectOf(config)
  return {
    type: 'custom',
    title: config.name,
    dialect,
    ...(dialect.tokenCount === undefined ? {} : { counts: dialect }),
    auth: config.settings?.auth ?? AUTH.get(dialect) ?? 'bearer',
    locality: 'cloud',
    wholeByStream: config.settings?.wholeByStream === true,
    ...(dialect === openaiChat ? { flags: { streamUsage: 'include_usage' } } : {}),
  }
}

function dialectOf(config: ProviderConfig): Dialect {
  const wanted = config.settings?.dialect
  if (wanted === undefined) return openaiChat
  const dialect = dialectById(wanted)
  if (dialect !== undefined) return dialect
  const known = dialects.map(({ id }) => id).join(', ')
  throw new GatewayError(
    'invalid_request',
    `Provider "${config.name}" has the unknown dialect "${wanted}". Known dialects: ${known}.`,
    { code: 'unknown_dialect', param: 'settings.dialect' },
  )
}
