// The public price list that Patchbay brings along, read when the first price is asked for.
import { compact } from '../canonical/compact.ts'
import type { ModelPrice, PriceBook, PricedModel, Rates } from '../usage/price.ts'

/** The keys of the list that chats are priced by; it has others, for pages of documents and hours of sound. */
const RATES: Readonly<Record<keyof Rates, string>> = {
  input: 'input_mtok',
  cacheRead: 'cache_read_mtok',
  cacheWrite: 'cache_write_mtok',
  cacheWrite1h: 'cache_write_1h_mtok',
  inputAudio: 'input_audio_mtok',
  inputImage: 'input_image_mtok',
  output: 'output_mtok',
  reasoning: 'output_reasoning_mtok',
  outputAudio: 'output_audio_mtok',
  outputImage: 'output_image_mtok',
}
const THOUSAND_REQUESTS = 'requests_kcount'

/** As the list has it: one number, or one for short requests and one from each length on. US dollars. */
type ListedRate =
  | number
  | { readonly base: number; readonly tiers: readonly ListedTier[] }
  | undefined
type Listed = Readonly<Record<string, ListedRate>>

interface ListedTier {
  readonly start: number
  readonly price: number
}

/** `now`: milliseconds since 1970; some prices have a date or a time of day. */
export function priceList(now: () => number): PriceBook {
  return {
    priceOf: async ({ model, vendorUrl }: PricedModel) => {
      // Not by the model's name alone: who serves it decides what it costs.
      if (vendorUrl === undefined) return undefined
      const { calcPrice, findProvider } = await import('@pydantic/genai-prices')
      const provider = findProvider({ providerApiUrl: vendorUrl })
      if (provider === undefined) return undefined
      try {
        const found = calcPrice({}, model, { provider, timestamp: new Date(now()) })
        return found === null
          ? undefined
          : modelPrice(found.model_price, `${provider.id}/${found.model.id}`)
      } catch {
        return undefined
      }
    },
  }
}

function modelPrice(listed: Listed, name: string): ModelPrice {
  const starts = Object.values(RATES).flatMap((key) => {
    const rate = listed[key]
    return typeof rate === 'object' ? rate.tiers.map(({ start }) => start) : []
  })
  const tiers = [...new Set(starts)]
    .toSorted((left, right) => left - right)
    .map((above) => ({ above, rates: ratesFrom(listed, above) }))
  const perRequest = dollarsAt(listed[THOUSAND_REQUESTS], 0)
  return compact({
    origin: 'list' as const,
    name,
    rates: ratesFrom(listed, 0),
    perRequest: perRequest === undefined ? undefined : nano(perRequest / 1000),
    tiers: tiers.length === 0 ? undefined : tiers,
  })
}

function ratesFrom(listed: Listed, above: number): Rates {
  const at = (rate: keyof Rates): number | undefined => {
    const dollars = dollarsAt(listed[RATES[rate]], above)
    return dollars === undefined ? undefined : nano(dollars)
  }
  return compact({
    input: at('input'),
    cacheRead: at('cacheRead'),
    cacheWrite: at('cacheWrite'),
    cacheWrite1h: at('cacheWrite1h'),
    inputAudio: at('inputAudio'),
    inputImage: at('inputImage'),
    output: at('output'),
    reasoning: at('reasoning'),
    outputAudio: at('outputAudio'),
    outputImage: at('outputImage'),
  })
}

function dollarsAt(rate: ListedRate, above: number): number | undefined {
  if (typeof rate !== 'object') return rate
  return rate.tiers.findLast(({ start }) => start <= above)?.price ?? rate.base
}

function nano(dollars: number): number {
  return Math.round(dollars * 1e9)
}
