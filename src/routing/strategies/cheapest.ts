// The one that costs least for this call; one without a known price comes last.
import type { Strategy } from '../route.ts'

export const cheapest: Strategy = (contenders) =>
  contenders.toSorted((one, other) => {
    const [mine, theirs] = [one.price ?? Infinity, other.price ?? Infinity]
    return mine === theirs ? 0 : mine - theirs
  })
