// Decides what a route left open, at the last moment: who can serve this request, and in which order they are asked.
import { compact } from '../canonical/compact.ts'
import type { Candidate } from '../exchange/choice.ts'
import type { Exchange, Middleware, Target } from '../exchange/exchange.ts'
import type { ProviderManager } from '../providers/manager.ts'
import type { TargetHealth } from '../resilience/target-health.ts'
import { needsOf } from '../routing/needs.ts'
import { type Plan, planOf } from '../routing/plan.ts'
import type { Contender } from '../routing/route.ts'
import { sessionOf } from '../routing/session.ts'
import { forecast } from '../usage/forecast.ts'
import type { ModelPrice } from '../usage/price.ts'

export interface PlannerOptions {
  readonly manager: ProviderManager
  readonly health: TargetHealth
  readonly priceOf: (target: Target) => Promise<ModelPrice | undefined>
  /** 0 to 1. */
  readonly random: () => number
}

/** An exchange with a route still open. */
type Open = Exchange & { readonly choice: NonNullable<Exchange['choice']> }

export class Planner {
  readonly #options: PlannerOptions
  /** Calls so far, by route. */
  readonly #turns = new Map<string, number>()

  constructor(options: PlannerOptions) {
    this.#options = options
  }

  /** Throws GatewayError `unsupported` where no target can serve the request. */
  readonly middleware: Middleware = (next) => async (exchange) => {
    if (!isOpen(exchange)) return next(exchange)
    const { contenders } = await this.plan(exchange)
    const { route } = exchange.choice
    this.#turns.set(route, (this.#turns.get(route) ?? 0) + 1)
    return next(decided(exchange, contenders))
  }

  /** The same for who only wants to know: changes nothing. */
  async plan(exchange: Open): Promise<Plan> {
    const { choice, request } = exchange
    const { random } = this.#options
    const contenders = await Promise.all(
      choice.candidates.map(async (candidate) => this.#contender(candidate, exchange)),
    )
    const { inputTokens } = forecast(request, undefined)
    return planOf(choice, contenders, {
      random,
      turn: this.#turns.get(choice.route) ?? 0,
      session: sessionOf(request, choice.session),
      needs: needsOf(request, inputTokens),
    })
  }

  async #contender(candidate: Candidate, { request }: Open): Promise<Contender> {
    const { manager, health, priceOf } = this.#options
    const { target } = candidate
    const cards = await manager.findProvider(target.provider)?.knownModels()
    const card = cards?.find(({ id }) => id === target.model)
    const { inFlight, latencyMs } = health.standing(target)
    const { inputCost, worstCost } = forecast(request, await priceOf(target))
    return compact({
      ...candidate,
      contextTokens: candidate.contextTokens ?? card?.contextTokens,
      capabilities: candidate.capabilities ?? card?.capabilities,
      inFlight,
      latencyMs,
      price: (worstCost ?? inputCost)?.nanoUsd,
    })
  }
}

export function isOpen(exchange: Exchange): exchange is Open {
  return exchange.choice !== undefined
}

/** The exchange with its targets in the order in which they are asked. */
export function decided(exchange: Exchange, contenders: readonly Contender[]): Exchange {
  const { choice: _, ...closed } = exchange
  const [first, ...others] = contenders.map(({ target }) => target)
  return first === undefined ? closed : { ...closed, target: first, alternatives: others }
}
