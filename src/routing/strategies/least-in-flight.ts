// The one with the fewest calls under way for its weight.
import type { Strategy } from '../route.ts'

export const leastInFlight: Strategy = (contenders) =>
  contenders.toSorted((one, other) => one.inFlight / one.weight - other.inFlight / other.weight)
