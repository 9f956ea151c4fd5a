// Settings of other dialects that this wire has no word for, or only in part.
import type { Note } from '../../canonical/note.ts'
import type { Pass } from '../lowering/pass.ts'
import { omit } from '../lowering/rewrite.ts'
import { unsupported } from '../lowering/unsupported.ts'
import { DIALECT } from './wire-types.ts'

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

/** A stop string of blanks alone is refused. */
export const blankStops: Pass = (request) => {
  const stop = request.sampling.stop?.filter((text) => text.trim() !== '')
  if (stop?.length === request.sampling.stop?.length || request.origin.dialect === DIALECT) {
    return { value: request, notes: [] }
  }
  const note: Note = {
    action: 'dropped',
    feature: 'stop',
    path: 'sampling.stop',
    weight: 2,
    reason: 'the target takes no stop string of blanks alone',
  }
  const rest = omit(request.sampling, ['stop'])
  const sampling = stop === undefined || stop.length === 0 ? rest : { ...rest, stop }
  return { value: { ...request, sampling }, notes: [note] }
}

const TIERS: ReadonlySet<string> = new Set(['auto', 'default'])

export const serviceTier: Pass = (request) => {
  const tier = request.service?.tier
  if (tier === undefined || TIERS.has(tier)) return { value: request, notes: [] }
  return unsupported({ features: ['tier'] })(request)
}
