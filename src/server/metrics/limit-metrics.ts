// Limits as metrics: what they decided, where they were counted, and how the shared count is.
import type { LimitDecided, LimiterAsked, LimiterBackendChanged } from '../../exchange/happening.ts'
import { type MeterMaker, QUICK } from './meter-maker.ts'

export interface LimitMetrics {
  readonly decided: (fact: LimitDecided) => void
  readonly asked: (fact: LimiterAsked) => void
  readonly changed: (fact: LimiterBackendChanged) => void
}

const MODES = ['memory', 'shared', 'local', 'leased', 'closed'] as const

export function limitMetrics(make: MeterMaker): LimitMetrics {
  const decisions = make.counter('patchbay_limiter_decisions_total', {
    help: 'Calls let through their limits or not, by where was counted: memory (this process), shared, or, while the shared count is lost, local, leased or closed',
    labels: ['mode', 'outcome'],
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
    help: 'Seconds that the shared count took for an operation: take, charge, renew, release',
    labels: ['operation', 'outcome'],
    buckets: QUICK,
  })
  const errors = make.counter('patchbay_limiter_errors_total', {
    help: 'Operations at which the shared count failed',
    labels: ['operation'],
  })
  return {
    decided: ({ mode: counted, granted }) => {
      decisions.inc({ mode: counted, outcome: granted ? 'granted' : 'denied' })
      for (const known of MODES) mode.set({ mode: known }, known === counted ? 1 : 0)
    },
    asked: ({ operation, outcome, elapsedMs }) => {
      seconds.observe({ operation, outcome }, elapsedMs / 1000)
      if (outcome === 'failed') errors.inc({ operation })
    },
    changed: ({ state: now }) => state.set({ backend: 'redis' }, now === 'up' ? 1 : 0),
  }
}
