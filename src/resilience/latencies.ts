// How long answers took to begin, lately: enough of them to say what most do not exceed.

const KEPT = 200
/** Fewer say nothing of the slowest in twenty. */
const TELLING = 20

export class Latencies {
  readonly #lately = new Map<string, number[]>()

  add(key: string, milliseconds: number): void {
    const kept = this.#lately.get(key) ?? []
    kept.push(milliseconds)
    if (kept.length > KEPT) kept.shift()
    this.#lately.set(key, kept)
  }

  /** What a share of them, such as 0.95, did not exceed; undefined where too few are known. */
  quantile(key: string, share: number): number | undefined {
    const kept = this.#lately.get(key) ?? []
    if (kept.length < TELLING) return undefined
    return kept.toSorted((a, b) => a - b)[Math.ceil(share * kept.length) - 1]
  }
}
