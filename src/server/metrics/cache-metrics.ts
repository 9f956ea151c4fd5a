// Answers that were given before as metrics: what the cache did for calls that asked for it, and what keys of calls led to.
import type { Happening } from '../../exchange/happening.ts'
import type { MeterMaker } from './meter-maker.ts'

/** The facts that are about the cache of answers, and about calls that are sent again. */
export type CacheFact = Extract<Happening, { readonly type: `cache-${string}` | 'idempotency' }>

export function cacheMetrics(make: MeterMaker): (fact: CacheFact) => void {
  const calls = make.counter('patchbay_cache_total', {
    help: 'What became of calls that asked for the cache of answers: hit, miss, stored (after a miss), or the reason why it had no part in them',
    labels: ['result'],
  })
  const coalesced = make.counter('patchbay_cache_coalesced_total', {
    help: 'Calls that waited for the same call that had come just before, and got its answer',
  })
  const keys = make.counter('patchbay_idempotency_total', {
    help: 'What the Idempotency-Key of calls led to: first, stored, not-stored, replayed, in-flight, mismatch or store-lost',
    labels: ['result'],
  })
  return (fact) => {
    switch (fact.type) {
      case 'cache-hit':
        return calls.inc({ result: 'hit' })
      case 'cache-miss':
        return calls.inc({ result: 'miss' })
      case 'cache-stored':
        return calls.inc({ result: 'stored' })
      case 'cache-bypassed':
        return calls.inc({ result: fact.reason })
      case 'cache-coalesced':
        return coalesced.inc()
      case 'idempotency':
        return keys.inc({ result: fact.result })
    }
  }
}
