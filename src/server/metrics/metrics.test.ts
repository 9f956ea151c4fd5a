// What is counted of what happens, and that docs/metrics.md tells all of it.
import { readFileSync } from 'node:fs'
import { afterEach, describe, expect, it } from 'vitest'
import { GatewayError } from '../../canonical/errors.ts'
import type { CallEnded } from '../../exchange/facts/calls.ts'
import type { Happening } from '../../exchange/happening.ts'
import { type Metrics, openMetrics } from './metrics.ts'

const TARGET = { provider: 'house', model: 'tiny' }
const ID = { id: 'req_1' }

let metrics: Metrics | undefined
let nowMs = 1000

afterEach(() => {
  metrics?.close()
  metrics = undefined
  nowMs = 1000
})

/** Of a database that does its work; others stand at 0 until something happens. */
const GOOD = new Set(['patchbay_db_state 1', 'patchbay_db_integrity_ok 1'])

/** The series of these facts that are about the gateway and not the process, without those of buckets. */
async function counted(...facts: readonly Happening[]): Promise<readonly string[]> {
  metrics ??= openMetrics({ now: () => nowMs, isNamed: () => true })
  for (const fact of facts) metrics.hear(fact)
  return (await metrics.text())
    .split('\n')
    .filter((line) => /^patchbay_(?!event_loop|heap)/.test(line))
    .filter((line) => !line.includes('_bucket') && !line.endsWith(' 0'))
    .filter((line) => !GOOD.has(line))
}

const ended: CallEnded = {
  type: 'call-ended',
  ...ID,
  operation: 'chat',
  outcome: 'succeeded',
  attempts: [],
  elapsedMs: 2500,
}
const started: Happening = { type: 'call-started', ...ID, operation: 'chat' }
const begun: Happening = { type: 'stream-started', ...ID }

describe('calls', () => {
  it('are counted while they run, and by their outcome when they end', async () => {
    expect(await counted(started, begun)).toEqual([
      'patchbay_calls_active 1',
      'patchbay_streams_active 1',
    ])
    expect(await counted(ended, { type: 'stream-ended', ...ID, end: 'drain' })).toEqual([
      'patchbay_calls_total{operation="chat",outcome="succeeded"} 1',
      'patchbay_call_seconds_sum{operation="chat",outcome="succeeded"} 2.5',
      'patchbay_call_seconds_count{operation="chat",outcome="succeeded"} 1',
      'patchbay_stream_ends_total{end="drain"} 1',
    ])
  })

  it('that their callers left are counted by how far they had come', async () => {
    expect(await counted({ type: 'client-gone', ...ID, phase: 'ttft' })).toEqual([
      'patchbay_client_disconnects_total{phase="ttft"} 1',
    ])
  })
})

it('counts slow clients, and tells of a stop', async () => {
  const slow = { type: 'slow-client', phase: 'head' } as const
  expect(await counted(slow, { type: 'drain-started', calls: 2 })).toEqual([
    'patchbay_slow_clients_total{phase="head"} 1',
    'patchbay_draining 1',
  ])
  const series = await counted({ type: 'drain-ended', elapsedMs: 1500, cut: 1 })
  expect(series.slice(1)).toEqual(['patchbay_drain_seconds 1.5', 'patchbay_drain_cut_total 1'])
})

describe('requests', () => {
  const request = {
    type: 'request-answered',
    ...ID,
    method: 'POST',
    path: '/v1/chat/completions?x',
    elapsedMs: 3,
  } as const

  it('are counted by route, status and whose word the status was', async () => {
    const bad = new GatewayError('invalid_request', 'No.', { origin: 'upstream' })
    const large = new GatewayError('request_too_large', 'Too large.', { origin: 'client' })
    const route = '/v1/chat/completions'
    const series = await counted(
      { ...request, route, status: 200, provider: 'house' },
      { ...request, route, status: 400, error: bad },
      { ...request, route, status: 413, error: large },
      { ...request, path: '/invented', status: 404, error: new GatewayError('not_found', 'x') },
      { ...request, route: '/livez', status: 200 },
    )
    expect(series).toEqual([
      `patchbay_requests_total{route="${route}",code="200",by="upstream"} 1`,
      `patchbay_requests_total{route="${route}",code="400",by="upstream"} 1`,
      `patchbay_requests_total{route="${route}",code="413",by="client"} 1`,
      'patchbay_requests_total{route="none",code="404",by="gateway"} 1',
      'patchbay_requests_total{route="/livez",code="200",by="gateway"} 1',
    ])
  })
})

