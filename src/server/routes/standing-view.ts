// How a target stands, as every part of the API shows it.
import { compact } from '../../canonical/compact.ts'
import type { Target } from '../../exchange/target.ts'
import type { Standing, TargetHealth } from '../../resilience/target-health.ts'
import type { JsonObject } from '../../wire/json.ts'

export function standingView(standing: Standing): JsonObject {
  const { state, sinceMs, lastFailure, inFlight, waitMs, coolingMs } = standing
  return compact({
    state,
    since: sinceMs === undefined ? undefined : new Date(sinceMs).toISOString(),
    reason: lastFailure,
    in_flight: inFlight,
    latency_ms: rounded(standing.latencyMs),
    last_latency_ms: rounded(standing.lastLatencyMs),
    success_rate: standing.successRate,
    wait_ms: waitMs === 0 ? undefined : rounded(waitMs),
    cooling_ms: coolingMs === 0 ? undefined : rounded(coolingMs),
  })
}

/** The targets of a provider that were asked, of those that may be seen; undefined where there is none. */
export function targetsView(
  health: TargetHealth,
  provider: string,
  maySee: (target: Target) => boolean = () => true,
): readonly JsonObject[] | undefined {
  const asked = health.askedOf(provider).filter((target) => maySee(target))
  if (asked.length === 0) return undefined
  return asked.map((target) => {
    const { model, credential } = target
    return compact({ model, credential, ...standingView(health.standing(target)) })
  })
}

function rounded(milliseconds: number | undefined): number | undefined {
  return milliseconds === undefined ? undefined : Math.round(milliseconds)
}
