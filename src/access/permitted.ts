// The last word before a provider is asked: whether the caller's key allows this very target. Whoever chose it should have seen to that; this one sees that they did.
import { GatewayError } from '../canonical/errors.ts'
import type { Middleware } from '../exchange/exchange.ts'

/** Throws GatewayError permission with the code `model_not_allowed`; another target may do. */
export const permitted: Middleware = (next) => (exchange) => {
  const { target, account } = exchange
  if (account?.permits?.(target) !== false) return next(exchange)
  return Promise.reject(
    new GatewayError(
      'permission',
      `Your key may not use ${target.provider}/${target.model}. The list of models has those that it may use.`,
      { origin: 'client', code: 'model_not_allowed', param: 'model' },
    ),
  )
}
