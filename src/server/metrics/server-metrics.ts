// The server as metrics: clients that are too slow, and how it stops.
import type { DrainEnded, DrainStarted, SlowClient } from '../../exchange/happening.ts'
import type { MeterMaker } from './meter-maker.ts'

export interface ServerMetrics {
  readonly slow: (fact: SlowClient) => void
  readonly draining: (fact: DrainStarted) => void
  readonly drained: (fact: DrainEnded) => void
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
  return {
    slow: ({ phase }) => slow.inc({ phase }),
    draining: () => draining.set(1),
    drained: ({ elapsedMs, cut: calls }) => {
      draining.set(0)
      seconds.set(elapsedMs / 1000)
      cut.inc(calls)
    },
  }
}
