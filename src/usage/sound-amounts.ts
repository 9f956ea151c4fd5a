// Refuses amounts in a request that are none: what is reserved for a call is reckoned from them, and -1 of something would be given back.
import { GatewayError } from '../canonical/errors.ts'
import type { Middleware } from '../exchange/exchange.ts'

/** Before limits and budgets. */
export function soundAmounts(): Middleware {
  return (next) => async (exchange) => {
    if (exchange.operation !== 'embed') {
      const { maxOutputTokens = 0, sampling } = exchange.request
      if (!isAmount(maxOutputTokens, 0)) {
        throw unsound(
          `The limit of the answer is ${maxOutputTokens}: it must be a whole number of tokens. Leave it out for no limit.`,
        )
      }
      if (!isAmount(sampling.n ?? 1, 1)) {
        throw unsound(`The number of answers is ${sampling.n}: it must be 1 or more, and whole.`)
      }
    }
    return next(exchange)
  }
}

function isAmount(value: number, least: number): boolean {
  return Number.isSafeInteger(value) && value >= least
}

function unsound(message: string): GatewayError {
  return new GatewayError('invalid_request', message, { origin: 'client', code: 'invalid_value' })
}