describe('attempts', () => {
  const failed = {
    type: 'attempt-failed',
    ...ID,
    target: TARGET,
    when: 'before-answer',
    error: new GatewayError('timeout', 'x', {
      origin: 'upstream',
      breakage: { cause: 'connect_timeout', sent: 'nothing' },
    }),
    elapsedMs: 3000,
  } as const
  const heard = { phase: 'tool', isEmpty: false } as const
  const label = 'provider="house",model="tiny"'

  it('are counted with the time to their answer, or with what went wrong', async () => {
    const series = await counted(failed, {
      type: 'attempt-answered',
      ...ID,
      target: TARGET,
      elapsedMs: 250,
      replay: true,
    })
    expect(series).toEqual([
      `patchbay_attempts_total{${label},outcome="failed"} 1`,
      `patchbay_attempts_total{${label},outcome="answered"} 1`,
      `patchbay_upstream_errors_total{${label},class="connect_timeout"} 1`,
      `patchbay_ttft_seconds_sum{${label}} 0.25`,
      `patchbay_ttft_seconds_count{${label}} 1`,
      'patchbay_uncertain_replays_total{provider="house"} 1',
    ])
  })

  it('that break within their answer are counted by what they were in', async () => {
    const attempt = { type: 'attempt-ended', ...ID, target: TARGET, elapsedMs: 1 } as const
    const series = await counted(
      { ...failed, when: 'in-answer' },
      { ...attempt, outcome: 'failed', heard },
      { ...attempt, outcome: 'succeeded', heard: { phase: 'start', isEmpty: true } },
      { ...attempt, outcome: 'succeeded', heard: { ...heard, model: 'another' } },
    )
    expect(series).toEqual([
      `patchbay_upstream_errors_total{${label},class="connect_timeout"} 1`,
      'patchbay_stream_interrupted_total{provider="house",phase="tool"} 1',
      `patchbay_empty_completions_total{${label}} 1`,
      `patchbay_model_mismatch_total{${label}} 1`,
    ])
  })

  it('that were not made are counted too, and what they may still cost', async () => {
    const series = await counted(
      { type: 'attempt-skipped', ...ID, target: TARGET, state: 'open' },
      { type: 'retry-denied', ...ID, target: TARGET, reason: 'budget' },
      { type: 'retry-budget-changed', provider: 'house', tokens: 486 },
      { type: 'retry-hint-clamped', ...ID, target: TARGET, saidMs: 1e9, keptMs: 6e4 },
      { type: 'connected', outcome: 'failed', elapsedMs: 5 },
    )
    expect(series).toEqual([
      'patchbay_connect_seconds_sum{outcome="failed"} 0.005',
      'patchbay_connect_seconds_count{outcome="failed"} 1',
      `patchbay_attempts_skipped_total{${label},state="open"} 1`,
      'patchbay_retries_denied_total{provider="house",reason="budget"} 1',
      'patchbay_retry_budget_tokens{provider="house"} 486',
      'patchbay_retry_hint_clamped_total{provider="house"} 1',
    ])
  })

  it('beside another one are counted by who won, with what the loser cost', async () => {
    const cost = { nanoUsd: 250_000_000, usd: '0.25' }
    const hedge = { type: 'hedge-ended', ...ID, loser: TARGET } as const
    expect(await counted({ ...hedge, hedge: 'won', winner: TARGET, cost })).toEqual([
      'patchbay_hedges_total{result="won"} 1',
      'patchbay_hedge_loser_cost_usd_total 0.25',
    ])
  })

  it('cost tokens and money, by whose counts is said', async () => {
    const usage = {
      input: { total: 10, cacheRead: 4 },
      output: { total: Number.NaN, reasoning: -1 },
    }
    const cost = { nanoUsd: 500_000_000, usd: '0.5' }
    const settled = { type: 'usage-settled', ...ID, target: TARGET } as const
    const series = await counted(
      { ...settled, source: 'provider', usage, cost },
      { ...settled, source: 'estimate', usage: { output: { total: 6 }, estimated: true } },
    )
    expect(series).toEqual([
      'patchbay_usage_settled_total{source="provider"} 1',
      'patchbay_usage_settled_total{source="estimate"} 1',
      `patchbay_tokens_total{${label},kind="input"} 10`,
      `patchbay_tokens_total{${label},kind="cache_read"} 4`,
      `patchbay_tokens_total{${label},kind="output"} 6`,
      `patchbay_cost_usd_total{${label}} 0.5`,
    ])
  })
})

