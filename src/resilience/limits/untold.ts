// What happened to shared limits while the place where they are counted was lost, to be told when it is back.
import type { Charge, ConcurrencyTake, SharedLimitStore } from './limit.ts'

interface Place {
  readonly take: ConcurrencyTake
  readonly until: number
}

export class Untold {
  readonly #clock: () => number
  /** By key. */
  readonly #charges = new Map<string, Charge>()
  /** Places given meanwhile, and places given back, until they would have ended by themselves. */
  readonly #held = new Map<string, Place>()
  readonly #left = new Map<string, Place>()

  /** `clock` in milliseconds. */
  constructor(clock: () => number) {
    this.#clock = clock
  }

  /** What is given back may have arrived, though no answer did: given twice, it would let others over the limit. */
  owe(charge: Charge): void {
    const { key } = charge.take
    if (charge.amount <= 0) return
    const amount = (this.#charges.get(key)?.amount ?? 0) + charge.amount
    this.#charges.set(key, { ...charge, amount })
  }

  hold(take: ConcurrencyTake): void {
    this.#held.set(nameOf(take), this.#placed(take))
  }

  renewed(takes: readonly ConcurrencyTake[]): void {
    for (const take of takes) if (this.#held.has(nameOf(take))) this.hold(take)
  }

  released(takes: readonly ConcurrencyTake[], said: 'told' | 'untold'): void {
    for (const take of takes) {
      const name = nameOf(take)
      // Nobody has heard of a place that was given and given back meanwhile.
      const isUnheard = this.#held.delete(name)
      if (said === 'untold' && !isUnheard) this.#left.set(name, this.#placed(take))
    }
  }

  /** Throws what the shared count throws; what it has not heard stays to be told. */
  async tellTo(shared: SharedLimitStore): Promise<void> {
    await drained(this.#charges, {
      tell: async (charges) => shared.charge(charges),
      keep: (charge) => this.owe(charge),
    })
    await drained(living(this.#held, this.#clock()), {
      tell: async (held) => shared.adopt(held.map(({ take }) => take)),
      keep: ({ take }) => this.hold(take),
    })
    await drained(living(this.#left, this.#clock()), {
      tell: async (left) => shared.release(left.map(({ take }) => take)),
      keep: ({ take }) => this.released([take], 'untold'),
    })
  }

  #placed(take: ConcurrencyTake): Place {
    return { take, until: this.#clock() + take.ttlMs }
  }
}

function nameOf({ key, holder }: ConcurrencyTake): string {
  return `${key}\n${holder}`
}

/** A place that has ended by itself needs no word. */
function living(places: Map<string, Place>, now: number): Map<string, Place> {
  for (const [name, { until }] of places) if (until <= now) places.delete(name)
  return places
}

interface Drain<T> {
  readonly tell: (values: readonly T[]) => Promise<void>
  /** Of what could not be told. */
  readonly keep: (value: T) => void
}

/** Taken out while they are told, so that nothing is told twice; what comes meanwhile stays beside them. */
async function drained<T>(entries: Map<string, T>, { tell, keep }: Drain<T>): Promise<void> {
  if (entries.size === 0) return
  const values = [...entries.values()]
  entries.clear()
  try {
    await tell(values)
  } catch (thrown) {
    for (const value of values) keep(value)
    throw thrown
  }
}
