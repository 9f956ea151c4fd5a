// Meters that are counted many times a call and read once a scrape: what is counted is gathered here, and handed to the library where it is read.
import type {
  Counter as Counted,
  Gauge as Gauged,
  Histogram as Observed,
} from '@prometheus-io/client'
import { ByLabels, type Labels } from './by-labels.ts'

/** All of a meter's labels. */
type LabelsOf<Label extends string> = Readonly<Record<Label, string>>

const NONE: Labels = {}

interface Amount {
  value: number
}

/** Only grows. Throws where it should not. */
export class Counter<Label extends string = never> {
  readonly #amounts: ByLabels<Amount>

  constructor(labels: readonly Label[]) {
    this.#amounts = new ByLabels(labels, () => ({ value: 0 }))
  }

  inc(by?: number): void
  inc(labels: LabelsOf<Label>, by?: number): void
  inc(first: LabelsOf<Label> | number = 1, second = 1): void {
    const by = typeof first === 'number' ? first : second
    if (!(by >= 0 && by < Infinity)) throw new RangeError(`a counter cannot grow by ${by}`)
    this.#amounts.of(typeof first === 'number' ? NONE : first).value += by
  }

  /** What was counted since it was told last. */
  tell(counted: Counted<string>): void {
    for (const { labels, value: amount } of this.#amounts.all) {
      counted.inc(labels, amount.value)
      amount.value = 0
    }
  }
}

/** Goes up and down. */
export class Gauge<Label extends string = never> {
  readonly #amounts: ByLabels<Amount>

  constructor(labels: readonly Label[]) {
    this.#amounts = new ByLabels(labels, () => ({ value: 0 }))
  }

  set(value: number): void
  set(labels: LabelsOf<Label>, value: number): void
  set(first: LabelsOf<Label> | number, second = 0): void {
    if (typeof first === 'number') this.#amounts.of(NONE).value = first
    else this.#amounts.of(first).value = second
  }

  inc(): void
  inc(labels: LabelsOf<Label>): void
  inc(labels: Labels = NONE): void {
    this.#amounts.of(labels).value += 1
  }

  dec(): void
  dec(labels: LabelsOf<Label>): void
  dec(labels: Labels = NONE): void {
    this.#amounts.of(labels).value -= 1
  }

  /** Forgets all series. */
  reset(): void {
    this.#amounts.clear()
  }

  /** How it stands. */
  tell(gauged: Gauged<string>): void {
    gauged.reset()
    for (const { labels, value } of this.#amounts.all) gauged.set(labels, value.value)
  }
}

/** How often values were within bounds. Throws for what is no number. */
export class Histogram<Label extends string = never> {
  readonly #series: ByLabels<Observed.Internal<string>>

  constructor(labels: readonly Label[], observed: Observed<string>) {
    this.#series = new ByLabels(labels, (own) => observed.labels(own))
  }

  observe(value: number): void
  observe(labels: LabelsOf<Label>, value: number): void
  observe(first: LabelsOf<Label> | number, second = 0): void {
    if (typeof first === 'number') this.#series.of(NONE).observe(first)
    else this.#series.of(first).observe(second)
  }
}
