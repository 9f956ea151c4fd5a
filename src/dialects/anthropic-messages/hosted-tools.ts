// What Anthropic's server tools are for, so that other vendors' can stand for them and they for others.
import { compact } from '../../canonical/compact.ts'
import type { HostedPurpose } from '../../canonical/tool.ts'
import type { JsonObject } from '../../wire/json.ts'
import { namesIn, otherSettings, placeIn } from '../hosted-purpose.ts'
import type { HostedRules, HostedTool } from '../lowering/hosted-tools.ts'
import { DIALECT } from './wire-types.ts'

/** By how their versioned types begin. */
const PURPOSES: readonly (readonly [string, HostedPurpose['what']])[] = [
  ['web_search_', 'web-search'],
  ['web_fetch_', 'web-fetch'],
  ['code_execution_', 'code-execution'],
]

const KNOWN = [
  'type',
  'name',
  'allowed_domains',
  'blocked_domains',
  'max_uses',
  'user_location',
] as const

/** Undefined for tools that no other vendor has. */
export function purposeOf(type: string, source: JsonObject): HostedPurpose | undefined {
  const what = PURPOSES.find(([start]) => type.startsWith(start))?.[1]
  if (what === undefined) return undefined
  const uses = source['max_uses']
  return {
    what,
    ...compact({
      allowedDomains: namesIn(source['allowed_domains']),
      blockedDomains: namesIn(source['blocked_domains']),
      maxUses: typeof uses === 'number' ? uses : undefined,
      location: placeIn(source['user_location']),
    }),
    ...otherSettings(source, { known: KNOWN, weights: { max_content_tokens: 2 } }),
  }
}

export const hostedRules: HostedRules = {
  dialect: DIALECT,
  print,
  choosable: true,
  settings: ['allowedDomains', 'blockedDomains', 'maxUses', 'location'],
  limit: ['web-search', 'web-fetch'],
}

/** The first versions, which every model that has the tool at all knows. */
function print(purpose: HostedPurpose): HostedTool | undefined {
  switch (purpose.what) {
    case 'web-search': {
      const place = purpose.location
      const user_location = place === undefined ? undefined : { type: 'approximate', ...place }
      return tool('web_search_20250305', 'web_search', { ...limits(purpose), user_location })
    }
    case 'web-fetch':
      return tool('web_fetch_20250910', 'web_fetch', limits(purpose))
    case 'code-execution':
      return tool('code_execution_20250825', 'code_execution', {})
    case 'image-making':
      return undefined
  }
}

function limits({ allowedDomains, blockedDomains, maxUses }: HostedPurpose): JsonObject {
  return {
    max_uses: maxUses,
    allowed_domains: allowedDomains,
    blocked_domains: blockedDomains,
  }
}

function tool(type: string, name: string, settings: JsonObject): HostedTool {
  return { name, native: compact({ type, name, ...settings }) }
}
