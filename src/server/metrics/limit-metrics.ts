// Limits as metrics: what they decided, where they were counted, and how the shared count is.
import type { Happening } from '../../exchange/happening.ts'
import { type MeterMaker, QUICK } from './meter-maker.ts'

/** The facts that are about limits. */
export type LimitFact = Extract<Happening, { readonly type: `limiter-${string}` }>

const MODES = ['memory', 'shared', 'local', 'leased', 'closed'] as const

export function limitMetrics(make: MeterMaker): (fact: LimitFact) => void {
  const decisions = make.counter('patchbay_limiter_decisions_total', {
    help: 'Calls (`caller`) and attempts (`target`) let through their limits or not, by where was counted: memory (this process), shared, or, while the shared count is lost, local, leased or closed',
    labels: ['of', 'mode', 'outcome'],
  })
  const mode = make.gauge('patchbay_limiter_mode', {
    help: 'Where the last decision was counted: 1 for that mode',
    labels: ['mode'],
  })
  const state = make.gauge('patchbay_limiter_backend_state', {
    help: 'Whether the shared count of limits is there: 1, or 0 while it is lost; none where there is none',
    labels: ['backend'],
  })
  const seconds = make.histogram('patchbay_limiter_op_seconds', {
    help: 'Seconds that the shared count took for an operation, with an answer or without',
    labels: ['operation', 'outcome'],
    buckets: QUICK,
  })
  const errors = make.counter('patchbay_limiter_errors_total', {
    help: 'Failures of the shared count, by what it was',
    labels: ['reason'],
  })
  const leased = make.counter('patchbay_limiter_leases_total', {
    help: 'Slices of limits paid for in advance, to be spent while the shared count is lost',
  })
  const reseeded = make.counter('patchbay_limiter_reseed_total', {
    help: 'Times that the shared count had lost what it knew and was told, by how it was seen: memory-lost or count-missing',
    labels: ['reason'],
  })
  let shown: (typeof MODES)[number] | undefined
  return (fact) => {
    switch (fact.type) {
      case 'limiter-decided':
        decisions.inc({
          of: fact.of,
          mode: fact.mode,
          outcome: fact.granted ? 'granted' : 'denied',
        })
        if (fact.mode === shown) return
        shown = fact.mode
        for (const known of MODES) mode.set({ mode: known }, known === shown ? 1 : 0)
        return
      case 'limiter-asked': {
        const { operation, answered, elapsedMs } = fact
        seconds.observe({ operation, outcome: answered ? 'answered' : 'failed' }, elapsedMs / 1000)
        return
      }
      case 'limiter-backend':
        return state.set({ backend: 'redis' }, fact.state === 'up' ? 1 : 0)
      case 'limiter-error':
        return errors.inc({ reason: fact.reason })
      case 'limiter-leased':
        return leased.inc()
      case 'limiter-reseeded':
        return reseeded.inc({ reason: fact.reason })
    }
  }
}
