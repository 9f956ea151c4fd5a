// What a provider says when it is asked for an operation that it does not have.
import { GatewayError, UNSUPPORTED_OPERATION } from '../canonical/errors.ts'

export function unspoken(provider: string, operation: string): GatewayError {
  return new GatewayError(
    'unsupported',
    `Provider "${provider}" has no ${operation}. Choose a model of another provider for it.`,
    { origin: 'client', code: UNSUPPORTED_OPERATION, param: 'model' },
  )
}
