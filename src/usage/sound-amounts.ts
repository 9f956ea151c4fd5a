// Refuses amounts in a request that are none: what is reserved for a call is reckoned from them, and -1 of something would be given back.
import { GatewayError } from '../canonical/errors.ts'
import type { ChatRequest } from '../canonical/request.ts'
import type { Middleware } from '../exchange/exchange.ts'

/** Before limits and budgets. */
export function soundAmounts(): Middleware {
  return (next) => (exchange) => {
    const refusal = exchange.operation === 'embed' ? undefined : refusalOf(exchange.request)
    return refusal === undefined ? next(exchange) : Promise.reject(refusal)
  }
}

function refusalOf({ maxOutputTokens = 0, sampling }: ChatRequest): GatewayError | undefined {
  if (!isAmount(maxOutputTokens, 0)) {
    return unsound(
      `The limit of the answer is ${maxOutputTokens}: it must be a whole number of tokens. Leave it out for no limit.`,
    )
  }
  if (!isAmount(sampling.n ?? 1, 1)) {
    return unsound(`The number of answers is ${sampling.n}: it must be 1 or more, and whole.`)
  }
  return undefined
}

function isAmount(value: number, least: number): boolean {
  return Number.isSafeInteger(value) && value >= least
}

function unsound(message: string): GatewayError {
  return new GatewayError('invalid_request', message, { origin: 'client', code: 'invalid_value' })
}
