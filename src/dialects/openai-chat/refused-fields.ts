// Fields that a host refuses, taken off a request under the names they have on the wire.
import type { Note } from '../../canonical/note.ts'
import type { ChatRequest } from '../../canonical/request.ts'
import { type Pass, runPasses } from '../lowering/pass.ts'
import { omit } from '../lowering/rewrite.ts'
import { type UnsupportedFeature, unsupported } from '../lowering/unsupported.ts'
import { isSearch } from './hosted-tools.ts'
import { OPENAI_CHAT } from './wire-types.ts'

const FEATURES: Readonly<Record<string, UnsupportedFeature>> = {
  user: 'user',
  safety_identifier: 'user',
  metadata: 'metadata',
  service_tier: 'tier',
  prompt_cache_key: 'cache-key',
  prompt_cache_retention: 'cache-retention',
}

/** Those among the refused that no other pass knows: settings with a feature of their own, `store`, and what only this wire has. */
export function refusedFields(fields: readonly string[]): Pass {
  const features = fields.flatMap((field) =>
    Object.hasOwn(FEATURES, field) ? (FEATURES[field] ?? []) : [],
  )
  return (request) =>
    runPasses(request, [
      unsupported({ features: [...new Set(features)] }),
      fields.includes('store') ? withoutStore : (request) => ({ value: request, notes: [] }),
      withoutLeftovers(fields),
      withoutSearch(fields),
    ])
}

/** A host without such a field stores nothing, so that `store: false` is kept by leaving it out. */
const withoutStore: Pass = (request) => {
  if (request.service?.store === undefined) return { value: request, notes: [] }
  const notes = request.service.store ? [dropped('store', 'service.store')] : []
  return { value: { ...request, service: omit(request.service, ['store']) }, notes }
}

function withoutLeftovers(fields: readonly string[]): Pass {
  return (request) => {
    const extension = request.extensions?.[OPENAI_CHAT]
    const left = extension?.fields
    const gone = fields.filter((field) => left !== undefined && Object.hasOwn(left, field))
    if (left === undefined || gone.length === 0) return { value: request, notes: [] }
    const value: ChatRequest = {
      ...request,
      extensions: {
        ...request.extensions,
        [OPENAI_CHAT]: { ...extension, fields: omit(left, gone) },
      },
    }
    return { value, notes: gone.map((field) => dropped(field, field)) }
  }
}

/** The one tool that stands in a field. */
function withoutSearch(fields: readonly string[]): Pass {
  return (request) => {
    const gone = request.tools?.filter((tool) => isSearch(tool) && fields.includes(tool.name)) ?? []
    if (gone.length === 0) return { value: request, notes: [] }
    const tools = request.tools?.filter((tool) => !gone.includes(tool)) ?? []
    const value = tools.length === 0 ? omit(request, ['tools']) : { ...request, tools }
    const notes = gone.map(({ name }): Note => ({ ...dropped(name, name), weight: 3 }))
    return { value, notes }
  }
}

function dropped(feature: string, path: string): Note {
  return { action: 'dropped', feature, path, weight: 1, reason: 'the target refuses this field' }
}
