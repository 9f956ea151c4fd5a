// What patchbay.yaml may say of prices.
import { z } from 'zod'
import { compact } from '../canonical/compact.ts'
import type { PriceSetting, RateSetting, TariffSetting } from '../usage/price-setting.ts'
import { asNumber, optional, text } from './values.ts'

const dollars = z.preprocess(asNumber, z.number().min(0).max(1_000_000))

const rates = {
  input: dollars.describe('What the model reads.'),
  output: dollars.describe('What it writes.'),
  cache_read: optional(dollars).describe('Input from the cache. Default: as input.'),
  cache_write: optional(dollars).describe('Input that is cached. Default: as input.'),
  cache_write_1h: optional(dollars).describe(
    'Input that is cached for an hour. Default: as cache_write.',
  ),
  input_audio: optional(dollars).describe('Sound that is read. Default: as input.'),
  input_image: optional(dollars).describe('Pictures that are read. Default: as input.'),
  reasoning: optional(dollars).describe('Output that is thinking. Default: as output.'),
  output_audio: optional(dollars).describe('Sound that is written. Default: as output.'),
  output_image: optional(dollars).describe('Pictures that are written. Default: as output.'),
}

const longer = optional(
  z.array(
    z.strictObject({
      above: z
        .preprocess(asNumber, z.int().positive())
        .describe('Tokens of input; a request with more costs this as a whole.'),
      ...rates,
    }),
  ),
).describe('Rates of requests with a long input.')

const tariff = z.strictObject({ ...rates, longer })

const priceEntry = z.strictObject({
  ...rates,
  longer,
  request: optional(dollars).describe('Each request besides, in US dollars. Default: nothing.'),
  tools: optional(z.record(text, dollars)).describe(
    'Each call of a tool that the provider runs, in US dollars, by the name it is counted by: web_search_requests.',
  ),
  services: optional(z.record(text.regex(/^[a-z][a-z0-9_]*$/), tariff)).describe(
    'What requests cost that are served in another tier, by its name: flex, priority, batch.',
  ),
})

export const price: z.ZodType<PriceSetting> = priceEntry.transform(
  ({ request, tools, services, ...rest }) =>
    compact({
      ...toTariff(rest),
      request,
      tools,
      services:
        services === undefined
          ? undefined
          : Object.fromEntries(
              Object.entries(services).map(([name, one]) => [name, toTariff(one)] as const),
            ),
    }),
)

function toTariff({ longer: tiers, ...rest }: z.infer<typeof tariff>): TariffSetting {
  return compact({
    ...toRates(rest),
    longer: tiers?.map(({ above, ...more }) => ({ above, ...toRates(more) })),
  })
}

function toRates(entry: Omit<z.infer<typeof tariff>, 'longer'>): RateSetting {
  return compact({
    input: entry.input,
    output: entry.output,
    cacheRead: entry.cache_read,
    cacheWrite: entry.cache_write,
    cacheWrite1h: entry.cache_write_1h,
    inputAudio: entry.input_audio,
    inputImage: entry.input_image,
    reasoning: entry.reasoning,
    outputAudio: entry.output_audio,
    outputImage: entry.output_image,
  })
}
