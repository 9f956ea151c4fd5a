// How targets, providers and their keys stand, as metrics.
import type { KeyChecked } from '../../exchange/facts/credentials.ts'
import type {
  PanicChanged,
  ProbeEnded,
  TargetCooled,
  TargetState,
  TargetStateChanged,
} from '../../exchange/facts/targets.ts'
import { targetName } from '../../exchange/target.ts'
import type { MeterMaker } from './meter-maker.ts'
import { type CredentialLabel, type TargetLabels, withCredential } from './target-labels.ts'

export interface TargetMetrics {
  readonly changed: (fact: TargetStateChanged) => void
  /** As another process has counted it. */
  readonly stands: (fact: TargetStateChanged) => void
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

const TARGET = ['provider', 'model', 'credential'] as const
const KEY_STANDINGS = ['ok', 'invalid', 'unknown'] as const

export function targetMetrics(make: MeterMaker, { labels, now }: Surroundings): TargetMetrics {
  const circuit = make.gauge('patchbay_circuit_state', {
    help: 'Targets whose circuit breaker is not closed, by its state: open, half-open, slow-start; 1 for each. With a `credential`: the target with that one alone',
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
  const cooling = new Map<string, { readonly label: CredentialLabel; readonly untilMs: number }>()
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
  const shown = new Map<string, CredentialLabel & { readonly state: TargetState }>()
  const panicking = new Map<string, CredentialLabel>()
  const stands: TargetMetrics['stands'] = ({ target, to: state }) => {
    const key = targetName(target)
    const before = shown.get(key)
    if (before !== undefined) circuit.dec({ ...before })
    shown.delete(key)
    if (state === 'closed') return
    const now = { ...withCredential(labels, target), state }
    circuit.inc(now)
    shown.set(key, now)
  }
  return {
    stands,
    changed: (fact) => {
      stands(fact)
      if (fact.to === 'open') ejections.inc(withCredential(labels, fact.target))
    },
    panicked: ({ target, panics }) => {
      const key = targetName(target)
      const label = panicking.get(key) ?? withCredential(labels, target)
      if (panics) panicking.set(key, label)
      else panicking.delete(key)
      if (panics) panic.inc({ ...label })
      else panic.dec({ ...label })
    },
    cooled: ({ target, forMs }) => {
      const label = withCredential(labels, target)
      cooldowns.inc({ ...label })
      cooling.set(targetName(target), { label, untilMs: now() + forMs })
    },
    probed: ({ provider, healthy }) =>
      probes.inc({ provider, outcome: healthy ? 'healthy' : 'unhealthy' }),
    keyed: ({ provider, standing }) => {
      for (const state of KEY_STANDINGS) keys.set({ provider, state }, state === standing ? 1 : 0)
    },
  }
}
