// A price as people write it: US dollars for a million tokens, as vendors do.
import { compact } from '../canonical/compact.ts'
import { GatewayError } from '../canonical/errors.ts'
import type { ModelPrice, Rates, Tariff } from './price.ts'

/** US dollars for a million tokens. */
export interface RateSetting {
  readonly input: number
  readonly output: number
  /** What is read from the provider's cache. Default: as other input. */
  readonly cacheRead?: number
  /** What is written to it. Default: as other input. */
  readonly cacheWrite?: number
  /** What is written to it for an hour. Default: as `cacheWrite`. */
  readonly cacheWrite1h?: number
  /** Sound and pictures that are read. Default: as other input. */
  readonly inputAudio?: number
  readonly inputImage?: number
  /** Default: as other output. */
  readonly reasoning?: number
  /** Sound and pictures that are written. Default: as other output. */
  readonly outputAudio?: number
  readonly outputImage?: number
}

/** Of requests of any length. */
export interface TariffSetting extends RateSetting {
  /** Rates of whole requests with more than so many tokens of input. */
  readonly longer?: readonly LongerSetting[]
}

interface LongerSetting extends RateSetting {
  readonly above: number
}

export interface PriceSetting extends TariffSetting {
  /** US dollars for each request besides. */
  readonly request?: number
  /** US dollars for each call of a tool that the provider runs, by the name it is counted by, such as `web_search_requests`. */
  readonly tools?: Readonly<Record<string, number>>
  /** What requests cost in another service tier, such as `flex`, `priority` or `batch`. */
  readonly services?: Readonly<Record<string, TariffSetting>>
}

const NANO = 1e9
/** A million dollars; whole billionths up to it are exact. */
const MOST = 1_000_000

/** Throws GatewayError invalid_request where a number is no price. */
export function ownPrice({ request, tools, services, ...tariff }: PriceSetting): ModelPrice {
  return compact({
    origin: 'config' as const,
    ...tariffOf(tariff),
    perRequest: nano(request),
    tools: tools === undefined ? undefined : each(tools, (dollars) => nano(dollars)),
    services: services === undefined ? undefined : each(services, (one) => tariffOf(one)),
  })
}

function tariffOf({ longer = [], ...rates }: TariffSetting): Tariff {
  const tiers = longer
    .map(({ above, ...more }) => ({ above, rates: ratesOf(more) }))
    .toSorted((left, right) => left.above - right.above)
  return { rates: ratesOf(rates), ...(tiers.length === 0 ? {} : { tiers }) }
}

function ratesOf(setting: RateSetting): Rates {
  return compact({
    input: nano(setting.input),
    output: nano(setting.output),
    cacheRead: nano(setting.cacheRead),
    cacheWrite: nano(setting.cacheWrite),
    cacheWrite1h: nano(setting.cacheWrite1h),
    inputAudio: nano(setting.inputAudio),
    inputImage: nano(setting.inputImage),
    reasoning: nano(setting.reasoning),
    outputAudio: nano(setting.outputAudio),
    outputImage: nano(setting.outputImage),
  })
}

function each<From, To>(
  values: Readonly<Record<string, From>>,
  of: (value: From) => To,
): Readonly<Record<string, To>> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, of(value)]))
}

function nano(dollars: number): number
function nano(dollars: number | undefined): number | undefined
function nano(dollars: number | undefined): number | undefined {
  if (dollars === undefined) return undefined
  if (dollars >= 0 && dollars <= MOST) return Math.round(dollars * NANO)
  throw new GatewayError(
    'invalid_request',
    `A price of ${dollars} is none: give US dollars from 0 to ${MOST}.`,
    { code: 'invalid_price', param: 'prices' },
  )
}
