// What a call uses where nobody counts: its input by what was asked, its output by what was heard.
import type { ChatEvent } from '../canonical/event.ts'
import { explode } from '../canonical/explode.ts'
import type { Part } from '../canonical/part.ts'
import type { ChatResponse } from '../canonical/response.ts'
import { type Usage, totalTokens } from '../canonical/usage.ts'
import type { Exchange } from '../exchange/exchange.ts'
import type { UsageEstimate } from '../exchange/usage-estimate.ts'
import { inputTokens } from './reserved-tokens.ts'
import { SpokenTokens } from './spoken-tokens.ts'

export function estimatedUsage(exchange: Exchange): UsageEstimate {
  return new Estimate(exchange)
}

/** Counts nothing before it is asked. */
class Estimate implements UsageEstimate {
  readonly #exchange: Exchange
  #spoken: SpokenTokens | undefined
  #whole: ChatResponse | undefined
  /** How the call was served, which some wires tell beside the counts, and others not: then as it was asked for. */
  #tier: string | undefined
  #searches = 0

  constructor(exchange: Exchange) {
    this.#exchange = exchange
    this.#tier = exchange.operation === 'embed' ? undefined : exchange.request.service?.tier
  }

  hear(event: ChatEvent): void {
    this.#spoken ??= new SpokenTokens()
    this.#spoken.hear(event)
    if (event.type === 'response-start' || event.type === 'response-end') {
      this.#tier = event.tier ?? this.#tier
    } else if (event.type === 'part-start') this.#see(event.part)
  }

  read(response: ChatResponse): void {
    this.#whole = response
    this.#tier = response.tier ?? this.#tier
    for (const { parts } of response.candidates) for (const part of parts) this.#see(part)
  }

  of(told: Usage = {}): Usage {
    const known = this.#completed(told)
    if (totalTokens(known) !== undefined) return known
    const { input, output } = known
    // Vectors are not written in tokens: their providers count what they read, and that is all.
    const isGuess =
      input?.total === undefined ||
      (this.#exchange.operation === 'chat' && output?.total === undefined)
    return {
      ...known,
      input: { ...input, total: input?.total ?? inputTokens(this.#exchange) },
      output: { ...output, total: output?.total ?? this.#spokenTokens() },
      ...(isGuess ? { estimated: true } : {}),
    }
  }

  #see(part: Part): void {
    if (part.type !== 'opaque') return
    const { hosted } = part
    if (hosted?.tool === 'web-search' && hosted.phase !== 'result') this.#searches += 1
  }

  /** Searches that are billed one by one and told nowhere are counted as they are seen. */
  #completed(told: Usage): Usage {
    const tier = told.tier ?? this.#tier
    const isSearched = told.hosted === undefined && this.#searches > 0
    if (tier === told.tier && !isSearched) return told
    return {
      ...told,
      ...(isSearched ? { hosted: { web_search_requests: this.#searches } } : {}),
      ...(tier === undefined ? {} : { tier }),
    }
  }

  #spokenTokens(): number {
    if (this.#spoken !== undefined) return this.#spoken.total
    const spoken = new SpokenTokens()
    if (this.#whole !== undefined) for (const event of explode(this.#whole)) spoken.hear(event)
    this.#spoken = spoken
    return spoken.total
  }
}
