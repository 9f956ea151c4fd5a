// By chance, in proportion to the weights; those behind the first are drawn in the same way.
import type { Contender, Strategy } from '../route.ts'

export const weighted: Strategy = (contenders, { random }) => {
  const left = [...contenders]
  const order: Contender[] = []
  while (left.length > 0) {
    const at = drawn(left, random())
    order.push(...left.splice(at, 1))
  }
  return order
}

function drawn(contenders: readonly Contender[], random: number): number {
  let rest = random * contenders.reduce((sum, { weight }) => sum + weight, 0)
  const at = contenders.findIndex(({ weight }) => {
    rest -= weight
    return rest < 0
  })
  return at === -1 ? contenders.length - 1 : at
}
