// What a caller is told whose call a limit refuses: which limit, until when, and what to do.
import { GatewayError } from '../../canonical/errors.ts'
import type { AppliedLimit } from './limit-rule.ts'

const MINUTE_MS = 60_000

export interface Refusal {
  readonly limit: AppliedLimit
  /** What the call would take of it. */
  readonly cost: number
  /** Absent where the call is larger than the whole limit. */
  readonly retryAfterMs?: number
  readonly code: string
}

export function limitRefusal({ limit, cost, retryAfterMs, code }: Refusal): GatewayError {
  const { subject, setting } = limit
  const is = `${subject} is limited to ${extentOf(limit)}.`
  if (retryAfterMs === undefined) {
    const less = limit.counts === 'tokens' ? 'Ask for less, with a limit of its answer' : 'Wait'
    return new GatewayError(
      'quota',
      `${is} This request needs ${cost} at once and can never pass. ${less}, or raise ${setting}.`,
      { code },
    )
  }
  const wait = Math.ceil(retryAfterMs)
  return new GatewayError(
    'rate_limit',
    `${is} Try again in ${Math.ceil(wait / 1000)} s, or raise ${setting}.`,
    { code, retryAfterMs: wait },
  )
}

function extentOf({ counts, limit, periodMs }: AppliedLimit): string {
  if (periodMs === undefined) return `${limit} calls at once`
  return `${limit} ${counts} a ${periodMs === MINUTE_MS ? 'minute' : 'day'}`
}
