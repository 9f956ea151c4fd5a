// What a request will cost, as far as it can be known before it is made.
import type { Cost } from '../canonical/cost.ts'
import type { ChatRequest } from '../canonical/request.ts'
import type { Usage } from '../canonical/usage.ts'
import { costOf, ratesAt } from './cost.ts'
import { estimateTokens, isPlainText, requestTokens } from './estimate-tokens.ts'
import type { ModelPrice, Rates } from './price.ts'
import type { Tokenizer } from './tokenizer.ts'

export interface Forecast {
  readonly inputTokens: number
  /** Whether the model's own tokenizer counted; else it is a guess that leans upwards. */
  readonly exact: boolean
  /** The longest answer, all candidates together; absent where the request sets no limit. */
  readonly maxOutputTokens?: number
  readonly price?: ModelPrice
  /** Of the input alone. Absent where the price is not known. */
  readonly inputCost?: Cost
  /** With the longest answer, at the dearest rates that may apply. Absent where either is not known. */
  readonly worstCost?: Cost
}

/** `request` as the target takes it; its tokenizer where somebody has it. */
export function forecast(
  request: ChatRequest,
  price: ModelPrice | undefined,
  tokenizer?: Tokenizer,
): Forecast {
  const { inputTokens, exact } = countInput(request, tokenizer)
  const { maxOutputTokens: limit, sampling, service } = request
  const maxOutputTokens = limit === undefined ? undefined : limit * (sampling.n ?? 1)
  const input = { total: inputTokens }
  const tier = service?.tier === undefined ? {} : { tier: service.tier }
  const bare = costOf({ input, output: { total: 0 }, ...tier }, price)
  const most = (): Cost | undefined => {
    if (maxOutputTokens === undefined) return undefined
    const usage = dearest({ request, price, inputTokens, maxOutputTokens })
    const usual = costOf(usage, price)
    // What was asked for may be served in the usual way instead.
    return service?.tier === undefined ? usual : dearer(costOf({ ...usage, ...tier }, price), usual)
  }
  const worst = most()
  return {
    inputTokens,
    exact,
    ...(maxOutputTokens === undefined ? {} : { maxOutputTokens }),
    ...(price === undefined ? {} : { price }),
    ...(bare === undefined ? {} : { inputCost: bare }),
    ...(worst === undefined ? {} : { worstCost: worst }),
  }
}

/** What a request is to its model: counted where its tokenizer is there and nothing in it must be guessed. */
export function countInput(
  request: ChatRequest,
  tokenizer: Tokenizer | undefined,
): Pick<Forecast, 'inputTokens' | 'exact'> {
  if (tokenizer === undefined) return { inputTokens: estimateTokens(request), exact: false }
  const counter = tokenizer.counter()
  const inputTokens = requestTokens(request, (text) => counter.count(text))
  return { inputTokens, exact: tokenizer.framed && counter.exact && isPlainText(request) }
}

function dearer(left: Cost | undefined, right: Cost | undefined): Cost | undefined {
  if (left === undefined || right === undefined) return left ?? right
  return left.nanoUsd < right.nanoUsd ? right : left
}

interface Limits {
  readonly request: ChatRequest
  readonly price: ModelPrice | undefined
  readonly inputTokens: number
  readonly maxOutputTokens: number
}

/** Usage up to the limits, counted as whatever costs most of what it may be. */
function dearest({ request, price, inputTokens, maxOutputTokens }: Limits): Usage {
  const rates: Rates = price === undefined ? {} : ratesAt(price, inputTokens)
  const { input = 0, output = 0, cacheWrite = input, cacheWrite1h = cacheWrite } = rates
  const written = mayBeCached(request) && Math.max(cacheWrite, cacheWrite1h) > input
  const thought = (rates.reasoning ?? output) > output
  return {
    input: {
      total: inputTokens,
      ...(written
        ? {
            cacheWrite: inputTokens,
            ...(cacheWrite1h > cacheWrite ? { cacheWrite1h: inputTokens } : {}),
          }
        : {}),
    },
    output: { total: maxOutputTokens, ...(thought ? { reasoning: maxOutputTokens } : {}) },
  }
}

/** Whether the request asks its provider to keep some of it. */
function mayBeCached({ caching, turns, tools = [] }: ChatRequest): boolean {
  return (
    caching?.auto !== undefined ||
    tools.some((tool) => 'cache' in tool && tool.cache !== undefined) ||
    turns.some(({ parts }) => parts.some((part) => part.cache !== undefined))
  )
}
