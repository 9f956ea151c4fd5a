// The metrics of one gateway: what happens, counted, in the text that Prometheus reads.
import { Registry } from '@prometheus-io/client'
import type { Happening, OwnFact, Tell } from '../../exchange/happening.ts'
import { alertMetrics } from './alert-metrics.ts'
import { attemptMetrics, usageMetrics } from './attempt-metrics.ts'
import { budgetMetrics } from './budget-metrics.ts'
import { cacheMetrics } from './cache-metrics.ts'
import { callMetrics } from './call-metrics.ts'
import { credentialMetrics } from './credential-metrics.ts'
import { limitMetrics } from './limit-metrics.ts'
import { type MeterDescription, MeterMaker } from './meter-maker.ts'
import { processMetrics } from './process-metrics.ts'
import { serverMetrics } from './server-metrics.ts'
import { storeMetrics } from './store-metrics.ts'
import { TargetLabels, type TargetLabelsOptions } from './target-labels.ts'
import { targetMetrics } from './target-metrics.ts'
import { vaultMetrics } from './vault-metrics.ts'

export interface MetricsOptions extends TargetLabelsOptions {
  /** Milliseconds since 1970. */
  readonly now: () => number
  /** Which of several processes this is: every meter then says so. */
  readonly worker?: { readonly rank: number; readonly restarts: number }
}

export interface Metrics {
  /** Counts a fact. */
  readonly hear: Tell
  readonly contentType: string
  text(): Promise<string>
  list(): readonly MeterDescription[]
  close(): void
}

export function openMetrics(options: MetricsOptions): Metrics {
  const registry = new Registry()
  const { worker } = options
  // Each has counts of its own, which begin anew with its process: added up here, they would seem to fall when one ends.
  if (worker !== undefined) registry.setDefaultLabels({ worker: String(worker.rank) })
  const make = new MeterMaker(registry)
  const hear = hearing(make, options)
  const stop = processMetrics(make, options.now())
  make
    .counter('patchbay_worker_restarts_total', {
      help: 'Times that a worker process was started in the place of one that had died',
    })
    .inc(worker?.restarts ?? 0)
  return {
    hear,
    contentType: registry.contentType,
    text: async () => registry.metrics(),
    list: () => make.list(),
    close: () => {
      stop()
      registry.clear()
    },
  }
}

/** Every fact has its place here, or says that it needs none. */
function hearing(make: MeterMaker, options: MetricsOptions): Tell {
  const labels = new TargetLabels(options)
  const calls = callMetrics(make)
  const attempts = attemptMetrics(make, labels)
  const settled = usageMetrics(make, labels)
  const targets = targetMetrics(make, { labels, now: options.now })
  const limits = limitMetrics(make)
  const budgets = budgetMetrics(make)
  const cache = cacheMetrics(make)
  const credentials = credentialMetrics(make)
  const server = serverMetrics(make)
  const store = storeMetrics(make)
  const vault = vaultMetrics(make)
  const alerts = alertMetrics(make)
  /** Who has seen it has counted it; how things stand is shown by all. */
  const heard = (fact: OwnFact): void => {
    if (fact.type === 'target-state-changed') targets.stands(fact)
  }
  return (fact: Happening): void => {
    switch (fact.type) {
      case 'call-started':
        return calls.started()
      case 'stream-started':
        return calls.streamStarted()
      case 'stream-ended':
        return calls.streamEnded(fact)
      case 'undeclared-tool':
        return calls.undeclared(fact)
      case 'client-gone':
        return calls.left(fact)
      case 'slow-client':
        return server.slow(fact)
      case 'drain-started':
        return server.draining(fact)
      case 'drain-ended':
        return server.drained(fact)
      case 'config-reloaded':
        return server.reloaded(fact)
      case 'load-sampled':
        return server.sampled(fact)
      case 'shed':
        return server.shed(fact)
      case 'target-throttled':
        return attempts.throttled(fact)
      case 'call-ended':
        return calls.ended(fact)
      case 'request-answered':
        return calls.answered(fact)
      case 'attempt-answered':
        return attempts.answered(fact)
      case 'attempt-ended':
        return attempts.ended(fact)
      case 'attempt-failed':
        return attempts.failed(fact)
      case 'attempt-skipped':
        return attempts.skipped(fact)
      case 'retry-denied':
        return attempts.denied(fact)
      case 'retry-budget-changed':
        return attempts.budgeted(fact)
      case 'retry-hint-clamped':
        return attempts.clamped(fact)
      case 'hedge-ended':
        return attempts.hedged(fact)
      case 'connected':
        return attempts.connected(fact)
      case 'usage-settled':
        return settled(fact)
      case 'target-state-changed':
        return targets.changed(fact)
      case 'panic-changed':
        return targets.panicked(fact)
      case 'target-cooled':
        return targets.cooled(fact)
      case 'heard':
        return heard(fact.fact)
      case 'provider-found':
      case 'target-tried':
      case 'worker-ended':
        return
      case 'probe-ended':
        return targets.probed(fact)
      case 'key-checked':
        return targets.keyed(fact)
      case 'credential-exhausted':
      case 'credential-quarantined':
      case 'credential-replaced':
      case 'credential-restored':
        return credentials(fact)
      case 'client-retry-seen':
        return calls.resent()
      case 'limiter-asked':
      case 'limiter-backend':
      case 'limiter-decided':
      case 'limiter-error':
      case 'limiter-leased':
      case 'limiter-reseeded':
        return limits(fact)
      case 'attempt-settled':
      case 'budget-changed':
      case 'budget-overspent':
      case 'budget-refused':
      case 'ledger-failed':
      case 'ledger-recovered':
      case 'ledger-replayed':
      case 'price-missing':
        return budgets(fact)
      case 'alert-failed':
      case 'alert-raised':
      case 'alert-sent':
        return alerts(fact)
      case 'store-asked':
      case 'store-checked':
      case 'store-committed':
      case 'store-failed':
      case 'store-retried':
      case 'store-state':
        return store(fact)
      case 'cache-bypassed':
      case 'cache-coalesced':
      case 'cache-hit':
      case 'cache-miss':
      case 'cache-stored':
      case 'idempotency':
        return cache(fact)
      case 'vault-file-behind':
      case 'vault-kept':
      case 'vault-rotated':
      case 'vault-secret-refused':
      case 'vault-state':
        return vault(fact)
      default:
        // A fact that is new and has no place here yet does not compile.
        fact satisfies never
    }
  }
}
