// Generations of something that calls hold on to: each call keeps the one it began with, and what an old one alone needs is released after its last call.
import type { Application, Outbound } from './message.ts'

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

  /** Holds the generation in force; gives it and the way to let go. */
  hold(): { readonly value: T; readonly letGo: () => void } {
    const generation = this.#now
    generation.calls += 1
    let isHeld = true
    const letGo = (): void => {
      if (!isHeld) return
      isHeld = false
      generation.calls -= 1
      this.#collect()
    }
    return { value: generation.value, letGo }
  }

  #collect(): void {
    for (let oldest = this.#old[0]; oldest?.calls === 0; oldest = this.#old[0]) {
      this.#old.shift()
      oldest.release()
    }
  }
}

function nothing(): void {}

/** Each request is answered by the application of the generation that it came in, and holds that until its answer has ended. */
export function ofGeneration(generations: Generations<Application>): Application {
  return async (inbound) => {
    const { value, letGo } = generations.hold()
    const outbound = await value(inbound)
    if (typeof outbound.body !== 'string') return { ...outbound, body: held(outbound.body, letGo) }
    letGo()
    return outbound
  }
}

async function* held(
  body: Exclude<Outbound['body'], string>,
  letGo: () => void,
): AsyncGenerator<string | Uint8Array> {
  try {
    yield* body
  } finally {
    letGo()
  }
}
