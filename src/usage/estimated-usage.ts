// What a call uses where nobody counts: its input by what was asked, its output by what was heard.
import type { ChatEvent } from '../canonical/event.ts'
import { type Usage, totalTokens } from '../canonical/usage.ts'
import type { Exchange } from '../exchange/exchange.ts'
import type { UsageEstimate } from '../exchange/usage-estimate.ts'
import { inputTokens } from './reserved-tokens.ts'
import { SpokenTokens } from './spoken-tokens.ts'

/** Counts nothing before it is asked. */
export function estimatedUsage(exchange: Exchange): UsageEstimate {
  const spoken = new SpokenTokens()
  return {
    hear: (event: ChatEvent) => spoken.hear(event),
    of: (told = {}): Usage => {
      if (totalTokens(told) !== undefined) return told
      const { input, output } = told
      // Vectors are not written in tokens: their providers count what they read, and that is all.
      const isGuess =
        input?.total === undefined || (exchange.operation === 'chat' && output?.total === undefined)
      return {
        ...told,
        input: { ...input, total: input?.total ?? inputTokens(exchange) },
        output: { ...output, total: output?.total ?? spoken.total },
        ...(isGuess ? { estimated: true } : {}),
      }
    },
  }
}
