// The places in the model's memory: who gets which.
import type { Sequence } from './binding.ts'

/** As many calls at a time as there are sequences; the caller sees to it that no more come. */
export class Sequences {
  readonly #free: Sequence[]

  constructor(sequences: readonly Sequence[]) {
    this.#free = [...sequences]
  }

  /** The free one that remembers most of this prompt; undefined when all are taken. */
  take(tokens: readonly number[]): Sequence | undefined {
    let best: Sequence | undefined
    let bestLength = -1
    for (const sequence of this.#free) {
      const length = sequence.compareContextTokens(tokens).firstDifferentIndex
      if (length > bestLength) {
        best = sequence
        bestLength = length
      }
    }
    if (best !== undefined) this.#free.splice(this.#free.indexOf(best), 1)
    return best
  }

  give(sequence: Sequence): void {
    this.#free.push(sequence)
  }
}
