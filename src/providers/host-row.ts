// Rows of hosts that speak OpenAI's chat protocol with deviations.
import type { JsonObject } from '../canonical/json.ts'
import { openaiChat } from '../dialects/openai-chat/dialect.ts'
import type { CatalogRow } from './catalog-row.ts'

export type Host = Omit<CatalogRow, 'dialect' | 'auth' | 'locality' | 'keyRequired'>

/** What OpenAI alone has, and that usage must be asked for. */
const COMPATIBLE: JsonObject = {
  customTools: false,
  legacyFunctions: false,
  toolChoiceAllowed: false,
  streamUsage: 'include_usage',
}

/** A host that wants a key. */
export function cloud(host: Host): CatalogRow {
  return { ...host, ...SHARED, locality: 'cloud', keyRequired: true, flags: flagsOf(host) }
}

/** A server that people run themselves. */
export function local(host: Host): CatalogRow {
  return { ...host, ...SHARED, locality: 'local', flags: flagsOf(host) }
}

const SHARED = { dialect: openaiChat, auth: 'bearer' } as const

function flagsOf(host: Host): JsonObject {
  return { ...COMPATIBLE, ...host.flags }
}
