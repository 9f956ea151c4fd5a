// The order in which the targets of a route are asked for one call: first who can serve it at all, then the strategy.
import { GatewayError } from '../canonical/errors.ts'
import type { Choice } from '../exchange/choice.ts'
import { type Needs, unmetNeed } from './needs.ts'
import {
  type Contender,
  type PlanContext,
  STRATEGIES,
  type Strategy,
  type StrategyName,
} from './route.ts'
import { cheapest } from './strategies/cheapest.ts'
import { fastest } from './strategies/fastest.ts'
import { leastInFlight } from './strategies/least-in-flight.ts'
import { priority } from './strategies/priority.ts'
import { roundRobin } from './strategies/round-robin.ts'
import { sticky } from './strategies/sticky.ts'
import { weighted } from './strategies/weighted.ts'

const BY_NAME: Readonly<Record<StrategyName, Strategy>> = {
  priority,
  weighted,
  'round-robin': roundRobin,
  'least-in-flight': leastInFlight,
  fastest,
  cheapest,
  sticky,
  // What can serve the request is found for every strategy; of those, the first is taken.
  auto: priority,
}

export interface Plan {
  /** In the order in which they are asked; at least one. */
  readonly contenders: readonly Contender[]
  /** Who is never asked, and why. */
  readonly left: readonly { readonly contender: Contender; readonly reason: string }[]
}

/** Throws GatewayError `unsupported` with code `no_fit_target` when no target can serve the request. */
export function planOf(
  { route, strategy }: Pick<Choice, 'route' | 'strategy'>,
  contenders: readonly Contender[],
  context: PlanContext & { readonly needs: Needs },
): Plan {
  const judged = contenders.map((contender) => ({
    contender,
    reason: unmetNeed(context.needs, contender),
  }))
  const fit = judged.filter(({ reason }) => reason === undefined).map(({ contender }) => contender)
  const left = judged.flatMap(({ contender, reason }) =>
    reason === undefined ? [] : [{ contender, reason }],
  )
  if (fit.length === 0) throw nobodyFits(route, left)
  return { contenders: orderBy(strategy)(fit, context), left }
}

function orderBy(name: string): Strategy {
  const known = STRATEGIES.find((one) => one === name)
  return known === undefined ? priority : BY_NAME[known]
}

function nobodyFits(route: string, left: Plan['left']): GatewayError {
  const reasons = left.map(
    ({ contender: { target }, reason }) => `${target.provider}/${target.model} ${reason}`,
  )
  const why = reasons.length === 0 ? 'It has no target that may be used now' : reasons.join('; ')
  return new GatewayError(
    'unsupported',
    `No target of the route "${route}" can serve this request. ${why}.`,
    { origin: 'client', code: 'no_fit_target', param: 'model' },
  )
}
