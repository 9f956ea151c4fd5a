// What a failure means once its call has been given up.
import { GatewayError, toGatewayError } from '../canonical/errors.ts'

/** Whatever breaks after the signal has aborted broke because of it: the reason, where that is an error of ours, or `cancelled`. */
export function failureUnder(signal: AbortSignal, thrown: unknown): GatewayError {
  if (!signal.aborted || thrown instanceof GatewayError) return toGatewayError(thrown)
  if (signal.reason instanceof GatewayError) return signal.reason
  return new GatewayError('cancelled', 'The call was cancelled.', { cause: thrown })
}
