// Makes the meters of one registry: every gateway has its own, and nothing is registered in the process.
import { Counter, Gauge, Histogram } from './meters.ts'
import type { Registered, Registry } from './registry.ts'

/** Seconds, for what is local and quick. */
export const QUICK = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5] as const
/** Seconds, for what a model takes. */
export const SLOW = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300] as const

/** What a meter tells, beginning with its help text. */
interface Described<Label extends string> {
  readonly help: string
  readonly labels?: readonly Label[]
}

interface Bucketed<Label extends string> extends Described<Label> {
  readonly buckets: readonly number[]
}

interface Collected<Label extends string, Meter> extends Described<Label> {
  /** Brings it up to date, at each scrape. */
  readonly collect?: (meter: Meter) => void
}

/** One meter, as the documentation tells of it. */
export interface MeterDescription {
  readonly name: string
  readonly type: 'counter' | 'gauge' | 'histogram'
  readonly help: string
  readonly labels: readonly string[]
}

export class MeterMaker {
  readonly #registry: Registry
  readonly #made: MeterDescription[] = []

  constructor(registry: Registry) {
    this.#registry = registry
  }

  /** All that were made. */
  list(): readonly MeterDescription[] {
    return this.#made
  }

  counter<Label extends string = never>(
    name: string,
    { help, labels = [], collect }: Collected<Label, Counter<Label>>,
  ): Counter<Label> {
    const counter = new Counter({ name, labels })
    this.#register({ name, type: 'counter', help, labels }, () => {
      collect?.(counter)
      return counter.samples()
    })
    return counter
  }

  gauge<Label extends string = never>(
    name: string,
    { help, labels = [], collect }: Collected<Label, Gauge<Label>>,
  ): Gauge<Label> {
    const gauge = new Gauge({ name, labels })
    this.#register({ name, type: 'gauge', help, labels }, () => {
      collect?.(gauge)
      return gauge.samples()
    })
    return gauge
  }

  histogram<Label extends string = never>(
    name: string,
    { help, labels = [], buckets }: Bucketed<Label>,
  ): Histogram<Label> {
    const histogram = new Histogram({ name, labels }, buckets)
    this.#register({ name, type: 'histogram', help, labels }, () => histogram.samples())
    return histogram
  }

  #register(meter: MeterDescription, samples: Registered['samples']): void {
    this.#made.push(meter)
    this.#registry.register({ ...meter, samples })
  }
}
