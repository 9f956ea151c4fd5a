// What OpenAI's own tools are for, so that other vendors' can stand for them and they for others.
import { compact } from '../../canonical/compact.ts'
import type { HostedPurpose } from '../../canonical/tool.ts'
import { type JsonObject, ObjectReader, isObject } from '../../wire/json.ts'
import type { HostedRules, HostedTool } from '../lowering/hosted-tools.ts'
import { omit } from '../lowering/rewrite.ts'
import { OPENAI_RESPONSES } from './wire-types.ts'

/** Undefined for tools that no other vendor has. */
export function purposeOf(type: string, source: JsonObject): HostedPurpose | undefined {
  if (type.startsWith('web_search')) return searchOf(source)
  if (type === 'code_interpreter') {
    const container = isObject(source['container']) ? source['container'] : {}
    return { what: 'code-execution', ...others(container, ['type']) }
  }
  return type === 'image_generation'
    ? { what: 'image-making', ...others(source, ['type']) }
    : undefined
}

function searchOf(source: JsonObject): HostedPurpose {
  const reader = new ObjectReader(source, '')
  const filters = reader.optionalObject('filters')
  const location = reader.optionalObject('user_location')?.source
  return {
    what: 'web-search',
    ...compact({
      allowedDomains: filters?.optionalStrings('allowed_domains'),
      location: location === undefined ? undefined : omit(location, ['type']),
    }),
    ...others(source, ['type', 'filters', 'user_location']),
  }
}

function others(source: JsonObject, known: readonly string[]): Pick<HostedPurpose, 'others'> {
  const left = Object.keys(source).filter((key) => !known.includes(key))
  return left.length === 0 ? {} : { others: left }
}

export const hostedRules: HostedRules = {
  dialect: OPENAI_RESPONSES,
  print,
  choosable: true,
  settings: ['allowedDomains', 'location'],
}

/** A search opens pages too. */
function print({ what, allowedDomains, location }: HostedPurpose): HostedTool {
  switch (what) {
    case 'web-search':
    case 'web-fetch': {
      const filters = allowedDomains === undefined ? undefined : { allowed_domains: allowedDomains }
      const place = location === undefined ? undefined : { type: 'approximate', ...location }
      const native = compact({ type: 'web_search', filters, user_location: place })
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
