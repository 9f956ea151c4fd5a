// Generations of something that calls hold on to: each call keeps the one it began with, and what an old one alone needs is released after its last call.
import type { Application } from './message.ts'

interface Generation<T> {
  readonly value: T
  calls: number
  /** Run once no call of this generation, nor of one before, is under way. */
  release: () => void
}

export class Generations<T> {
  /** Those that calls still hold, oldest first. */
  #old: Generation<T>[] = []
  #now: Generation<T>
  #count = 1

  constructor(first: T) {
    this.#now = { value: first, calls: 0, release: nothing }
  }

  /** The one in force. */
  get current(): T {
    return this.#now.value
  }

  /** How many there have been. */
  get count(): number {
    return this.#count
  }

  /** From the next call on. `release` is run when the last call of the generations before has ended. */
  replace(value: T, release: () => void): void {
    this.#now.release = release
    this.#old.push(this.#now)
    this.#now = { value, calls: 0, release: nothing }
    this.#count += 1
    this.#collect()
  }

  /** As `replace` with the same value: what calls hold until now is released after them. It counts as no new generation. */
  renew(release: () => void): void {
    this.replace(this.#now.value, release)
    this.#count -= 1
  }

  /** Holds the generation in force. */
  hold(): Hold<T> {
    return new Hold(this.#now, this.#ended)
  }

  readonly #ended = (): void => this.#collect()

  #collect(): void {
    for (let oldest = this.#old[0]; oldest?.calls === 0; oldest = this.#old[0]) {
      this.#old.shift()
      oldest.release()
    }
  }
}

/** One generation, held. */
class Hold<T> {
  readonly #ended: () => void
  #generation: Generation<T> | undefined
  readonly value: T

  constructor(generation: Generation<T>, ended: () => void) {
    generation.calls += 1
    this.value = generation.value
    this.#generation = generation
    this.#ended = ended
  }

  /** Once is enough: more does nothing. */
  letGo(): void {
    if (this.#generation === undefined) return
    this.#generation.calls -= 1
    this.#generation = undefined
    this.#ended()
  }
}

function nothing(): void {}

/** Each request is answered by the application of the generation that it came in, and holds that until its answer has ended. */
export function ofGeneration(generations: Generations<Application>): Application {
  return async (inbound) => {
    const hold = generations.hold()
    const outbound = await hold.value(inbound)
    if (typeof outbound.body !== 'string') return { ...outbound, ended: () => hold.letGo() }
    hold.letGo()
    return outbound
  }
}
