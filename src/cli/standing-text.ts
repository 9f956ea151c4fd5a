// How a target stands, in a few words, from what the server's API says of it.
import type { ObjectReader } from '../wire/json.ts'

export function standingText(target: ObjectReader): string {
  const wait = target.optionalNumber('wait_ms')
  const cooling = target.optionalNumber('cooling_ms')
  const latency = target.optionalNumber('latency_ms')
  const rate = target.optionalNumber('success_rate')
  const reason = target.optionalString('reason')
  const since = target.optionalString('since')
  const parts = [
    target.optionalString('state') ?? 'unusable',
    since === undefined ? undefined : `since ${since}`,
    wait === undefined ? undefined : `tried again in ${wait} ms`,
    cooling === undefined ? undefined : `wants to be left alone for ${cooling} ms`,
    latency === undefined ? undefined : `answers in ${latency} ms`,
    rate === undefined ? undefined : `${Math.round(rate * 100)}% good`,
    `${target.optionalNumber('in_flight') ?? 0} in flight`,
    reason === undefined ? undefined : `last failure: ${reason}`,
  ]
  return parts.filter((part) => part !== undefined).join(', ')
}
