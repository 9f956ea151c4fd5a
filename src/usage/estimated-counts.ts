// Counts of tokens for targets that cannot count: a guess, said to be one.
import { GatewayError, UNSUPPORTED_OPERATION } from '../canonical/errors.ts'
import type { Note } from '../canonical/note.ts'
import type { CountExchange, CountReply, Middleware, Reply, Target } from '../exchange/exchange.ts'
import { estimateTokens } from './estimate-tokens.ts'

export interface EstimatedCountsOptions {
  /** Whether the target counts by itself, as far as is known beforehand. */
  readonly counts: (target: Target) => boolean
}

/** Asks nobody where the target is known not to count, and guesses too where it says so itself, or gives no count. */
export function estimatedCounts({ counts }: EstimatedCountsOptions): Middleware {
  return (next) => {
    const counted = async (exchange: CountExchange): Promise<Reply> => {
      if (!counts(exchange.target)) return estimated(exchange)
      try {
        return await next(exchange)
      } catch (thrown) {
        if (thrown instanceof GatewayError && cannotCount(thrown)) return estimated(exchange)
        throw thrown
      }
    }
    return (exchange) =>
      exchange.operation === 'count-tokens' ? counted(exchange) : next(exchange)
  }
}

/** It says so, or answers a call that it does not know with something else than a count. */
function cannotCount({ code, origin }: GatewayError): boolean {
  return (
    code === UNSUPPORTED_OPERATION || (origin === 'upstream' && code === 'upstream_bad_response')
  )
}

function estimated({ request, target }: CountExchange): CountReply {
  const note: Note = {
    action: 'approximated',
    feature: 'token_count',
    path: '',
    weight: 2,
    reason: `provider "${target.provider}" does not count tokens: this is an upper guess`,
  }
  const count = { inputTokens: estimateTokens(request), exact: false }
  return { kind: 'count', count, notes: [note] }
}
