// What a stream or answer is that ended without a reason.
import { GatewayError } from '../../canonical/errors.ts'
import { WireError } from '../../wire/errors.ts'

/** The stream ended before every candidate had said why it stopped. */
export function truncated(): GatewayError {
  return new GatewayError('upstream', 'The provider broke off before its answer was complete.', {
    origin: 'upstream',
    code: 'upstream_truncated',
  })
}

/** What was thrown while a chunk was read, as it can be told. */
export function malformed(thrown: unknown): GatewayError {
  if (thrown instanceof GatewayError) return thrown
  const reason = thrown instanceof WireError ? `: ${thrown.message}` : ''
  return new GatewayError('upstream', `The provider sent a chunk that is no answer${reason}.`, {
    origin: 'upstream',
    code: 'upstream_malformed',
    cause: thrown,
  })
}
