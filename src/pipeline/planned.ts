// Decides what a route left open, at the last moment: who can serve this request, and in which order they are asked.
import { compact } from '../canonical/compact.ts'
import type { ModelCard } from '../canonical/model-card.ts'
import type { ChatRequest } from '../canonical/request.ts'
import type { Candidate, Choice } from '../exchange/choice.ts'
import type { Exchange, Middleware, Reply } from '../exchange/exchange.ts'
import type { BaseProvider } from '../providers/base-provider.ts'
import type { ProviderManager } from '../providers/manager.ts'
import type { TargetHealth } from '../resilience/target-health.ts'
import { needsOf } from '../routing/needs.ts'
import { type Plan, planOf } from '../routing/plan.ts'
import type { Contender } from '../routing/route.ts'
import type { RouteTable } from '../routing/route-table.ts'
import { sessionOf } from '../routing/session.ts'
import { estimateTokens } from '../usage/estimate-tokens.ts'
import { forecast } from '../usage/forecast.ts'
import type { PriceOf } from '../usage/price.ts'

export interface PlanningOptions {
  readonly manager: ProviderManager
  readonly routes: RouteTable
  readonly health: TargetHealth
  /** Undefined where no price is known. */
  readonly priceOf: PriceOf
  /** 0 to 1. */
  readonly random: () => number
}

/** An exchange with a route still open. */
interface Open {
  readonly choice: Choice
}

/** Throws GatewayError `unsupported` where no target can serve the request. */
export function planned(options: PlanningOptions): Middleware {
  return (next) => {
    const chosen = async (exchange: Exchange & Open): Promise<Reply> => {
      const { contenders } = await planFor(exchange, options)
      options.routes.called(exchange.choice.route)
      return next(decided(exchange, contenders))
    }
    return (exchange) => (isOpen(exchange) ? chosen(exchange) : next(exchange))
  }
}

/** The order in which an exchange's targets would be asked now, and who would not be. */
export async function planFor(exchange: Exchange & Open, options: PlanningOptions): Promise<Plan> {
  const { choice } = exchange
  const chat = chatOf(exchange)
  const contenders = await Promise.all(
    choice.candidates.map(async (candidate) => contenderOf(candidate, chat, options)),
  )
  const session = choice.session ?? (chat === undefined ? undefined : sessionOf(chat))
  return planOf(choice, contenders, {
    random: options.random,
    turn: options.routes.callsOf(choice.route),
    needs: chat === undefined ? NOTHING : needsOf(chat, estimateTokens(chat)),
    ...compact({ session }),
  })
}

async function contenderOf(
  candidate: Candidate,
  chat: ChatRequest | undefined,
  { manager, health, priceOf }: PlanningOptions,
): Promise<Contender> {
  const { target } = candidate
  const card = await cardOf(manager.findProvider(target.provider), target.model)
  const { inFlight, latencyMs } = health.standing(target)
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

/** What is known of a model without asking anybody: its provider's own list says more than a configuration's name. */
async function cardOf(
  provider: BaseProvider | undefined,
  model: string,
): Promise<ModelCard | undefined> {
  const known = await provider?.knownModels()
  const cards = [...(provider?.rememberedModels ?? []), ...(known ?? [])]
  return cards.find(({ id }) => id === model)
}

/** Texts for vectors need nothing of a model that its card would tell. */
const NOTHING = { capabilities: [] } as const

function chatOf(exchange: Exchange): ChatRequest | undefined {
  return exchange.operation === 'embed' ? undefined : exchange.request
}

export function isOpen<Asked extends Exchange>(exchange: Asked): exchange is Asked & Open {
  return exchange.choice !== undefined
}

/** The exchange with its targets in the order in which they are asked. */
export function decided<Asked extends Exchange>(
  exchange: Asked,
  contenders: readonly Contender[],
): Asked {
  const [target = exchange.target, ...alternatives] = contenders.map((one) => one.target)
  return { ...exchange, target, alternatives }
}
