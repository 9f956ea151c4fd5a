// Decides what a route left open, at the last moment: who can serve this request, and in which order they are asked.
import { compact } from '../canonical/compact.ts'
import type { ChatRequest } from '../canonical/request.ts'
import type { Candidate } from '../exchange/choice.ts'
import type { Exchange, Middleware, Target } from '../exchange/exchange.ts'
import type { ProviderManager } from '../providers/manager.ts'
import type { TargetHealth } from '../resilience/target-health.ts'
import { needsOf } from '../routing/needs.ts'
import { type Plan, planOf } from '../routing/plan.ts'
import type { Contender } from '../routing/route.ts'
import { sessionOf } from '../routing/session.ts'
import { estimateTokens } from '../usage/estimate-tokens.ts'
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
    const { choice } = exchange
    const { random } = this.#options
    const chat = chatOf(exchange)
    const contenders = await Promise.all(
      choice.candidates.map(async (candidate) => this.#contender(candidate, exchange)),
    )
    const session = choice.session ?? (chat === undefined ? undefined : sessionOf(chat))
    return planOf(choice, contenders, {
      random,
      turn: this.#turns.get(choice.route) ?? 0,
      needs: chat === undefined ? NOTHING : needsOf(chat, estimateTokens(chat)),
      ...(session === undefined ? {} : { session }),
    })
  }

  async #contender(candidate: Candidate, exchange: Open): Promise<Contender> {
    const { manager, health, priceOf } = this.#options
    const { target } = candidate
    const cards = await manager.findProvider(target.provider)?.knownModels()
    const card = cards?.find(({ id }) => id === target.model)
    const { inFlight, latencyMs } = health.standing(target)
    const chat = chatOf(exchange)
    const cost = chat === undefined ? undefined : forecast(chat, await priceOf(target))
    return compact({
      ...candidate,
      contextTokens: candidate.contextTokens ?? card?.contextTokens,
      capabilities: candidate.capabilities ?? card?.capabilities,
      inFlight,
      latencyMs,
      price: (cost?.worstCost ?? cost?.inputCost)?.nanoUsd,
    })
  }
}

/** Texts for vectors need nothing of a model that its card would tell. */
const NOTHING = { capabilities: [] } as const

function chatOf(exchange: Exchange): ChatRequest | undefined {
  return exchange.operation === 'embed' ? undefined : exchange.request
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
