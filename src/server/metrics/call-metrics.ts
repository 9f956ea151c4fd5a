// Calls and HTTP requests as metrics: how many, how they ended, and for how long they took.
import type {
  CallEnded,
  CallStarted,
  RequestAnswered,
  StreamStarted,
} from '../../exchange/happening.ts'
import { type MeterMaker, SLOW } from './meter-maker.ts'

export interface CallMetrics {
  readonly started: (fact: CallStarted) => void
  readonly streamed: (fact: StreamStarted) => void
  readonly ended: (fact: CallEnded) => void
  readonly answered: (fact: RequestAnswered) => void
}

export function callMetrics(make: MeterMaker): CallMetrics {
  const requests = make.counter('patchbay_requests_total', {
    help: 'HTTP requests answered, by route, status and who decided it (client: its own fault; gateway; upstream)',
    labels: ['route', 'code', 'by'],
  })
  const resent = make.counter('patchbay_client_retries_seen_total', {
    help: 'Requests that an SDK says it has sent before',
  })
  const calls = make.counter('patchbay_calls_total', {
    help: 'Calls to a model ended, by what was asked and the outcome',
    labels: ['operation', 'outcome'],
  })
  const seconds = make.histogram('patchbay_call_seconds', {
    help: 'Seconds from the beginning of a call to its end, all attempts and the whole stream in it',
    labels: ['operation', 'outcome'],
    buckets: SLOW,
  })
  const active = make.gauge('patchbay_calls_active', { help: 'Calls under way' })
  const streams = make.gauge('patchbay_streams_active', { help: 'Streams under way' })
  const ends = make.counter('patchbay_stream_ends_total', {
    help: 'Streams ended, by how: complete, error, or who or what cut them',
    labels: ['end'],
  })
  const disconnects = make.counter('patchbay_client_disconnects_total', {
    help: 'Callers that left before the end, by how far the call had come: queue, ttft (an answer was waited for), stream',
    labels: ['phase'],
  })
  return {
    started: () => active.inc(),
    streamed: () => streams.inc(),
    ended: (fact) => {
      const { operation, outcome, elapsedMs, reached: phase } = fact
      active.dec()
      calls.inc({ operation, outcome })
      seconds.observe({ operation, outcome }, elapsedMs / 1000)
      if (hasLeft(fact)) disconnects.inc({ phase })
      if (fact.streamed !== true) return
      streams.dec()
      ends.inc({ end: endOf(fact) })
    },
    answered: ({ route = 'none', status, provider, error, resent: times }) => {
      requests.inc({ route, code: String(status), by: decider(provider, error) })
      if (times !== undefined) resent.inc()
    },
  }
}

/** Whose word the status is. */
function decider(provider: string | undefined, error: RequestAnswered['error']): string {
  if (error !== undefined) return error.origin
  return provider === undefined ? 'gateway' : 'upstream'
}

function hasLeft({ outcome, abortedBy }: CallEnded): boolean {
  return outcome === 'abandoned' && (abortedBy === undefined || abortedBy.kind === 'cancelled')
}

/** Of the ends that have a reason of their own, by the code of it. */
const CUTS: Readonly<Record<string, string>> = {
  gateway_draining: 'drain',
  client_stalled: 'client_stalled',
  deadline_exceeded: 'deadline',
  caller_timeout: 'deadline',
  total_timeout: 'deadline',
  budget_exceeded: 'budget',
  gateway_overloaded: 'shed',
}

function endOf(fact: CallEnded): string {
  const { outcome, error, abortedBy } = fact
  const cut = CUTS[abortedBy?.code ?? ''] ?? CUTS[error?.code ?? '']
  // Whoever stops reading at the last event has had all of it.
  if (outcome === 'succeeded') return 'complete'
  if (cut !== undefined) return cut
  return hasLeft(fact) ? 'client' : 'error'
}
