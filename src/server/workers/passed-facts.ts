// Which facts one worker passes to the others, and which of them a worker that comes later must know.
import type { OwnFact } from '../../exchange/happening.ts'
import { targetName } from '../../exchange/target.ts'

/** Those that only one worker sees and all should know. What time changes, each sees for itself. */
export function isPassed(fact: OwnFact): boolean {
  switch (fact.type) {
    case 'target-state-changed':
      return fact.to === 'open' || fact.from === 'open' || fact.from === 'half-open'
        ? fact.to !== 'half-open'
        : false
    case 'target-cooled':
    case 'target-tried':
    case 'provider-found':
    case 'key-checked':
    case 'credential-exhausted':
    case 'credential-quarantined':
    case 'credential-restored':
    case 'alert-raised':
    case 'budget-overspent':
    case 'ledger-recovered':
    case 'ledger-replayed':
      return true
    default:
      return false
  }
}

/** How long a fact without an end of its own is worth telling. */
const LASTS_MS = 24 * 3_600_000

interface Known {
  readonly fact: OwnFact
  readonly sinceMs: number
}

/** What holds now of what was passed. */
export class KnownFacts {
  readonly #now: () => number
  readonly #known = new Map<string, Known>()

  /** Milliseconds. */
  constructor(now: () => number) {
    this.#now = now
  }

  hear(fact: OwnFact): void {
    const key = keyOf(fact)
    if (key === undefined) return
    this.#known.delete(key)
    if (holds(fact)) this.#known.set(key, { fact, sinceMs: this.#now() })
  }

  /** With the time that is left of each. */
  all(): readonly OwnFact[] {
    const now = this.#now()
    return [...this.#known].flatMap(([key, { fact, sinceMs }]) => {
      const left = aged(fact, now - sinceMs)
      if (left === undefined) this.#known.delete(key)
      return left ?? []
    })
  }
}

function keyOf(fact: OwnFact): string | undefined {
  switch (fact.type) {
    case 'target-state-changed':
      return `target ${targetName(fact.target)}`
    case 'target-cooled':
      return `cooled ${targetName(fact.target)}`
    case 'credential-exhausted':
    case 'credential-quarantined':
    case 'credential-restored':
      return `credential ${fact.provider}#${fact.credential}`
    default:
      return undefined
  }
}

function holds(fact: OwnFact): boolean {
  if (fact.type === 'target-state-changed') return fact.to === 'open'
  return fact.type !== 'credential-restored'
}

function aged(fact: OwnFact, ageMs: number): OwnFact | undefined {
  if (ageMs > LASTS_MS) return undefined
  switch (fact.type) {
    case 'target-state-changed':
      // One that is due for a trial is told so.
      return { ...fact, waitMs: Math.max(0, (fact.waitMs ?? 0) - ageMs) }
    case 'target-cooled':
    case 'credential-exhausted':
      return fact.forMs > ageMs ? { ...fact, forMs: fact.forMs - ageMs } : undefined
    case 'credential-quarantined':
      if (fact.forMs === undefined) return fact
      return fact.forMs > ageMs ? { ...fact, forMs: fact.forMs - ageMs } : undefined
    default:
      return fact
  }
}
