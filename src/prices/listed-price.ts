// One price of the public list, in dollars, as a price of ours, in whole billionths.
import { compact } from '../canonical/compact.ts'
import type { ModelPrice, Rates, Tariff } from '../usage/price.ts'
import { VENDOR_TERMS, sharesOf } from './vendor-terms.ts'

/** The keys of the list that chats are priced by; it has others, for pages of documents and hours of sound. */
export const RATES: Readonly<Record<keyof Rates, string>> = {
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
export const THOUSAND_REQUESTS = 'requests_kcount'
export const THOUSAND_SEARCHES = 'web_searches_kcount'

/** As the list has it: one number, or one for short requests and one from each length on. US dollars. */
type ListedRate =
  | number
  | { readonly base: number; readonly tiers: readonly ListedTier[] }
  | undefined
export type Listed = Readonly<Record<string, ListedRate>>

interface ListedTier {
  readonly start: number
  readonly price: number
}

export interface ListedModel {
  /** The list's names. */
  readonly vendor: string
  readonly model: string
  /** Which list. */
  readonly source: string
}

export function modelPrice(listed: Listed, { vendor, model, source }: ListedModel): ModelPrice {
  const usual = tariff(listed, 1)
  const shares = Object.entries(sharesOf(vendor, model))
  const search = thousandth(listed[THOUSAND_SEARCHES])
  const tools = {
    ...VENDOR_TERMS[vendor]?.tools,
    ...(search === undefined ? {} : { web_search_requests: search }),
  }
  return compact({
    origin: 'list' as const,
    name: `${vendor}/${model}`,
    source,
    ...usual,
    perRequest: thousandth(listed[THOUSAND_REQUESTS]),
    tools: Object.keys(tools).length === 0 ? undefined : tools,
    services:
      shares.length === 0
        ? undefined
        : Object.fromEntries(shares.map(([name, share]) => [name, tariff(listed, share)])),
  })
}

function tariff(listed: Listed, share: number): Tariff {
  const starts = Object.values(RATES).flatMap((key) => {
    const rate = listed[key]
    return typeof rate === 'object' ? rate.tiers.map(({ start }) => start) : []
  })
  const tiers = [...new Set(starts)]
    .toSorted((left, right) => left - right)
    .map((above) => ({ above, rates: ratesFrom(listed, above, share) }))
  return {
    rates: ratesFrom(listed, 0, share),
    ...(tiers.length === 0 ? {} : { tiers }),
  }
}

function ratesFrom(listed: Listed, above: number, share: number): Rates {
  const at = (rate: keyof Rates): number | undefined => {
    const dollars = dollarsAt(listed[RATES[rate]], above)
    return dollars === undefined ? undefined : nano(dollars * share)
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

function thousandth(rate: ListedRate): number | undefined {
  const dollars = dollarsAt(rate, 0)
  return dollars === undefined ? undefined : nano(dollars / 1000)
}

function nano(dollars: number): number {
  return Math.round(dollars * 1e9)
}
