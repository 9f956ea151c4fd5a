// From tokens to money: whole numbers only, over the canonical usage, so that it is the same whatever protocol the client speaks.
import { type Cost, costOfNano } from '../canonical/cost.ts'
import type { InputUsage, OutputUsage, Usage } from '../canonical/usage.ts'
import type { ModelPrice, Rates, Tariff } from './price.ts'
import { serviceOf } from './service.ts'

const MILLION = 1_000_000
const MOST = Number.MAX_SAFE_INTEGER

/** What a call cost. Undefined where tokens were used that are not counted or have no known rate: unknown is not 0. */
export function costOf(usage: Usage | undefined, price: ModelPrice | undefined): Cost | undefined {
  if (price === undefined) return undefined
  const { input = {}, output = {}, hosted } = usage ?? {}
  const { tariff, unpriced } = tariffOf(price, usage?.tier)
  const rates = ratesAt(tariff, input.total ?? 0)
  const bill = new Bill()
  bill.add(MILLION, price.perRequest ?? 0)
  addInput(bill, input, rates)
  addOutput(bill, output, rates)
  const lacking = hosted === undefined ? unpriced : [...unpriced, ...addTools(bill, hosted, price)]
  const nano = bill.nano
  if (nano === undefined) return undefined
  const cost = costOfNano(nano)
  return lacking.length === 0 ? cost : { ...cost, unpriced: lacking }
}

/** A sum of tokens at their rates, exact however large it is. */
class Bill {
  #sum = 0
  /** What would not be exact in `#sum`. */
  #large: bigint | undefined
  #isKnown = true

  add(tokens: number | undefined, rate: number | undefined): void {
    // What costs nothing costs nothing, however much it was.
    if (rate === 0 || tokens === 0) return
    if (rate === undefined || tokens === undefined) {
      this.#isKnown = false
      return
    }
    const sum = this.#sum + tokens * rate
    if (Number.isSafeInteger(sum)) this.#sum = sum
    else this.#large = (this.#large ?? 0n) + BigInt(tokens) * BigInt(rate)
  }

  /** Undefined where something in it is not known. */
  get nano(): number | undefined {
    if (!this.#isKnown) return undefined
    const rounded = this.#sum + MILLION / 2
    if (this.#large === undefined && Number.isSafeInteger(rounded)) {
      return (rounded - (rounded % MILLION)) / MILLION
    }
    const nano = (BigInt(this.#sum) + (this.#large ?? 0n) + BigInt(MILLION / 2)) / BigInt(MILLION)
    return nano > BigInt(MOST) ? MOST : Number(nano)
  }
}

/** The rates of a request with so much input. */
export function ratesAt({ rates, tiers = [] }: Tariff, inputTokens: number): Rates {
  return tiers.findLast(({ above }) => inputTokens > above)?.rates ?? rates
}

const NONE: readonly string[] = []

/** The tariff of a service tier; the usual one, and said so, where this tier has none that is known. */
function tariffOf(
  price: ModelPrice,
  tier: string | undefined,
): { readonly tariff: Tariff; readonly unpriced: readonly string[] } {
  const service = serviceOf(tier)
  if (service === undefined || price.origin === 'free') return { tariff: price, unpriced: NONE }
  const { services = {} } = price
  const own = Object.hasOwn(services, service) ? services[service] : undefined
  if (own !== undefined) return { tariff: own, unpriced: NONE }
  return { tariff: price, unpriced: [`tier ${service}`] }
}

function feeOf({ origin, tools = {} }: ModelPrice, tool: string): number | undefined {
  if (Object.hasOwn(tools, tool)) return tools[tool]
  return origin === 'free' ? 0 : undefined
}

/** The calls of tools, each at its fee; gives those that have none. */
function addTools(
  bill: Bill,
  hosted: Readonly<Record<string, number>>,
  price: ModelPrice,
): readonly string[] {
  return Object.entries(hosted).flatMap(([tool, calls]) => {
    const fee = feeOf(price, tool)
    if (fee === undefined) return whole(calls) > 0 ? [`tool ${tool}`] : []
    bill.add(whole(calls) * MILLION, fee)
    return []
  })
}

/** The parts of the input, each at its own rate; what belongs to no part costs what input costs. */
function addInput(bill: Bill, usage: InputUsage, rates: Rates): void {
  const { input } = rates
  if (usage.total === undefined) {
    bill.add(undefined, input)
    return
  }
  const left = new Purse(usage.total)
  const cacheWrite = rates.cacheWrite ?? input
  const written = left.take(Math.max(usage.cacheWrite ?? 0, usage.cacheWrite1h ?? 0))
  const longer = Math.min(whole(usage.cacheWrite1h ?? 0), written)
  bill.add(longer, rates.cacheWrite1h ?? cacheWrite)
  bill.add(written - longer, cacheWrite)
  bill.add(left.take(usage.cacheRead), rates.cacheRead ?? input)
  bill.add(left.take(usage.audio), rates.inputAudio ?? input)
  bill.add(left.take(usage.image), rates.inputImage ?? input)
  bill.add(left.rest, input)
}

function addOutput(bill: Bill, usage: OutputUsage, rates: Rates): void {
  const { output } = rates
  if (usage.total === undefined) {
    bill.add(undefined, output)
    return
  }
  const left = new Purse(usage.total)
  bill.add(left.take(usage.reasoning), rates.reasoning ?? output)
  bill.add(left.take(usage.audio), rates.outputAudio ?? output)
  bill.add(left.take(usage.image), rates.outputImage ?? output)
  bill.add(left.rest, output)
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
