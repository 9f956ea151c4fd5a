// Calls and HTTP requests as metrics: how many, how they ended, and for how long they took.
import type {
  CallEnded,
  ClientGone,
  StreamEnded,
  UndeclaredTool,
} from '../../exchange/facts/calls.ts'
import type { RequestAnswered } from '../../exchange/facts/server.ts'
import { type MeterMaker, SLOW } from './meter-maker.ts'

export interface CallMetrics {
  readonly started: () => void
  readonly ended: (fact: CallEnded) => void
  readonly streamStarted: () => void
  readonly streamEnded: (fact: StreamEnded) => void
  readonly left: (fact: ClientGone) => void
  readonly answered: (fact: RequestAnswered) => void
  readonly resent: () => void
  readonly undeclared: (fact: UndeclaredTool) => void
}

export function callMetrics(make: MeterMaker): CallMetrics {
  const requests = make.counter('patchbay_requests_total', {
    help: 'HTTP requests answered, by route, status and who decided it (client: its own fault; gateway; upstream)',
    labels: ['route', 'code', 'by'],
  })
  const resent = make.counter('patchbay_client_retries_seen_total', {
    help: 'Calls that a client says it has tried before',
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
    help: 'Streams ended: whole, failed, or by who or what cut them',
    labels: ['end'],
  })
  const disconnects = make.counter('patchbay_client_disconnects_total', {
    help: 'Callers that left before the end, by how far the call had come: queue, ttft (an answer was waited for), stream',
    labels: ['phase'],
  })
  const undeclared = make.counter('patchbay_undeclared_tool_calls_total', {
    help: 'Tools called by answers whose requests declare none of that name, by who answered',
    labels: ['provider'],
  })
  return {
    undeclared: ({ target }) => undeclared.inc({ provider: target.provider }),
    started: () => active.inc(),
    ended: ({ operation, outcome, elapsedMs }) => {
      active.dec()
      calls.inc({ operation, outcome })
      seconds.observe({ operation, outcome }, elapsedMs / 1000)
    },
    streamStarted: () => streams.inc(),
    streamEnded: ({ end }) => {
      streams.dec()
      ends.inc({ end })
    },
    resent: () => resent.inc(),
    left: ({ phase }) => disconnects.inc({ phase }),
    answered: ({ route = 'none', status, provider, error }) => {
      requests.inc({ route, code: String(status), by: decider(provider, error) })
    },
  }
}

/** Whose word the status is. */
function decider(provider: string | undefined, error: RequestAnswered['error']): string {
  if (error !== undefined) return error.origin
  return provider === undefined ? 'gateway' : 'upstream'
}
