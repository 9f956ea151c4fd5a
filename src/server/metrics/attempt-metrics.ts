// Attempts as metrics: what was asked of providers, what came of it, and what was spared them.
import type {
  AttemptAnswered,
  AttemptEnded,
  AttemptFailed,
  AttemptSkipped,
  Connected,
  HedgeEnded,
  RetryBudgetChanged,
  RetryDenied,
  RetryHintClamped,
  UsageSettled,
} from '../../exchange/facts/attempts.ts'
import type { TargetThrottled } from '../../exchange/facts/targets.ts'
import { failureCause } from '../../exchange/failure-cause.ts'
import { isOtherModel } from '../../exchange/served-model.ts'
import { type MeterMaker, QUICK, SLOW } from './meter-maker.ts'
import type { TargetLabel, TargetLabels } from './target-labels.ts'

export interface AttemptMetrics {
  readonly answered: (fact: AttemptAnswered) => void
  readonly ended: (fact: AttemptEnded) => void
  readonly failed: (fact: AttemptFailed) => void
  readonly skipped: (fact: AttemptSkipped) => void
  readonly denied: (fact: RetryDenied) => void
  readonly budgeted: (fact: RetryBudgetChanged) => void
  readonly clamped: (fact: RetryHintClamped) => void
  readonly throttled: (fact: TargetThrottled) => void
  readonly hedged: (fact: HedgeEnded) => void
  readonly connected: (fact: Connected) => void
}

const TARGET = ['provider', 'model'] as const

export function attemptMetrics(make: MeterMaker, labels: TargetLabels): AttemptMetrics {
  const attempts = make.counter('patchbay_attempts_total', {
    help: 'Attempts at targets, by what came of them before an answer began: answered or failed',
    labels: [...TARGET, 'outcome'],
  })
  const errors = make.counter('patchbay_upstream_errors_total', {
    help: 'Failed attempts, and answers that broke, by what went wrong',
    labels: [...TARGET, 'class'],
  })
  const ttft = make.histogram('patchbay_ttft_seconds', {
    help: 'Seconds from asking a target to the beginning of its answer',
    labels: TARGET,
    buckets: SLOW,
  })
  const connects = make.histogram('patchbay_connect_seconds', {
    help: 'Seconds to open a connection to a provider, with name look-up and TLS, or to fail at it',
    labels: ['outcome'],
    buckets: QUICK,
  })
  const interrupted = make.counter('patchbay_stream_interrupted_total', {
    help: 'Answers that broke after their beginning, by what they were in: start, text, reasoning, tool',
    labels: ['provider', 'phase'],
  })
  const empty = make.counter('patchbay_empty_completions_total', {
    help: 'Answers that came to a good end with nothing in them',
    labels: TARGET,
  })
  const mismatched = make.counter('patchbay_model_mismatch_total', {
    help: 'Answers that name another model than was asked',
    labels: TARGET,
  })
  const replays = make.counter('patchbay_uncertain_replays_total', {
    help: 'Attempts after one that the provider may have worked on all the same',
    labels: ['provider'],
  })
  const skips = make.counter('patchbay_attempts_skipped_total', {
    help: 'Targets passed over unasked, by the state of their circuit breaker',
    labels: [...TARGET, 'state'],
  })
  const denied = make.counter('patchbay_retries_denied_total', {
    help: 'Further attempts not made, by what forbade them: budget or ratio',
    labels: ['provider', 'reason'],
  })
  const budget = make.gauge('patchbay_retry_budget_tokens', {
    help: 'Tokens left to pay for further attempts',
    labels: ['provider'],
  })
  const clamped = make.counter('patchbay_retry_hint_clamped_total', {
    help: 'Times that a provider asked to be left alone for longer than is obeyed',
    labels: ['provider'],
  })
  const throttled = make.counter('patchbay_target_throttled_total', {
    help: 'Calls not sent to a target that refused most of them lately',
    labels: TARGET,
  })
  const hedges = make.counter('patchbay_hedges_total', {
    help: 'Calls for which a second target was asked at once, by how that one fared: won, lost, failed',
    labels: ['result'],
  })
  const wasted = make.counter('patchbay_hedge_loser_cost_usd_total', {
    help: 'What those that lost have read, at the most, in US dollars, where a price is known',
  })
  const replayed = (replay: true | undefined, provider: string): void => {
    if (replay === true) replays.inc({ provider })
  }
  return {
    answered: ({ target, elapsedMs, replay }) => {
      labels.answered(target)
      attempts.inc({ ...labels.of(target), outcome: 'answered' })
      ttft.observe(labels.of(target), elapsedMs / 1000)
      replayed(replay, target.provider)
    },
    ended: ({ target, outcome, heard }) => {
      const { provider } = target
      if (outcome === 'failed') interrupted.inc({ provider, phase: heard.phase })
      if (outcome === 'succeeded' && heard.isEmpty) empty.inc(labels.of(target))
      if (isOtherModel(target.model, heard.model)) mismatched.inc(labels.of(target))
    },
    failed: ({ target, error, when, replay }) => {
      errors.inc({ ...labels.of(target), class: failureCause(error) })
      if (when === 'in-answer') return
      attempts.inc({ ...labels.of(target), outcome: 'failed' })
      replayed(replay, target.provider)
    },
    skipped: ({ target, state }) => skips.inc({ ...labels.of(target), state }),
    denied: ({ target: { provider }, reason }) => denied.inc({ provider, reason }),
    budgeted: ({ provider, tokens }) => budget.set({ provider }, tokens),
    clamped: ({ target: { provider } }) => clamped.inc({ provider }),
    throttled: ({ target }) => throttled.inc(labels.of(target)),
    hedged: ({ hedge, cost }) => {
      hedges.inc({ result: hedge })
      if (cost !== undefined) wasted.inc(cost.nanoUsd / 1e9)
    },
    connected: ({ outcome, elapsedMs }) => connects.observe({ outcome }, elapsedMs / 1000),
  }
}

/** What answers used, and what it cost. */
export function usageMetrics(make: MeterMaker, labels: TargetLabels): (fact: UsageSettled) => void {
  const settled = make.counter('patchbay_usage_settled_total', {
    help: 'Answers whose tokens were settled, by whose counts: provider, partial (the answer was cut), estimate (it told none or not all: the rest is guessed)',
    labels: ['source'],
  })
  const tokens = make.counter('patchbay_tokens_total', {
    help: 'Tokens, by kind: input and output are all of them; cache_read and cache_write are parts of input, reasoning of output. Guesses count too',
    labels: [...TARGET, 'kind'],
  })
  const cost = make.counter('patchbay_cost_usd_total', {
    help: 'What answers cost in US dollars, where a price is known. Guesses count too',
    labels: TARGET,
  })
  const counted = ({ provider, model }: TargetLabel, kind: string, count?: number): void => {
    if (isCount(count)) tokens.inc({ provider, model, kind }, count)
  }
  return ({ target, source, usage, cost: paid }) => {
    settled.inc({ source })
    const label = labels.of(target)
    const { input, output } = usage
    counted(label, 'input', input?.total)
    counted(label, 'cache_read', input?.cacheRead)
    counted(label, 'cache_write', input?.cacheWrite)
    counted(label, 'output', output?.total)
    counted(label, 'reasoning', output?.reasoning)
    if (paid !== undefined) cost.inc(label, paid.nanoUsd / 1e9)
  }
}

/** A provider may write anything; a counter only grows. */
function isCount(count: number | undefined): count is number {
  return count !== undefined && Number.isFinite(count) && count > 0
}
