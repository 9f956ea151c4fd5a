// Counts of what was proven on recorded traffic, and of what was left out and why.
import type { Case } from './judge.ts'

export class Tally {
  readonly #proven = new Map<string, number>()
  readonly #excused = new Map<string, number>()

  proven({ kind, one }: Case, what: string): void {
    add(this.#proven, `${kind.name} <- ${one.protocol}: ${what}`)
  }

  excused({ kind, one }: Case, what: string, why: string): void {
    add(this.#excused, `${kind.name} <- ${one.protocol}: ${what}: ${why}`)
  }

  /** Every line of both. */
  summary(): string {
    return [
      `proven on recorded traffic: ${total(this.#proven)}`,
      ...linesOf(this.#proven),
      `left out: ${total(this.#excused)}`,
      ...linesOf(this.#excused),
    ].join('\n')
  }
}

function add(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1)
}

function total(counts: ReadonlyMap<string, number>): number {
  return [...counts.values()].reduce((sum, count) => sum + count, 0)
}

function linesOf(counts: ReadonlyMap<string, number>): readonly string[] {
  return [...counts].map(([what, count]) => `  ${what}: ${count}`).toSorted()
}
