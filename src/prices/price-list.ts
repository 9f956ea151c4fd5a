// The public price list: the one that Patchbay brings along, and a newer one where there is one. Read when the first price is asked for.
import type { ModelPrice, PriceBook, PricedModel } from '../usage/price.ts'
import { modelPrice } from './listed-price.ts'
import type { PriceUpdate } from './price-update.ts'

export interface NewerList extends Pick<PriceUpdate, 'vendors'> {
  /** What it is called where a price is explained. */
  readonly name: string
}

/** Prices that were looked up stand so long: some have a date or a time of day. */
const FRESH_MS = 60_000
const MOST_KEPT = 1000
export const BUNDLED = '@pydantic/genai-prices 0.1.8'

/** `now`: milliseconds since 1970. */
export function priceList(now: () => number, newer?: NewerList): PriceBook {
  const kept = new Map<string, { readonly at: number; readonly price: ModelPrice | undefined }>()
  return {
    priceOf: ({ model, vendorUrl }: PricedModel) => {
      // Not by the model's name alone: who serves it decides what it costs.
      if (vendorUrl === undefined) return undefined
      // No URL holds a space.
      const key = `${vendorUrl} ${model}`
      const before = kept.get(key)
      if (before !== undefined && now() - before.at < FRESH_MS) return before.price
      return lookedUp({ model, vendorUrl, at: now(), newer }).then((price) => {
        if (kept.size >= MOST_KEPT) kept.clear()
        kept.set(key, { at: now(), price })
        return price
      })
    },
  }
}

interface Wanted {
  readonly model: string
  readonly vendorUrl: string
  readonly at: number
  readonly newer: NewerList | undefined
}

async function lookedUp({ model, vendorUrl, at, newer }: Wanted): Promise<ModelPrice | undefined> {
  const { calcPrice, findProvider } = await import('@pydantic/genai-prices')
  const bundled = findProvider({ providerApiUrl: vendorUrl })
  if (bundled === undefined) return undefined
  // Where a vendor is, and which others it resells, is only ever said by the list that came along.
  const { fallback_model_providers: _resold, ...vendor } = bundled
  const models = [...(newer?.vendors.get(vendor.id) ?? [])]
  const lists = [
    { provider: { ...vendor, models }, source: newer?.name ?? BUNDLED },
    { provider: bundled, source: BUNDLED },
  ]
  for (const { provider, source } of lists) {
    try {
      const found = calcPrice({}, model, { provider, timestamp: new Date(at) })
      if (found === null) continue
      const names = { vendor: vendor.id, model: found.model.id, source }
      return modelPrice(found.model_price, names)
    } catch {
      // A model whose price a list cannot tell is one without a price in it.
    }
  }
  return undefined
}
