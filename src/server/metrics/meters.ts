// Counters, gauges and histograms: counted many times a call, read once a scrape.
import { ByLabels, type Labels } from './by-labels.ts'

/** One number, as Prometheus reads it. */
export interface Sample {
  readonly name: string
  readonly labels: Labels
  readonly value: number
}

export interface MeterSetup<Label extends string> {
  readonly name: string
  /** None: there is one value, and it is there from the start. */
  readonly labels: readonly Label[]
}

/** All of a meter's labels. */
type LabelsOf<Label extends string> = Readonly<Record<Label, string>>

const NONE: Labels = {}

interface Amount {
  value: number
}

class Amounts<Label extends string> {
  readonly name: string
  protected readonly amounts: ByLabels<Amount>

  constructor({ name, labels }: MeterSetup<Label>) {
    this.name = name
    this.amounts = new ByLabels(labels, () => ({ value: 0 }))
    if (labels.length === 0) this.amounts.of(NONE)
  }

  samples(): readonly Sample[] {
    const { name } = this
    return this.amounts.all.map(({ labels, value: { value } }) => ({ name, labels, value }))
  }
}

/** Only grows. Throws where it should not. */
export class Counter<Label extends string = never> extends Amounts<Label> {
  inc(by?: number): void
  inc(labels: LabelsOf<Label>, by?: number): void
  inc(first: LabelsOf<Label> | number = 1, second = 1): void {
    const by = typeof first === 'number' ? first : second
    if (!(by >= 0 && by < Infinity)) throw new RangeError(`${this.name} cannot grow by ${by}`)
    this.amounts.of(typeof first === 'number' ? NONE : first).value += by
  }
}

/** Goes up and down. */
export class Gauge<Label extends string = never> extends Amounts<Label> {
  set(value: number): void
  set(labels: LabelsOf<Label>, value: number): void
  set(first: LabelsOf<Label> | number, second = 0): void {
    if (typeof first === 'number') this.amounts.of(NONE).value = first
    else this.amounts.of(first).value = second
  }

  inc(): void
  inc(labels: LabelsOf<Label>): void
  inc(labels: Labels = NONE): void {
    this.amounts.of(labels).value += 1
  }

  dec(): void
  dec(labels: LabelsOf<Label>): void
  dec(labels: Labels = NONE): void {
    this.amounts.of(labels).value -= 1
  }

  /** Forgets all series. */
  reset(): void {
    this.amounts.clear()
  }
}

interface Distribution {
  /** Of each bucket alone; what is above all of them is counted in `count` only. */
  readonly counts: number[]
  sum: number
  count: number
}

/** How often values were within bounds. Throws for what is no number. */
export class Histogram<Label extends string = never> {
  readonly name: string
  readonly #bounds: readonly number[]
  readonly #distributions: ByLabels<Distribution>

  constructor({ name, labels }: MeterSetup<Label>, bounds: readonly number[]) {
    this.name = name
    this.#bounds = bounds
    this.#distributions = new ByLabels(labels, () => ({
      counts: bounds.map(() => 0),
      sum: 0,
      count: 0,
    }))
    if (labels.length === 0) this.#distributions.of(NONE)
  }

  observe(value: number): void
  observe(labels: LabelsOf<Label>, value: number): void
  observe(first: LabelsOf<Label> | number, second = 0): void {
    const value = typeof first === 'number' ? first : second
    if (!Number.isFinite(value)) throw new RangeError(`${this.name} cannot count ${value}`)
    const distribution = this.#distributions.of(typeof first === 'number' ? NONE : first)
    distribution.sum += value
    distribution.count += 1
    const at = this.#bounds.findIndex((bound) => value <= bound)
    if (at !== -1) distribution.counts[at] = (distribution.counts[at] ?? 0) + 1
  }

  samples(): readonly Sample[] {
    return this.#distributions.all.flatMap(({ labels, value: { counts, sum, count } }) => {
      let upTo = 0
      const buckets = this.#bounds.map((bound, at) => {
        upTo += counts[at] ?? 0
        return this.#bucket({ le: String(bound), ...labels }, upTo)
      })
      return [
        ...buckets,
        this.#bucket({ le: '+Inf', ...labels }, count),
        { name: `${this.name}_sum`, labels, value: sum },
        { name: `${this.name}_count`, labels, value: count },
      ]
    })
  }

  #bucket(labels: Labels, value: number): Sample {
    return { name: `${this.name}_bucket`, labels, value }
  }
}
