// What OpenAI's own tools are for, so that other vendors' can stand for them and they for others.
import { compact } from '../../canonical/compact.ts'
import type { HostedPurpose, Tool } from '../../canonical/tool.ts'
import { type JsonObject, isObject } from '../../wire/json.ts'
import { namesIn, otherSettings, placeIn } from '../hosted-purpose.ts'
import type { HostedRules, HostedTool } from '../lowering/hosted-tools.ts'
import { OPENAI_RESPONSES } from './wire-types.ts'

/** Undefined for tools that no other vendor has. */
export function purposeOf(type: string, source: JsonObject): HostedPurpose | undefined {
  if (type.startsWith('web_search')) return searchOf(source)
  if (type === 'code_interpreter') return { what: 'code-execution', ...containerOf(source) }
  return type === 'image_generation'
    ? { what: 'image-making', ...otherSettings(source, { known: ['type'] }) }
    : undefined
}

function searchOf(source: JsonObject): HostedPurpose {
  const filters = isObject(source['filters']) ? source['filters'] : {}
  const size = source['search_context_size']
  const { external_web_access: live, ...settings } = source
  return {
    what: 'web-search',
    ...compact({
      allowedDomains: namesIn(filters['allowed_domains']),
      blockedDomains: namesIn(filters['blocked_domains']),
      offline: live === false ? (true as const) : undefined,
      contextSize: typeof size === 'string' ? size : undefined,
      location: placeIn(source['user_location']),
    }),
    ...otherSettings(settings, {
      known: ['type', 'filters', 'search_context_size', 'user_location'],
    }),
  }
}

/** A container that is there already may hold files. */
function containerOf({ container, ...rest }: JsonObject): Pick<HostedPurpose, 'others'> {
  const inside = isObject(container) ? container : { container }
  return otherSettings(
    { ...rest, ...inside },
    { known: ['type'], weights: { container: 3, file_ids: 3, network_policy: 3 } },
  )
}

/** What the vendor's tools bring is told only to those who ask for it. */
const FINDINGS: ReadonlyMap<string, string> = new Map([
  ['web_search', 'web_search_call.action.sources'],
  ['code_interpreter', 'code_interpreter_call.outputs'],
])

export function findingsOf(tools: readonly Tool[]): readonly string[] {
  return tools.flatMap((tool) => (tool.kind === 'native' ? (FINDINGS.get(tool.name) ?? []) : []))
}

export const hostedRules: HostedRules = {
  dialect: OPENAI_RESPONSES,
  print,
  choosable: true,
  settings: ['allowedDomains', 'offline', 'contextSize', 'location'],
  limit: 'all',
}

/** A search opens pages too. */
function print({ what, allowedDomains, location, ...purpose }: HostedPurpose): HostedTool {
  switch (what) {
    case 'web-search':
    case 'web-fetch': {
      const filters = allowedDomains === undefined ? undefined : { allowed_domains: allowedDomains }
      const place = location === undefined ? undefined : { type: 'approximate', ...location }
      const native = compact({
        type: 'web_search',
        filters,
        user_location: place,
        search_context_size: purpose.contextSize,
        external_web_access: purpose.offline === true ? false : undefined,
      })
      return { name: 'web_search', native }
    }
    case 'code-execution':
      return {
        name: 'code_interpreter',
        native: { type: 'code_interpreter', container: { type: 'auto' } },
      }
    case 'image-making':
      return { name: 'image_generation', native: { type: 'image_generation' } }
  }
}
