// Overload and reloads as metrics: what was shed, from which level on, what targets were spared, and what became of new configurations.
import type {
  ConfigReloaded,
  LoadSampled,
  Shed,
  TargetThrottled,
} from '../../exchange/happening.ts'
import type { MeterMaker } from './meter-maker.ts'
import type { TargetLabels } from './target-labels.ts'

export type LoadFact = ConfigReloaded | LoadSampled | Shed | TargetThrottled

export function loadMetrics(make: MeterMaker, labels: TargetLabels): (fact: LoadFact) => void {
  const shed = make.counter('patchbay_shed_total', {
    help: 'Calls refused because the process had more to do than it could, by why (lag, memory, calls) and priority; unknown before a call is read',
    labels: ['reason', 'priority'],
  })
  const level = make.gauge('patchbay_load_level', {
    help: 'What is shed: 1 batch work, 2 whole answers too, 3 all but what is critical',
  })
  const throttled = make.counter('patchbay_target_throttled_total', {
    help: 'Calls not sent to a target because it refused most of them lately',
    labels: ['provider', 'model'],
  })
  const reloads = make.counter('patchbay_config_reload_total', {
    help: 'Configurations that were to take the place of the one in force, by what became of them: applied or rejected',
    labels: ['result'],
  })
  const generation = make.gauge('patchbay_config_generation', {
    help: 'Which configuration is in force, counted from 1, that of the start; 0 until one is reloaded',
  })
  return (fact) => {
    switch (fact.type) {
      case 'shed':
        return shed.inc({ reason: fact.reason, priority: fact.priority ?? 'unknown' })
      case 'load-sampled':
        return level.set(fact.level)
      case 'target-throttled': {
        const { provider, model } = labels.of(fact.target)
        return throttled.inc({ provider, model })
      }
      case 'config-reloaded':
        reloads.inc({ result: fact.result })
        return generation.set(fact.generation)
    }
  }
}
