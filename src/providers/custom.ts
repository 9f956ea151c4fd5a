// Any host that speaks one of the protocols: the row is made from the config.
import { GatewayError } from '../canonical/errors.ts'
import { anthropicMessages } from '../dialects/anthropic-messages/dialect.ts'
import type { Dialect } from '../dialects/dialect.ts'
import { gemini } from '../dialects/gemini/dialect.ts'
import { openaiChat } from '../dialects/openai-chat/dialect.ts'
import { dialectById, dialects } from '../dialects/registry.ts'
import type { AuthStyle } from './auth-style.ts'
import type { CatalogRow, Protocol } from './catalog-row.ts'
import type { ProviderConfig } from './provider-config.ts'

/** How the vendor of a protocol takes a key, where it is not a bearer token. */
const AUTH: ReadonlyMap<Dialect, AuthStyle> = new Map([
  [anthropicMessages, 'x-api-key'],
  [gemini, 'x-goog-api-key'],
])

/** Throws GatewayError invalid_request when a protocol is not one of the registry's. */
export function customRow(config: ProviderConfig): CatalogRow {
  const { settings = {} } = config
  const [main = protocolOf(openaiChat), ...otherProtocols] = dialectsOf(config).map((dialect) =>
    protocolOf(dialect),
  )
  return {
    ...main,
    type: 'custom',
    title: config.name,
    auth: main.auth ?? 'bearer',
    locality: 'cloud',
    wholeByStream: settings.wholeByStream === true,
    otherProtocols,
  }
}

function protocolOf(dialect: Dialect): Protocol {
  return {
    dialect,
    auth: AUTH.get(dialect) ?? 'bearer',
    ...(dialect.tokenCount === undefined ? {} : { counts: true }),
    ...(dialect === openaiChat ? { flags: { streamUsage: 'include_usage' } } : {}),
  }
}

function dialectsOf(config: ProviderConfig): readonly Dialect[] {
  const { dialect, dialects: several } = config.settings ?? {}
  const wanted = several ?? (dialect === undefined ? [] : [dialect])
  const param = several === undefined ? 'settings.dialect' : 'settings.dialects'
  return wanted.map((id) => {
    const found = dialectById(id)
    if (found !== undefined) return found
    const known = dialects.map((one) => one.id).join(', ')
    throw new GatewayError(
      'invalid_request',
      `Provider "${config.name}" has the unknown dialect "${id}". Known dialects: ${known}.`,
      { code: 'unknown_dialect', param },
    )
  })
}
