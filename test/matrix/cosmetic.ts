// Changes of weight 0 that no codec notes, since nobody asked for what they are about: ids, times, details of counts, what a vendor adds of its own.
import type { Note } from '../../src/canonical/note.ts'
import type { Case, Way } from './case.ts'
import type { Difference } from './difference.ts'

const PLACES: readonly (readonly [RegExp, feature: string])[] = [
  [/^id$/, 'response_id'],
  [/^createdMs$/, 'created'],
  [/^fingerprint$/, 'fingerprint'],
  [/^tier$/, 'service_tier'],
  [/^usage\.(?!(?:input|output)\.total)/, 'usage_details'],
  [/^usage\.(?:input|output)\.total$/, 'usage'],
  [/logprobs.*\.bytes$/, 'logprob_bytes'],
  [/(?:^|\.)left(?:[.[]|$)/, 'vendor_fields'],
]

/** An answer with notes for its cosmetic changes, and for having become an error. */
export function withCosmetics(one: Case): Case {
  if (!isAnswer(one.way)) return one
  if (one.changes.some(({ path }) => path === 'error')) {
    return { ...one, changes: [FAILED], notes: [FAILURE] }
  }
  const notes = one.changes.flatMap((change) => noteOf(change))
  return { ...one, notes: [...one.notes, ...notes] }
}

function isAnswer(way: Way): boolean {
  return way === 'answer' || way === 'stream'
}

const FAILED: Difference = { path: 'error', from: undefined, to: 'error' }

const FAILURE: Note = {
  action: 'approximated',
  feature: 'finish_reason',
  path: 'error',
  weight: 3,
  reason: 'the client gets an error, as its protocol has no answer that ends so',
}

function noteOf({ path, from, to }: Difference): readonly Note[] {
  const feature = PLACES.find(([place]) => place.test(path))?.[1]
  if (feature === undefined) return []
  if (to === undefined) {
    const reason = "the client's protocol has no place for it"
    return [{ action: 'dropped', feature, path, weight: 0, reason }]
  }
  const reason = "the client's protocol wants one"
  const action = from === undefined ? 'synthesized' : 'approximated'
  return [{ action, feature, path, weight: 0, reason }]
}
