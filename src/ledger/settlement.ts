// How an attempt is written down that is over: what it used, by whose count, and how it ended.
import { compact } from '../canonical/compact.ts'
import type { GatewayError } from '../canonical/errors.ts'
import type { Usage } from '../canonical/usage.ts'
import { abortReason } from '../exchange/abort-reason.ts'
import type { Outcome } from '../exchange/observed.ts'
import type { UsageEstimate } from '../exchange/usage-estimate.ts'
import { costOf } from '../usage/cost.ts'
import type { ModelPrice } from '../usage/price.ts'
import { soundUsage } from '../usage/sound-usage.ts'
import type { Opening, Settlement, UseStatus, UsedTokens } from './ledger.ts'

/** An attempt with what its end is reckoned by. */
export interface OpenAttempt {
  readonly opening: Opening
  readonly price: ModelPrice | undefined
  readonly signal: AbortSignal
  /** Whether it ends because another, asked beside it, has won. */
  readonly isLost: (signal: AbortSignal) => boolean
}

/** The end of an answer that had begun. */
export interface Answered {
  readonly outcome: Outcome
  readonly told: Usage | undefined
  readonly estimate: UsageEstimate
  /** Milliseconds since 1970. */
  readonly endedAt: number
}

/** The end of an attempt before its answer. */
export interface Unanswered {
  readonly error: GatewayError
  /** Whether its provider may have read the request all the same. */
  readonly mayHaveRun: boolean
  readonly endedAt: number
}

/** Its answer had begun. What was counted of one that was cut may be less than it had said: never less than the guess. */
export function answeredSettlement(
  attempt: OpenAttempt,
  { outcome, told, estimate, endedAt }: Answered,
): Settlement {
  const { price, opening } = attempt
  const usage = estimate.of(told === undefined ? undefined : soundUsage(told).usage)
  const isWhole = outcome.kind === 'succeeded' && usage.partial !== true
  const guess = isWhole ? usage : estimate.of(undefined)
  const used = dearer(usage, guess, price)
  const nanoUsd = costOf(used, price)?.nanoUsd ?? unknownCost(opening)
  const counted = isWhole ? ('provider' as const) : ('partial' as const)
  const source = used.estimated === true ? ('estimate' as const) : counted
  const base = { ...settlementBase(attempt, endedAt), ...lostOr(attempt, nanoUsd) }
  const error = outcome.kind === 'failed' ? outcome.error : undefined
  return compact({
    ...base,
    tokens: tokensOf(used),
    source,
    status: statusOf(attempt, outcome.kind),
    errorKind: error?.code ?? error?.kind,
  })
}

/** None had begun. */
export function failedSettlement(
  attempt: OpenAttempt,
  { error, mayHaveRun, endedAt }: Unanswered,
): Settlement {
  const { inputNano, inputTokens } = attempt.opening
  const kind = error.kind === 'cancelled' ? 'abandoned' : 'failed'
  return compact({
    ...settlementBase(attempt, endedAt),
    ...(mayHaveRun ? lostOr(attempt, inputNano) : { nanoUsd: 0 }),
    tokens: mayHaveRun ? { input: inputTokens, output: 0 } : {},
    source: mayHaveRun ? ('estimate' as const) : ('none' as const),
    status: statusOf(attempt, kind),
    errorKind: error.code ?? error.kind,
  })
}

function settlementBase(
  { opening }: OpenAttempt,
  endedAt: number,
): Omit<Settlement, 'tokens' | 'source' | 'status'> {
  const { inputNano: _, inputTokens: __, ...labels } = opening
  return {
    ...labels,
    endedAt: Math.round(endedAt),
    latencyMs: Math.max(0, Math.round(endedAt - opening.at)),
  }
}

/** The loser of two costs its caller nothing, and the operator what it has read. */
function lostOr(
  { opening, signal, isLost }: OpenAttempt,
  nanoUsd: number | undefined,
): Pick<Settlement, 'nanoUsd' | 'operatorNano'> {
  if (!isLost(signal)) return compact({ nanoUsd })
  return { nanoUsd: 0, operatorNano: opening.inputNano ?? 0 }
}

/** Of what has no rate, at the least what was set aside for it. */
function unknownCost({ reserveNano, price }: Opening): number | undefined {
  return price === undefined ? undefined : reserveNano
}

function dearer(usage: Usage, guess: Usage, price: ModelPrice | undefined): Usage {
  if (guess === usage) return usage
  const cost = (of: Usage): number => costOf(of, price)?.nanoUsd ?? of.output?.total ?? 0
  return cost(guess) > cost(usage) ? { ...guess, estimated: true } : usage
}

function statusOf({ signal, isLost }: OpenAttempt, kind: Outcome['kind']): UseStatus {
  if (isLost(signal)) return 'hedge_lost'
  if (kind !== 'abandoned') return kind
  const reason = abortReason(signal)
  return reason === undefined || reason === 'client' || reason === 'client_stalled'
    ? 'abandoned'
    : 'cut'
}

function tokensOf({ input = {}, output = {} }: Usage): UsedTokens {
  const { cacheWrite, cacheWrite1h, cacheRead } = input
  const written =
    cacheWrite === undefined && cacheWrite1h === undefined
      ? undefined
      : Math.max(cacheWrite ?? 0, cacheWrite1h ?? 0)
  return compact({
    input: whole(input.total),
    cacheRead: whole(cacheRead),
    cacheWrite: whole(written),
    output: whole(output.total),
    reasoning: whole(output.reasoning),
  })
}

/** Counts of providers that are none stay out of the sums. */
function whole(tokens: number | undefined): number | undefined {
  if (tokens === undefined || !Number.isFinite(tokens) || tokens < 0) return undefined
  return Math.min(Math.trunc(tokens), Number.MAX_SAFE_INTEGER)
}
