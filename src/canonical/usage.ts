// Token counts. Unknown stays undefined: an absent number is never a made-up 0.
import { compact } from './compact.ts'
import type { Json } from './json.ts'

export interface InputUsage {
  /** Everything read, cached or not. */
  readonly total?: number
  /** Part of total: read from the provider's cache. */
  readonly cacheRead?: number
  /** Part of total: written to the provider's cache. */
  readonly cacheWrite?: number
  readonly cacheWrite5m?: number
  readonly cacheWrite1h?: number
  readonly audio?: number
  readonly image?: number
  readonly text?: number
}

export interface OutputUsage {
  /** Everything written, reasoning included. */
  readonly total?: number
  /** Part of total. */
  readonly reasoning?: number
  readonly audio?: number
  readonly image?: number
  readonly text?: number
  readonly acceptedPrediction?: number
  readonly rejectedPrediction?: number
}

export interface Usage {
  readonly input?: InputUsage
  readonly output?: OutputUsage
  /** As reported, never recomputed. */
  readonly total?: number
  /** Calls of hosted tools, by the vendor's name for them. */
  readonly hosted?: Readonly<Record<string, number>>
  readonly tier?: string
  readonly timing?: {
    readonly loadMs?: number
    readonly promptMs?: number
    readonly outputMs?: number
    readonly totalMs?: number
  }
  /** True when the answer was cut, so that the counts are what had been said until then. */
  readonly partial?: true
  /** True when a count in it is a guess of ours, since its provider gave none. Never in what a client sees. */
  readonly estimated?: true
  /** The vendor's own object with the dialect that wrote it, for audit and the way back. */
  readonly raw?: { readonly dialect: string; readonly value: Json }
}

/** Usage snapshots are cumulative: the later defined field wins. */
export function mergeUsage(earlier: Usage | undefined, later: Usage): Usage {
  if (earlier === undefined) return later
  return {
    ...earlier,
    ...compact({
      ...later,
      input: merged(earlier.input, later.input),
      output: merged(earlier.output, later.output),
      hosted: merged(earlier.hosted, later.hosted),
      timing: merged(earlier.timing, later.timing),
    }),
  }
}

function merged<T extends object>(earlier: T | undefined, later: T | undefined): T | undefined {
  if (earlier === undefined || later === undefined) return later ?? earlier
  return { ...earlier, ...compact(later) }
}

/** Input plus output, when both are known and the vendor gave no sum of its own. */
export function totalTokens(usage: Usage | undefined): number | undefined {
  if (usage === undefined) return undefined
  if (usage.total !== undefined) return usage.total
  const input = usage.input?.total
  const output = usage.output?.total
  return input === undefined || output === undefined ? undefined : input + output
}