describe('targets', () => {
  const changed = { type: 'target-state-changed', target: TARGET } as const
  const label = 'provider="house",model="tiny",credential=""'

  it('are in one state at a time, and in none while all is well', async () => {
    const open = await counted({ ...changed, from: 'closed', to: 'open' })
    expect(open).toEqual([
      `patchbay_circuit_state{${label},state="open"} 1`,
      `patchbay_ejections_total{${label}} 1`,
    ])
    const trial = await counted({ ...changed, from: 'open', to: 'half-open' })
    expect(trial).toContain(`patchbay_circuit_state{${label},state="half-open"} 1`)
    expect(trial.join()).not.toContain('state="open"')
    const closed = await counted({ ...changed, from: 'half-open', to: 'closed' })
    expect(closed).toEqual([`patchbay_ejections_total{${label}} 1`])
  })

  it('are told apart by their credentials', async () => {
    const target = { ...TARGET, credential: 'k1' }
    const series = await counted({ ...changed, target, from: 'closed', to: 'open' })
    expect(series[0]).toBe(
      'patchbay_circuit_state{provider="house",model="tiny",credential="k1",state="open"} 1',
    )
  })

  it('panic one by one', async () => {
    const panic = { type: 'panic-changed', target: TARGET } as const
    expect(await counted({ ...panic, panics: true })).toEqual([`patchbay_panic_mode{${label}} 1`])
    expect(await counted({ ...panic, panics: false })).toEqual([])
  })

  it('are left alone for a time that runs out', async () => {
    const cooled = await counted({ type: 'target-cooled', target: TARGET, forMs: 2000 })
    expect(cooled).toEqual([
      `patchbay_cooldowns_total{${label}} 1`,
      `patchbay_cooldown_seconds{${label}} 2`,
    ])
    nowMs = 2500
    expect(await counted()).toContain(`patchbay_cooldown_seconds{${label}} 0.5`)
    nowMs = 3000
    expect((await counted()).join()).not.toContain('cooldown_seconds')
  })

  it('have providers that are asked whether they are there, and what of their key', async () => {
    const series = await counted(
      { type: 'probe-ended', provider: 'house', healthy: false, elapsedMs: 1 },
      { type: 'key-checked', provider: 'house', standing: 'unknown' },
      { type: 'key-checked', provider: 'house', standing: 'ok' },
    )
    expect(series).toEqual([
      'patchbay_probes_total{provider="house",outcome="unhealthy"} 1',
      'patchbay_key_state{provider="house",state="ok"} 1',
    ])
  })
})

it('counts what is shed, and tells of the load and of the configuration', async () => {
  const series = await counted(
    { type: 'config-reloaded', result: 'rejected', generation: 1 },
    { type: 'config-reloaded', result: 'applied', generation: 2 },
    { type: 'load-sampled', lagMs: 120, utilisation: 0.9, memory: 0.5, level: 2 },
    { type: 'shed', ...ID, reason: 'lag', priority: 'batch' },
    { type: 'shed', ...ID, reason: 'memory' },
    { type: 'target-throttled', ...ID, target: TARGET },
  )
  expect(series).toEqual([
    'patchbay_target_throttled_total{provider="house",model="tiny"} 1',
    'patchbay_config_reload_total{result="rejected"} 1',
    'patchbay_config_reload_total{result="applied"} 1',
    'patchbay_config_generation 2',
    'patchbay_load_level 2',
    'patchbay_load_memory 0.5',
    'patchbay_shed_total{reason="lag",priority="batch"} 1',
    'patchbay_shed_total{reason="memory",priority="unknown"} 1',
  ])
})

it('counts what becomes of credentials', async () => {
  const fact = { provider: 'house', credential: 'k1', generation: 2 } as const
  const series = await counted(
    { type: 'credential-quarantined', ...fact, reason: 'auth' },
    { type: 'credential-exhausted', ...fact, forMs: 900_000 },
    { type: 'credential-restored', ...fact, by: 'probe' },
    { type: 'credential-replaced', ...fact },
    { type: 'client-retry-seen', ...ID, count: 2 },
  )
  const label = 'provider="house",credential="k1"'
  expect(series).toEqual([
    'patchbay_client_retries_seen_total 1',
    `patchbay_credential_quarantined_total{${label},reason="auth"} 1`,
    `patchbay_credential_exhausted_total{${label}} 1`,
    `patchbay_credential_restored_total{${label},by="probe"} 1`,
    `patchbay_credential_generation{${label}} 2`,
  ])
})

it('counts what limits decide, where, and how the shared count is', async () => {
  const series = await counted(
    { type: 'limiter-decided', ...ID, of: 'caller', granted: true, mode: 'shared' },
    { type: 'limiter-decided', ...ID, of: 'target', granted: false, mode: 'local' },
    { type: 'limiter-asked', operation: 'take', answered: false, elapsedMs: 25 },
    { type: 'limiter-backend', state: 'up' },
    { type: 'limiter-error', reason: 'redis_timeout' },
    { type: 'limiter-leased', key: 'key/canary/tokens', amount: 20 },
    { type: 'limiter-reseeded', reason: 'memory-lost', counts: 3 },
  )
  expect(series).toEqual([
    'patchbay_limiter_decisions_total{of="caller",mode="shared",outcome="granted"} 1',
    'patchbay_limiter_decisions_total{of="target",mode="local",outcome="denied"} 1',
    'patchbay_limiter_mode{mode="local"} 1',
    'patchbay_limiter_backend_state{backend="redis"} 1',
    'patchbay_limiter_op_seconds_sum{operation="take",outcome="failed"} 0.025',
    'patchbay_limiter_op_seconds_count{operation="take",outcome="failed"} 1',
    'patchbay_limiter_errors_total{reason="redis_timeout"} 1',
    'patchbay_limiter_leases_total 1',
    'patchbay_limiter_reseed_total{reason="memory-lost"} 1',
  ])
})

