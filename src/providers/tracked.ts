// Feeds a provider's tracker from its replies, and gives failures the provider's name.
import type { GatewayError } from '../canonical/errors.ts'
import type { Exchange, Handler, Reply } from '../exchange/exchange.ts'
import { observed } from '../exchange/observed.ts'
import { failureUnder } from './cancelled.ts'
import type { Tracker } from './tracker.ts'

/** What is tracked. */
export interface Tracked {
  readonly tracker: Tracker
  readonly clock: () => number
}

export async function tracked(
  provider: Tracked,
  exchange: Exchange,
  handler: Handler,
): Promise<Reply> {
  const { tracker, clock } = provider
  const startedAt = clock()
  tracker.started()
  try {
    const reply = await handler(exchange)
    if (reply.kind === 'stream' || reply.kind === 'bytes') tracker.firstEvent(clock() - startedAt)
    return observed(reply, (outcome, usage) => {
      tracker.used(usage)
      if (outcome.kind === 'succeeded') tracker.succeeded(clock() - startedAt)
      else if (outcome.kind === 'failed') fail(provider, outcome.error)
      else tracker.abandoned()
    })
  } catch (thrown) {
    const error = failureUnder(exchange.signal, thrown)
    fail(provider, error)
    throw error
  }
}

function fail({ tracker, clock }: Tracked, error: GatewayError): void {
  if (error.kind === 'cancelled') tracker.abandoned()
  else tracker.failed()
  const { kind, origin, retryAfterMs } = error
  const isTheirs = origin === 'upstream' && kind === 'rate_limit'
  if (isTheirs && retryAfterMs !== undefined) tracker.held(retryAfterMs, clock())
}
