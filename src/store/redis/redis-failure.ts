// Why Redis did not do what it was asked: each way to fail has a code of its own.
import { GatewayError } from '../../canonical/errors.ts'

/** What Redis says while it cannot serve, by the first word of its answer. */
const REFUSALS: Readonly<Record<string, string>> = {
  LOADING: 'redis_loading',
  BUSY: 'redis_busy',
  READONLY: 'redis_readonly',
  MASTERDOWN: 'redis_loading',
  OOM: 'redis_memory',
  WRONGTYPE: 'redis_protocol',
}

/** Throws nothing away: the cause stays, and no address is named. */
export function redisFailure(cause: unknown): GatewayError {
  if (cause instanceof GatewayError) return cause
  const word = cause instanceof Error ? (/^[A-Z]+(?= )/.exec(cause.message)?.[0] ?? '') : ''
  return failure(REFUSALS[word] ?? 'redis_lost', 'does not answer', cause)
}

export function redisTimeout(milliseconds: number): GatewayError {
  return failure('redis_timeout', `did not answer within ${milliseconds} ms`)
}

/** It answered with something that is no answer to what it was asked. */
export function redisNonsense(): GatewayError {
  return failure('redis_protocol', 'answered with something else than it was asked for')
}

function failure(code: string, what: string, cause?: unknown): GatewayError {
  return new GatewayError('internal', `Redis, where gateways share what they know, ${what}.`, {
    code,
    cause,
  })
}
