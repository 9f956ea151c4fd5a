// A price as people write it: US dollars for a million tokens, as vendors do.
import { compact } from '../canonical/compact.ts'
import type { ModelPrice } from './price.ts'

export interface PriceSetting {
  readonly input: number
  readonly output: number
  /** What is read from the provider's cache. Default: as other input. */
  readonly cacheRead?: number
  /** What is written to it. Default: as other input. */
  readonly cacheWrite?: number
  /** What is written to it for an hour. Default: as `cacheWrite`. */
  readonly cacheWrite1h?: number
  /** Default: as other output. */
  readonly reasoning?: number
  /** US dollars for each request besides. */
  readonly request?: number
}

const NANO = 1e9

export function ownPrice({ request, ...rates }: PriceSetting): ModelPrice {
  return compact({
    origin: 'config' as const,
    rates: compact({
      input: nano(rates.input),
      output: nano(rates.output),
      cacheRead: nano(rates.cacheRead),
      cacheWrite: nano(rates.cacheWrite),
      cacheWrite1h: nano(rates.cacheWrite1h),
      reasoning: nano(rates.reasoning),
    }),
    perRequest: nano(request),
  })
}

function nano(dollars: number): number
function nano(dollars: number | undefined): number | undefined
function nano(dollars: number | undefined): number | undefined {
  return dollars === undefined ? undefined : Math.round(dollars * NANO)
}
