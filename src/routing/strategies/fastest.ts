// The one that lately began its answers soonest, with calls under way counted against it; one that is not known yet is tried first.
import type { Contender, Strategy } from '../route.ts'

/** Share by which each call under way makes an answer slower, as agentgateway weighs it. */
const PER_CALL = 0.1

export const fastest: Strategy = (contenders) =>
  contenders.toSorted((one, other) => expected(one) - expected(other))

function expected({ latencyMs = 0, inFlight }: Contender): number {
  return latencyMs * (1 + PER_CALL * inFlight)
}
