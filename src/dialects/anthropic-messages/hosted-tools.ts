// What Anthropic's server tools are for, so that other vendors' can stand for them and they for others.
import { compact } from '../../canonical/compact.ts'
import type { HostedPurpose } from '../../canonical/tool.ts'
import { type JsonObject, ObjectReader } from '../../wire/json.ts'
import type { HostedRules, HostedTool } from '../lowering/hosted-tools.ts'
import { omit } from '../lowering/rewrite.ts'
import { DIALECT } from './wire-types.ts'

/** By how their versioned types begin. */
const PURPOSES: readonly (readonly [string, HostedPurpose['what']])[] = [
  ['web_search_', 'web-search'],
  ['web_fetch_', 'web-fetch'],
  ['code_execution_', 'code-execution'],
]

const KNOWN: ReadonlySet<string> = new Set([
  'type',
  'name',
  'allowed_domains',
  'blocked_domains',
  'max_uses',
  'user_location',
  'cache_control',
])

/** Undefined for tools that no other vendor has. */
export function purposeOf(type: string, source: JsonObject): HostedPurpose | undefined {
  const what = PURPOSES.find(([start]) => type.startsWith(start))?.[1]
  if (what === undefined) return undefined
  const reader = new ObjectReader(source, '')
  const location = reader.optionalObject('user_location')?.source
  const others = Object.keys(source).filter((key) => !KNOWN.has(key))
  return {
    what,
    ...compact({
      allowedDomains: reader.optionalStrings('allowed_domains'),
      blockedDomains: reader.optionalStrings('blocked_domains'),
      maxUses: reader.optionalNumber('max_uses'),
      location: location === undefined ? undefined : omit(location, ['type']),
      others: others.length === 0 ? undefined : others,
    }),
  }
}

export const hostedRules: HostedRules = {
  dialect: DIALECT,
  print,
  choosable: true,
  settings: ['allowedDomains', 'blockedDomains', 'maxUses', 'location'],
}

/** The first versions, which every model that has the tool at all knows. */
function print(purpose: HostedPurpose): HostedTool | undefined {
  switch (purpose.what) {
    case 'web-search':
      return { name: 'web_search', native: { type: 'web_search_20250305', ...search(purpose) } }
    case 'web-fetch':
      return { name: 'web_fetch', native: { type: 'web_fetch_20250910', name: 'web_fetch' } }
    case 'code-execution':
      return {
        name: 'code_execution',
        native: { type: 'code_execution_20250825', name: 'code_execution' },
      }
    case 'image-making':
      return undefined
  }
}

function search({ allowedDomains, blockedDomains, maxUses, location }: HostedPurpose): JsonObject {
  return compact({
    name: 'web_search',
    max_uses: maxUses,
    allowed_domains: allowedDomains,
    blocked_domains: blockedDomains,
    user_location: location === undefined ? undefined : { type: 'approximate', ...location },
  })
}
