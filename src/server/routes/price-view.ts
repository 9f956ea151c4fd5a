// How a price is shown: in US dollars, as vendors write it, with who says so.
import { compact } from '../../canonical/compact.ts'
import type { ModelPrice, Rates, Tariff } from '../../usage/price.ts'
import { priceVersion } from '../../usage/price-version.ts'
import type { Json, JsonObject } from '../../wire/json.ts'

export function priceView(price: ModelPrice | undefined): JsonObject {
  if (price === undefined) return { source: 'unknown' }
  const { origin, name, source, perRequest, tools, services } = price
  return compact({
    source: origin,
    name,
    list: source,
    version: priceVersion(price),
    ...tariffView(price),
    per_request: perRequest === undefined ? undefined : dollars(perRequest),
    per_tool_call: tools === undefined ? undefined : each(tools, (fee) => dollars(fee)),
    services: services === undefined ? undefined : each(services, (one) => tariffView(one)),
  })
}

function tariffView({ rates, tiers = [] }: Tariff): JsonObject {
  return compact({
    per_million: ratesView(rates),
    tiers:
      tiers.length === 0
        ? undefined
        : tiers.map((tier) => ({
            above_input_tokens: tier.above,
            per_million: ratesView(tier.rates),
          })),
  })
}

function each<Value>(
  values: Readonly<Record<string, Value>>,
  view: (value: Value) => Json,
): JsonObject {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, view(value)]))
}

function ratesView(rates: Rates): JsonObject {
  const rate = (name: keyof Rates): number | undefined => {
    const value = rates[name]
    return value === undefined ? undefined : dollars(value)
  }
  return compact({
    input: rate('input'),
    cache_read: rate('cacheRead'),
    cache_write: rate('cacheWrite'),
    cache_write_1h: rate('cacheWrite1h'),
    input_audio: rate('inputAudio'),
    input_image: rate('inputImage'),
    output: rate('output'),
    reasoning: rate('reasoning'),
    output_audio: rate('outputAudio'),
    output_image: rate('outputImage'),
  })
}

function dollars(nano: number): number {
  return nano / 1e9
}
