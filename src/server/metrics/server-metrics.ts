// The server as metrics: clients that are too slow, what it sheds, its configuration, and how it stops.
import type {
  ConfigReloaded,
  DrainEnded,
  DrainStarted,
  LoadSampled,
  Shed,
  SlowClient,
} from '../../exchange/facts/server.ts'
import type { MeterMaker } from './meter-maker.ts'

export interface ServerMetrics {
  readonly slow: (fact: SlowClient) => void
  readonly draining: (fact: DrainStarted) => void
  readonly drained: (fact: DrainEnded) => void
  readonly reloaded: (fact: ConfigReloaded) => void
  readonly sampled: (fact: LoadSampled) => void
  readonly shed: (fact: Shed) => void
}

export function serverMetrics(make: MeterMaker): ServerMetrics {
  const slow = make.counter('patchbay_slow_clients_total', {
    help: 'Connections given up because their clients were too slow: in the head or body of a request, or in taking the answer',
    labels: ['phase'],
  })
  const draining = make.gauge('patchbay_draining', {
    help: '1 from the beginning of a stop until all calls have ended',
  })
  const seconds = make.gauge('patchbay_drain_seconds', {
    help: 'Seconds that the stop took until all calls had ended',
  })
  const cut = make.counter('patchbay_drain_cut_total', {
    help: 'Calls that were cut because the time to stop was up',
  })
  const reloads = make.counter('patchbay_config_reload_total', {
    help: 'Configurations that were to take the place of the one in force, by what came of it: applied or rejected',
    labels: ['result'],
  })
  const generation = make.gauge('patchbay_config_generation', {
    help: 'Which configuration is in force, where it was ever changed; 1 is that of the start',
  })
  const level = make.gauge('patchbay_load_level', {
    help: 'How much is shed, 0 (nothing) to 3, where the load is measured',
  })
  const memory = make.gauge('patchbay_load_memory', {
    help: 'Share of its memory that the process uses, 0 to 1, where the load is measured',
  })
  const shed = make.counter('patchbay_shed_total', {
    help: 'Calls refused because the process has too much to do, by what there was too much of (lag, memory, calls) and their priority',
    labels: ['reason', 'priority'],
  })
  return {
    reloaded: ({ result, generation: current }) => {
      reloads.inc({ result })
      generation.set(current)
    },
    sampled: (sample) => {
      level.set(sample.level)
      memory.set(sample.memory)
    },
    shed: ({ reason, priority = 'unknown' }) => shed.inc({ reason, priority }),
    slow: ({ phase }) => slow.inc({ phase }),
    draining: () => draining.set(1),
    drained: ({ elapsedMs, cut: calls }) => {
      draining.set(0)
      seconds.set(elapsedMs / 1000)
      cut.inc(calls)
    },
  }
}
