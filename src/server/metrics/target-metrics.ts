// How targets, providers and their keys stand, as metrics.
import type {
  KeyChecked,
  PanicChanged,
  ProbeEnded,
  TargetCooled,
  TargetState,
  TargetStateChanged,
} from '../../exchange/happening.ts'
import type { Target } from '../../exchange/target.ts'
import type { MeterMaker } from './meter-maker.ts'
import type { TargetLabel, TargetLabels } from './target-labels.ts'

export interface TargetMetrics {
  readonly changed: (fact: TargetStateChanged) => void
  readonly panicked: (fact: PanicChanged) => void
  readonly cooled: (fact: TargetCooled) => void
  readonly probed: (fact: ProbeEnded) => void
  readonly keyed: (fact: KeyChecked) => void
}

interface Surroundings {
  readonly labels: TargetLabels
  /** Milliseconds. */
  readonly now: () => number
}

const TARGET = ['provider', 'model'] as const
const KEY_STANDINGS = ['ok', 'invalid', 'unknown'] as const

export function targetMetrics(make: MeterMaker, { labels, now }: Surroundings): TargetMetrics {
  const circuit = make.gauge('patchbay_circuit_state', {
    help: 'Targets whose circuit breaker is not closed, by its state: open, half-open, slow-start; 1 for each such target',
    labels: [...TARGET, 'state'],
  })
  const ejections = make.counter('patchbay_ejections_total', {
    help: 'Times that a circuit breaker opened',
    labels: TARGET,
  })
  const panic = make.gauge('patchbay_panic_mode', {
    help: 'Targets asked although their circuit breaker is open, because every other one is open too',
    labels: TARGET,
  })
  const cooldowns = make.counter('patchbay_cooldowns_total', {
    help: 'Times that a target was left alone because it asked for it',
    labels: TARGET,
  })
  const cooling = new Map<string, { readonly label: TargetLabel; readonly untilMs: number }>()
  make.gauge('patchbay_cooldown_seconds', {
    help: 'Seconds for which a target is still left alone',
    labels: TARGET,
    collect: (gauge) => {
      gauge.reset()
      for (const [key, { label, untilMs }] of cooling) {
        const left = untilMs - now()
        if (left > 0) gauge.set({ ...label }, left / 1000)
        else cooling.delete(key)
      }
    },
  })
  const probes = make.counter('patchbay_probes_total', {
    help: 'Free questions whether a provider is there, by outcome: healthy or unhealthy',
    labels: ['provider', 'outcome'],
  })
  const keys = make.gauge('patchbay_key_state', {
    help: 'What a provider says of its key: 1 for ok, invalid or unknown',
    labels: ['provider', 'state'],
  })
  // As they were last counted: a target may get a name of its own while it is counted as one of the others.
  const shown = new Map<string, TargetLabel & { readonly state: TargetState }>()
  const panicking = new Map<string, TargetLabel>()
  return {
    changed: ({ target, to: state }) => {
      const key = keyOf(target)
      const before = shown.get(key)
      if (before !== undefined) circuit.dec({ ...before })
      shown.delete(key)
      if (state === 'closed') return
      const now = { ...labels.of(target), state }
      circuit.inc(now)
      shown.set(key, now)
      if (state === 'open') ejections.inc(labels.of(target))
    },
    panicked: ({ target, panics }) => {
      const key = keyOf(target)
      const label = panicking.get(key) ?? labels.of(target)
      if (panics) panicking.set(key, label)
      else panicking.delete(key)
      if (panics) panic.inc({ ...label })
      else panic.dec({ ...label })
    },
    cooled: ({ target, forMs }) => {
      const label = labels.of(target)
      cooldowns.inc({ ...label })
      cooling.set(keyOf(target), { label, untilMs: now() + forMs })
    },
    probed: ({ provider, healthy }) =>
      probes.inc({ provider, outcome: healthy ? 'healthy' : 'unhealthy' }),
    keyed: ({ provider, standing }) => {
      for (const state of KEY_STANDINGS) keys.set({ provider, state }, state === standing ? 1 : 0)
    },
  }
}

function keyOf({ provider, model }: Target): string {
  return `${provider}/${model}`
}
