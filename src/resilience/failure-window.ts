// How many calls ended lately, and how many of them failed: counts in slices of time, so that the cost is the same at any rate.

const SLICES = 10

interface Slice {
  /** Number of the slice since the epoch of the clock. */
  readonly at: number
  calls: number
  failures: number
}

export class FailureWindow {
  readonly #sliceMs: number
  #slices: Slice[] = []

  /** Forgets what is older than `windowMs`, up to a tenth of it later. */
  constructor(windowMs: number) {
    this.#sliceMs = windowMs / SLICES
  }

  add(failed: boolean, nowMs: number): void {
    const at = Math.floor(nowMs / this.#sliceMs)
    const last = this.#slices.at(-1)
    const slice = last?.at === at ? last : { at, calls: 0, failures: 0 }
    if (slice !== last) {
      this.#slices = this.#slices.filter((old) => at - old.at <= SLICES)
      this.#slices.push(slice)
    }
    slice.calls += 1
    if (failed) slice.failures += 1
  }

  /** One of the calls that were added has failed after all. */
  blame(nowMs: number): void {
    this.add(true, nowMs)
    const last = this.#slices.at(-1)
    if (last !== undefined) last.calls -= 1
  }

  counts(nowMs: number): { readonly calls: number; readonly failures: number } {
    const oldest = Math.floor(nowMs / this.#sliceMs) - SLICES
    let calls = 0
    let failures = 0
    for (const slice of this.#slices) {
      if (slice.at < oldest) continue
      calls += slice.calls
      failures += slice.failures
    }
    return { calls, failures }
  }

  clear(): void {
    this.#slices = []
  }
}
