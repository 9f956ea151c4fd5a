// Whether the limits of a key made under another stay within that one's.
import type { AllowedLimits } from '../canonical/allowance.ts'

/** The first limit that is higher than the other allows; undefined where there is none. */
export function limitBeyond(limits: AllowedLimits, within: AllowedLimits): string | undefined {
  const pairs: readonly (readonly [string, number | undefined, number | undefined])[] = [
    ['requests.per_minute', limits.requests?.perMinute, within.requests?.perMinute],
    ['requests.per_day', limits.requests?.perDay, within.requests?.perDay],
    ['tokens.per_minute', limits.tokens?.perMinute, within.tokens?.perMinute],
    ['tokens.per_day', limits.tokens?.perDay, within.tokens?.perDay],
    ['concurrency', limits.concurrency, within.concurrency],
  ]
  return pairs.find(([, one, most]) => one !== undefined && most !== undefined && one > most)?.[0]
}
