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
  const served = new Served(exchange)
  return {
    hear: (event: ChatEvent) => {
      spoken.hear(event)
      served.hear(event)
    },
    of: (told = {}): Usage => {
      const known = served.completed(told)
      if (totalTokens(known) !== undefined) return known
      const { input, output } = known
      // Vectors are not written in tokens: their providers count what they read, and that is all.
      const isGuess =
        input?.total === undefined || (exchange.operation === 'chat' && output?.total === undefined)
      return {
        ...known,
        input: { ...input, total: input?.total ?? inputTokens(exchange) },
        output: { ...output, total: output?.total ?? spoken.total },
        ...(isGuess ? { estimated: true } : {}),
      }
    },
  }
}

/** How the call was served, which some wires tell beside the counts, and others not: then as it was asked for. */
class Served {
  readonly #asked: string | undefined
  #tier: string | undefined
  #searches = 0

  constructor(exchange: Exchange) {
    this.#asked = exchange.operation === 'embed' ? undefined : exchange.request.service?.tier
  }

  hear(event: ChatEvent): void {
    if (event.type === 'response-start' || event.type === 'response-end') {
      this.#tier = event.tier ?? this.#tier
    } else if (event.type === 'part-start' && event.part.type === 'opaque') {
      const { hosted } = event.part
      if (hosted?.tool === 'web-search' && hosted.phase !== 'result') this.#searches += 1
    }
  }

  /** Searches that are billed one by one and told nowhere are counted as they are seen. */
  completed(told: Usage): Usage {
    const tier = told.tier ?? this.#tier ?? this.#asked
    const searches =
      told.hosted === undefined && this.#searches > 0
        ? { hosted: { web_search_requests: this.#searches } }
        : {}
    return { ...told, ...searches, ...(tier === undefined ? {} : { tier }) }
  }
}
