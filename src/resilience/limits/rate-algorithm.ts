// The generic cell rate algorithm: one number a key, the time at which its bucket would be full again.
import type { LimitStanding, RateTake } from './limit.ts'

/** Sums of fractions such as 60000 / 7, on a clock of some 10^12, miss the whole period by less than this. */
const ROUNDING_MS = 0.5

/** When the bucket would be full after taking `cost`; both times in milliseconds of one clock. */
export function fullAfter(take: RateTake, fullAt: number, nowMs: number): number {
  return Math.max(fullAt, nowMs) + (take.cost * take.periodMs) / take.limit
}

/** What is left of a limit is whole, but for what the same fractions cost it. */
const ROUNDING = 0.01

/** Milliseconds until there is room; 0 when there is. */
export function waitFor(take: RateTake, fullAt: number, nowMs: number): number {
  const wait = fullAfter(take, fullAt, nowMs) - nowMs - take.periodMs
  return wait > ROUNDING_MS ? wait : 0
}

export function standingAt(take: RateTake, fullAt: number, nowMs: number): LimitStanding {
  const resetMs = Math.max(0, fullAt - nowMs)
  const used = (resetMs / take.periodMs) * take.limit
  return { remaining: Math.max(0, Math.floor(take.limit - used + ROUNDING)), resetMs }
}
