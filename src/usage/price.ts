// What a model costs: the rates of its tokens, and the contract of whoever knows them.
import type { Target } from '../exchange/target.ts'

/** Billionths of a US dollar for a million tokens, whole numbers. A rate that is absent is not known. */
export interface Rates {
  readonly input?: number
  /** Read from the provider's cache. Absent: as other input. */
  readonly cacheRead?: number
  /** Written to it. Absent: as other input. */
  readonly cacheWrite?: number
  /** Written to it for an hour. Absent: as what is written for less. */
  readonly cacheWrite1h?: number
  /** Absent: as other input. */
  readonly inputAudio?: number
  readonly inputImage?: number
  readonly output?: number
  /** Absent: as other output. */
  readonly reasoning?: number
  readonly outputAudio?: number
  readonly outputImage?: number
}

/** Rates for requests of any length. */
export interface Tariff {
  readonly rates: Rates
  /** Rates of whole requests whose input is longer; the last that applies counts. In order of `above`. */
  readonly tiers?: readonly Tier[]
}

interface Tier {
  /** Tokens of input. */
  readonly above: number
  readonly rates: Rates
}

/** Who says what a model costs: `free` because it runs on this machine, the configuration, or a public list. */
type PriceOrigin = 'free' | 'config' | 'list'

export interface ModelPrice extends Tariff {
  readonly origin: PriceOrigin
  /** The model as the source of the price calls it, where it has a name for it. */
  readonly name?: string
  /** Which list says it, and of when. */
  readonly source?: string
  /** Of each request besides its tokens, in billionths of a US dollar. */
  readonly perRequest?: number
  /** Of each call of a tool that the provider runs, by the name it is counted by, in billionths of a US dollar. */
  readonly tools?: Readonly<Record<string, number>>
  /** What requests cost that are not served in the usual way, by `serviceOf` their tier: `flex`, `priority`, `batch`. */
  readonly services?: Readonly<Record<string, Tariff>>
}

/** A model as its provider declares it for pricing. */
export interface PricedModel {
  /** As users call it. */
  readonly provider: string
  /** The provider's own name for it. */
  readonly model: string
  /** It costs nothing: it runs on a machine of the user's own. */
  readonly free: boolean
  /** Where its vendor serves it, which is how public lists know vendors. */
  readonly vendorUrl?: string
}

/** Known at once, or once it is looked up. Undefined for a price that is not known, which is not a price of 0. Never fails. */
export type FoundPrice = ModelPrice | undefined | Promise<ModelPrice | undefined>

export interface PriceBook {
  priceOf(model: PricedModel): FoundPrice
}

/** What a target costs, as its provider declares itself. */
export type PriceOf = (target: Target) => FoundPrice

const FREE: ModelPrice = { origin: 'free', rates: { input: 0, output: 0 } }

export interface PriceSources {
  /** By `provider/model`. */
  readonly own?: Readonly<Record<string, ModelPrice>>
  readonly list?: PriceBook
}

/** What the user says comes first, then what is free by declaration, then the list. */
export function priceBook({ own = {}, list }: PriceSources): PriceBook {
  return {
    priceOf: (model) => {
      const name = `${model.provider}/${model.model}`
      if (Object.hasOwn(own, name)) return own[name]
      return model.free ? FREE : list?.priceOf(model)
    },
  }
}
