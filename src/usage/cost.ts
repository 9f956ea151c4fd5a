// From tokens to money: whole numbers only, over the canonical usage, so that it is the same whatever protocol the client speaks.
import { type Cost, costOfNano } from '../canonical/cost.ts'
import type { InputUsage, OutputUsage, Usage } from '../canonical/usage.ts'
import type { ModelPrice, Rates } from './price.ts'

const MILLION = 1_000_000n

/** What a call cost. Undefined where tokens were used that are not counted or have no known rate: unknown is not 0. */
export function costOf(usage: Usage | undefined, price: ModelPrice | undefined): Cost | undefined {
  if (price === undefined) return undefined
  const { input = {}, output = {} } = usage ?? {}
  const rates = ratesAt(price, input.total ?? 0)
  const used = [...inputTokens(input, rates), ...outputTokens(output, rates)]
  let sum = BigInt(price.perRequest ?? 0) * MILLION
  for (const { tokens, rate } of used) {
    // What costs nothing costs nothing, however much it was.
    if (rate === 0 || tokens === 0) continue
    if (rate === undefined || tokens === undefined) return undefined
    sum += BigInt(tokens) * BigInt(rate)
  }
  return costOfNano(Number((sum + MILLION / 2n) / MILLION))
}

/** The rates of a request with so much input. */
export function ratesAt({ rates, tiers = [] }: ModelPrice, inputTokens: number): Rates {
  return tiers.findLast(({ above }) => inputTokens > above)?.rates ?? rates
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
