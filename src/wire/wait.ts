// Spans of time as headers write them.

const UNITS_MS: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
}

/** A number from here on is no span but a point in time: seconds or milliseconds since 1970. */
export const LONGEST_WAIT_MS: number = 30 * 24 * 3_600_000

const EPOCH_MS = 1e12

/** A plain number that is not negative, of a size that somebody may mean. */
export function numberIn(text: string): number | undefined {
  return /^\d{1,15}(?:\.\d{1,15})?$/.test(text) ? Number(text) : undefined
}

/** Milliseconds of Go's form: `1m30.5s`, `6m0s`, `20ms`. */
function durationMs(text: string): number | undefined {
  if (text.length > 64 || !/^(?:\d+(?:\.\d+)?(?:ns|us|µs|ms|h|m|s))+$/.test(text)) return undefined
  let total = 0
  for (const [, count, unit] of text.matchAll(/(\d+(?:\.\d+)?)(ns|us|µs|ms|h|m|s)/g)) {
    total += Number(count) * (UNITS_MS[unit ?? ''] ?? 0)
  }
  return total
}

/** Milliseconds of a span, which needs no clock: a number of the unit, or Go's form. Undefined for what is a point in time, or nothing. */
export function spanMs(text: string, unitMs: number): number | undefined {
  const number = numberIn(text)
  const span = number === undefined ? durationMs(text) : number * unitMs
  return span !== undefined && span < LONGEST_WAIT_MS ? span : undefined
}

/** Milliseconds since 1970 of a point in time: a number of seconds or milliseconds since then, or a date. */
export function pointMs(text: string): number | undefined {
  const number = numberIn(text)
  if (number !== undefined) return number >= EPOCH_MS ? number : number * 1000
  // A date has a weekday or dashes; what else Date.parse makes a date of is a number gone wrong.
  if (!/^[A-Za-z]{3,9},? |^\d{4}-\d\d-\d\d/.test(text)) return undefined
  const date = Date.parse(text)
  return Number.isNaN(date) ? undefined : date
}
