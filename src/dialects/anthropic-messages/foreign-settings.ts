// Settings of other dialects that this wire has no word for, or only in part.
import type { Note } from '../../canonical/note.ts'
import type { Pass } from '../lowering/pass.ts'
import { omit } from '../lowering/rewrite.ts'
import { unsupported } from '../lowering/unsupported.ts'

/** Cache marks and the automatic mark stay; keys and retention belong to other kinds of cache. */
export const cacheKeys: Pass = (request) => {
  const { caching } = request
  if (caching?.key === undefined && caching?.retention === undefined) {
    return { value: request, notes: [] }
  }
  const note: Note = {
    action: 'dropped',
    feature: 'prompt_cache_key',
    path: 'caching',
    weight: 1,
    reason: 'the target caches by marks in the prompt',
  }
  const { auto } = caching
  const rest = omit(request, ['caching'])
  return { value: auto === undefined ? rest : { ...rest, caching: { auto } }, notes: [note] }
}

const TIERS: ReadonlySet<string> = new Set(['auto', 'default'])

export const serviceTier: Pass = (request) => {
  const tier = request.service?.tier
  if (tier === undefined || TIERS.has(tier)) return { value: request, notes: [] }
  return unsupported({ features: ['tier'] })(request)
}

/** The wire refuses a choice among no tools. */
export const choiceWithoutTools: Pass = (request) => {
  const offered = request.tools !== undefined && request.tools.length > 0
  const own = request.toolChoice?.extensions !== undefined
  if (offered || own) return { value: request, notes: [] }
  if (request.toolChoice === undefined && request.parallelToolCalls === undefined) {
    return { value: request, notes: [] }
  }
  const forced = request.toolChoice?.mode === 'required'
  const note: Note = {
    action: 'dropped',
    feature: 'tool_choice',
    path: 'toolChoice',
    weight: forced ? 3 : 0,
    reason: 'there are no tools to choose from',
  }
  return { value: omit(request, ['toolChoice', 'parallelToolCalls']), notes: [note] }
}
