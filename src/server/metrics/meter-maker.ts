// Makes the meters of one registry: every gateway has its own, and nothing is registered in the process.
import {
  Counter as Counted,
  Gauge as Gauged,
  Histogram as Observed,
  type Registry,
} from '@prometheus-io/client'
import { Counter, Gauge, Histogram } from './meters.ts'

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
  readonly #registers: [Registry]
  readonly #made: MeterDescription[] = []

  constructor(registry: Registry) {
    this.#registers = [registry]
  }

  /** All that were made. */
  list(): readonly MeterDescription[] {
    return this.#made
  }

  counter<Label extends string = never>(
    name: string,
    { help, labels = [], collect }: Collected<Label, Counter<Label>>,
  ): Counter<Label> {
    this.#made.push({ name, type: 'counter', help, labels })
    const counter = new Counter(labels)
    const counted: Counted<string> = new Counted<string>({
      name,
      help,
      labelNames: labels,
      registers: this.#registers,
      collect: () => {
        collect?.(counter)
        counter.tell(counted)
      },
    })
    return counter
  }

  gauge<Label extends string = never>(
    name: string,
    { help, labels = [], collect }: Collected<Label, Gauge<Label>>,
  ): Gauge<Label> {
    this.#made.push({ name, type: 'gauge', help, labels })
    const gauge = new Gauge(labels)
    const gauged: Gauged<string> = new Gauged<string>({
      name,
      help,
      labelNames: labels,
      registers: this.#registers,
      collect: () => {
        collect?.(gauge)
        gauge.tell(gauged)
      },
    })
    return gauge
  }

  histogram<Label extends string = never>(
    name: string,
    { help, labels = [], buckets }: Bucketed<Label>,
  ): Histogram<Label> {
    this.#made.push({ name, type: 'histogram', help, labels })
    const registers = this.#registers
    const setup = { name, help, labelNames: labels, buckets: [...buckets], registers }
    return new Histogram(labels, new Observed<string>(setup))
  }
}
