// From tokens to money: whole numbers only, over the canonical usage, so that it is the same whatever protocol the client speaks.
import { type Cost, costOfNano } from '../canonical/cost.ts'
import type { InputUsage, OutputUsage, Usage } from '../canonical/usage.ts'
import type { ModelPrice, Rates, Tariff } from './price.ts'
import { serviceOf } from './service.ts'

const MILLION = 1_000_000n
const MOST = BigInt(Number.MAX_SAFE_INTEGER)

/** What a call cost. Undefined where tokens were used that are not counted or have no known rate: unknown is not 0. */
export function costOf(usage: Usage | undefined, price: ModelPrice | undefined): Cost | undefined {
  if (price === undefined) return undefined
  const { input = {}, output = {}, hosted = {} } = usage ?? {}
  const { tariff, unpriced } = tariffOf(price, usage?.tier)
  const rates = ratesAt(tariff, input.total ?? 0)
  let sum = BigInt(price.perRequest ?? 0) * MILLION
  for (const { tokens, rate } of [...inputTokens(input, rates), ...outputTokens(output, rates)]) {
    // What costs nothing costs nothing, however much it was.
    if (rate === 0 || tokens === 0) continue
    if (rate === undefined || tokens === undefined) return undefined
    sum += BigInt(tokens) * BigInt(rate)
  }
  const lacking = [...unpriced]
  for (const [tool, calls] of Object.entries(hosted)) {
    const fee = feeOf(price, tool)
    if (fee === undefined) {
      if (whole(calls) > 0) lacking.push(`tool ${tool}`)
    } else sum += BigInt(fee) * BigInt(whole(calls)) * MILLION
  }
  const nano = (sum + MILLION / 2n) / MILLION
  const cost = costOfNano(Number(nano > MOST ? MOST : nano))
  return lacking.length === 0 ? cost : { ...cost, unpriced: lacking }
}

/** The rates of a request with so much input. */
export function ratesAt({ rates, tiers = [] }: Tariff, inputTokens: number): Rates {
  return tiers.findLast(({ above }) => inputTokens > above)?.rates ?? rates
}

/** The tariff of a service tier; the usual one, and said so, where this tier has none that is known. */
function tariffOf(
  price: ModelPrice,
  tier: string | undefined,
): { readonly tariff: Tariff; readonly unpriced: readonly string[] } {
  const service = serviceOf(tier)
  if (service === undefined || price.origin === 'free') return { tariff: price, unpriced: [] }
  const { services = {} } = price
  const own = Object.hasOwn(services, service) ? services[service] : undefined
  if (own !== undefined) return { tariff: own, unpriced: [] }
  return { tariff: price, unpriced: [`tier ${service}`] }
}

function feeOf({ origin, tools = {} }: ModelPrice, tool: string): number | undefined {
  if (Object.hasOwn(tools, tool)) return tools[tool]
  return origin === 'free' ? 0 : undefined
}

/** Some tokens, all at one rate. */
interface Share {
  readonly tokens: number | undefined
  readonly rate: number | undefined
}

/** The parts of the input, each at its own rate; what belongs to no part costs what input costs. */
function inputTokens(usage: InputUsage, rates: Rates): readonly Share[] {
  if (usage.total === undefined) return [{ tokens: undefined, rate: rates.input }]
  const left = new Purse(usage.total)
  const cacheWrite = rates.cacheWrite ?? rates.input
  const written = left.take(Math.max(usage.cacheWrite ?? 0, usage.cacheWrite1h ?? 0))
  const longer = Math.min(whole(usage.cacheWrite1h ?? 0), written)
  return [
    { tokens: longer, rate: rates.cacheWrite1h ?? cacheWrite },
    { tokens: written - longer, rate: cacheWrite },
    { tokens: left.take(usage.cacheRead), rate: rates.cacheRead ?? rates.input },
    { tokens: left.take(usage.audio), rate: rates.inputAudio ?? rates.input },
    { tokens: left.take(usage.image), rate: rates.inputImage ?? rates.input },
    { tokens: left.rest, rate: rates.input },
  ]
}

function outputTokens(usage: OutputUsage, rates: Rates): readonly Share[] {
  if (usage.total === undefined) return [{ tokens: undefined, rate: rates.output }]
  const left = new Purse(usage.total)
  return [
    { tokens: left.take(usage.reasoning), rate: rates.reasoning ?? rates.output },
    { tokens: left.take(usage.audio), rate: rates.outputAudio ?? rates.output },
    { tokens: left.take(usage.image), rate: rates.outputImage ?? rates.output },
    { tokens: left.rest, rate: rates.output },
  ]
}

/** Parts that together are never more than the whole, whatever a provider counts. */
class Purse {
  #left: number

  constructor(total: number) {
    this.#left = whole(total)
  }

  take(tokens: number = 0): number {
    const taken = Math.min(whole(tokens), this.#left)
    this.#left -= taken
    return taken
  }

  get rest(): number {
    return this.#left
  }
}

/** A count as counts should be. */
function whole(tokens: number): number {
  return Number.isFinite(tokens) ? Math.max(0, Math.trunc(tokens)) : 0
}