it('counts what the database is asked, what it commits together, and how it is', async () => {
  const series = await counted(
    { type: 'store-checked', elapsedMs: 40 },
    { type: 'store-asked', operation: 'keys/find', answered: true, elapsedMs: 2, waiting: 3 },
    { type: 'store-committed', operations: 20, elapsedMs: 5 },
    { type: 'store-failed', operation: 'keys/find', failure: 'corrupt' },
    { type: 'store-retried', reason: '40001' },
    { type: 'store-state', state: 'up' },
    { type: 'store-state', state: 'down', failure: 'corrupt' },
  )
  const asked = 'operation="keys/find",outcome="answered"'
  expect(series).toEqual([
    'patchbay_db_check_seconds 0.04',
    `patchbay_db_op_seconds_sum{${asked}} 0.002`,
    `patchbay_db_op_seconds_count{${asked}} 1`,
    'patchbay_db_waiting 3',
    'patchbay_db_commit_seconds_sum 0.005',
    'patchbay_db_commit_seconds_count 1',
    'patchbay_db_commit_operations_sum 20',
    'patchbay_db_commit_operations_count 1',
    'patchbay_db_errors_total{operation="keys/find",reason="corrupt"} 1',
    'patchbay_db_retries_total{reason="40001"} 1',
  ])
})

it('tells whether the vault is open, and what in it does not open', async () => {
  const series = await counted(
    { type: 'vault-state', state: 'open' },
    { type: 'vault-state', state: 'sealed', reason: 'vault_key_unreachable' },
    { type: 'vault-rotated', generation: 2 },
    { type: 'vault-secret-refused', key: 'house/1' },
    { type: 'vault-file-behind', reason: 'ENOSPC' },
  )
  expect(series).toEqual([
    'patchbay_vault_sealed 1',
    'patchbay_vault_generation 2',
    'patchbay_vault_secrets_refused_total 1',
    'patchbay_vault_file_behind_total 1',
  ])
})

it('counts what the cache of answers did, and what keys of calls led to', async () => {
  const series = await counted(
    { type: 'cache-miss', ...ID },
    { type: 'cache-stored', ...ID, length: 10 },
    { type: 'cache-coalesced', ...ID },
    { type: 'cache-hit', ...ID, ageMs: 5 },
    { type: 'cache-bypassed', ...ID, reason: 'too-large' },
    { type: 'idempotency', ...ID, result: 'replayed' },
  )
  expect(series).toEqual([
    'patchbay_cache_total{result="miss"} 1',
    'patchbay_cache_total{result="stored"} 1',
    'patchbay_cache_total{result="hit"} 1',
    'patchbay_cache_total{result="too-large"} 1',
    'patchbay_cache_coalesced_total 1',
    'patchbay_idempotency_total{result="replayed"} 1',
  ])
})

it('shows the process: its lag, memory, files and start', async () => {
  metrics = openMetrics({ now: () => 5000, isNamed: () => false })
  const text = await metrics.text()
  expect(text).toMatch(/^patchbay_event_loop_lag_seconds\{quantile="0.99"\} [\d.e-]+$/m)
  expect(text).toMatch(/^process_resident_memory_bytes \d{7,}$/m)
  expect(text).toMatch(/^process_cpu_seconds_total [\d.]+$/m)
  expect(text).toMatch(/^process_start_time_seconds 5$/m)
})

it('has a registry of its own in every gateway', async () => {
  await counted(started)
  const other = openMetrics({ now: () => 0, isNamed: () => false })
  expect(await other.text()).toContain('patchbay_calls_active 0')
  other.close()
})

it('is told in full by docs/metrics.md', async () => {
  metrics = openMetrics({ now: () => 0, isNamed: () => false })
  const page = readFileSync(new URL('../../../docs/metrics.md', import.meta.url), 'utf8')
  const rows = page.split('\n').filter((line) => /^\| `(?:patchbay|process)_/.test(line))
  const made = metrics.list().map(({ name, type, labels, help }) => {
    const named = labels.map((label) => `\`${label}\``).join(', ')
    return `| \`${name}\` | ${type} | ${named} | ${help} |`
  })
  expect(rows).toEqual(made)
})
