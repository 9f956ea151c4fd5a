// What a call to a route would do: the order of its targets with the reasons, and what the first of them would be sent.
import { toGatewayError } from '../canonical/errors.ts'
import type { ChatExchange } from '../exchange/exchange.ts'
import { compact } from '../canonical/compact.ts'
import { type ExplainOptions, type Explanation, explained, refusedBefore } from './explanation.ts'
import { type PlanningOptions, decided, isOpen, planFor } from './planned.ts'

/** Asks nobody outside. Never throws for what is wrong with the request: that is `refusal`. */
export async function explainedRoute(
  exchange: ChatExchange,
  options: PlanningOptions & Pick<ExplainOptions, 'paying' | 'tokenizers'>,
): Promise<Explanation> {
  const { manager, health, priceOf, paying, tokenizers } = options
  const of = async (closed: ChatExchange): Promise<Explanation> =>
    explained(closed, {
      provider: manager.getProvider(closed.target.provider),
      priceOf,
      ...compact({ paying }),
      tokenizers,
    })
  if (!isOpen(exchange)) return of(exchange)
  const { route: name, strategy, unusable } = exchange.choice
  try {
    const plan = await planFor(exchange, options)
    const unfit = plan.left.map(({ contender: { target }, reason }) => {
      return { model: `${target.provider}/${target.model}`, reason }
    })
    const order = plan.contenders.map(({ target }) => ({ target, ...health.standing(target) }))
    const route = { name, strategy, order, left: [...unusable, ...unfit] }
    return { ...(await of(decided(exchange, plan.contenders))), route }
  } catch (thrown) {
    const route = { name, strategy, order: [], left: unusable }
    return { ...refusedBefore(exchange, toGatewayError(thrown)), route }
  }
}
