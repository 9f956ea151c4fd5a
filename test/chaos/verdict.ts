// What a chaos run must show, as the list of what it did not.
import type { ChaosReport } from './run.ts'

/** Attempts that are made without need: hedges, probes, and whatever else. */
const MOST_NEEDLESS = 0.2

/** `recoveries`: how many outages there were. */
export function shortcomings(report: ChaosReport, outages: number): readonly string[] {
  const { requests, outcomes, wrongs, attempts, failures, seen, leaks, recoveries } = report
  const needless = attempts - requests - failures
  return [
    ...wrongs.map(
      ({ call, client, streamed, status, trail, faults, body }) =>
        `call ${call} of ${client}${streamed ? ', streamed' : ''}: ${status}, tried "${trail}" (${faults.join(', ')}), heard ${body.slice(0, 500)}`,
    ),
    ...(outcomes.whole + outcomes.cut + outcomes.wrong === requests
      ? []
      : ['some calls never ended']),
    ...(needless <= MOST_NEEDLESS * requests
      ? []
      : [`${attempts} attempts for ${requests} requests and ${failures} failures`]),
    ...(seen <= attempts ? [] : [`${seen} requests reached providers, ${attempts} are on record`]),
    ...leaks.map((leak) => `left behind: ${leak}`),
    ...(recoveries.length === outages
      ? []
      : [`${recoveries.length} of ${outages} providers came back`]),
    ...recoveries
      .filter(({ tookMs, ejectedMs }) => ejectedMs === 0 || tookMs > 2 * ejectedMs)
      .map(
        ({ provider, tookMs, ejectedMs }) =>
          `${provider} was asked again after ${tookMs} ms; it had been ejected for ${ejectedMs} ms`,
      ),
  ]
}
