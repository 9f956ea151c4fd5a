// Each in turn; the others follow in their order.
import type { Strategy } from '../route.ts'

export const roundRobin: Strategy = (contenders, { turn }) => {
  const first = contenders.length === 0 ? 0 : turn % contenders.length
  return [...contenders.slice(first), ...contenders.slice(0, first)]
}
