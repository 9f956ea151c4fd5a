// Counts of one provider: calls, failures, latency, tokens. In memory, since start.
import type { Usage } from '../canonical/usage.ts'
import { compact } from '../canonical/compact.ts'
import { type RateLimitState, rateLimitsIn } from '../transport/rate-limits.ts'
import type { WireHeaders } from '../wire/message.ts'

/** What a provider last said of its limits. */
export interface ProviderLimits extends RateLimitState {
  /** When it asked to be called again, after a refusal; milliseconds since 1970. */
  readonly retryAtMs?: number
}

export interface ProviderStats {
  readonly requests: number
  readonly errors: number
  readonly inFlight: number
  /** Milliseconds to the whole answer, of the last call that ended. */
  readonly lastLatencyMs?: number
  /** Exponentially weighted mean of the same, newest call weighs a fifth. */
  readonly averageLatencyMs?: number
  /** Milliseconds to the first event of the last stream. */
  readonly lastFirstEventMs?: number
  readonly inputTokens: number
  readonly outputTokens: number
}

const NEWEST_WEIGHT = 0.2

export class Tracker {
  #requests = 0
  #errors = 0
  #inFlight = 0
  #lastLatencyMs: number | undefined
  #averageLatencyMs: number | undefined
  #lastFirstEventMs: number | undefined
  #inputTokens = 0
  #outputTokens = 0
  #limits: RateLimitState | undefined
  #retry: { readonly seenAtMs: number; readonly atMs: number } | undefined

  started(): void {
    this.#requests += 1
    this.#inFlight += 1
  }

  firstEvent(elapsedMs: number): void {
    this.#lastFirstEventMs = elapsedMs
  }

  succeeded(elapsedMs: number): void {
    this.#inFlight -= 1
    this.#lastLatencyMs = elapsedMs
    this.#averageLatencyMs =
      this.#averageLatencyMs === undefined
        ? elapsedMs
        : this.#averageLatencyMs + NEWEST_WEIGHT * (elapsedMs - this.#averageLatencyMs)
  }

  failed(): void {
    this.#inFlight -= 1
    this.#errors += 1
  }

  /** The reader left, or the caller gave up: neither a success nor the provider's fault. */
  abandoned(): void {
    this.#inFlight -= 1
  }

  /** Once a call, with the last snapshot. */
  used(usage: Usage | undefined): void {
    this.#inputTokens += usage?.input?.total ?? 0
    this.#outputTokens += usage?.output?.total ?? 0
  }

  /** The headers of an answer, which may speak of limits. */
  heard(headers: WireHeaders, nowMs: number): void {
    this.#limits = rateLimitsIn(headers, nowMs) ?? this.#limits
  }

  /** It was refused for coming too often, and told when to come again. */
  held(waitMs: number, nowMs: number): void {
    this.#retry = { seenAtMs: nowMs, atMs: nowMs + waitMs }
  }

  /** Undefined where it never spoke of any. */
  limits(): ProviderLimits | undefined {
    if (this.#limits === undefined && this.#retry === undefined) return undefined
    const { seenAtMs = this.#retry?.seenAtMs ?? 0, buckets = [] } = this.#limits ?? {}
    return compact({ seenAtMs, buckets, retryAtMs: this.#retry?.atMs })
  }

  stats(): ProviderStats {
    return compact({
      requests: this.#requests,
      errors: this.#errors,
      inFlight: this.#inFlight,
      lastLatencyMs: this.#lastLatencyMs,
      averageLatencyMs: this.#averageLatencyMs,
      lastFirstEventMs: this.#lastFirstEventMs,
      inputTokens: this.#inputTokens,
      outputTokens: this.#outputTokens,
    })
  }
}
