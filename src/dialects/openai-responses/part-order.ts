// Parts in their order: this wire's items come one after the other, so that what belongs to later parts waits until the first has ended.

interface Waiting<T> {
  readonly part: number
  readonly held: T[]
  closed: boolean
}

export class PartOrder<T> {
  #queue: Waiting<T>[] = []

  open(part: number, step: T): readonly T[] {
    this.#queue.push({ part, held: [step], closed: false })
    return this.#flush()
  }

  add(part: number, step: T): readonly T[] {
    this.#queue.find((waiting) => waiting.part === part)?.held.push(step)
    return this.#flush()
  }

  close(part: number, step: T): readonly T[] {
    const waiting = this.#queue.find((one) => one.part === part)
    if (waiting === undefined) return []
    waiting.held.push(step)
    waiting.closed = true
    return this.#flush()
  }

  /** Whether something can still be added to a part. */
  has(part: number): boolean {
    return this.#queue.some((waiting) => waiting.part === part)
  }

  /** Parts that have begun and not ended, in their order. */
  get unfinished(): readonly number[] {
    return this.#queue.filter((waiting) => !waiting.closed).map((waiting) => waiting.part)
  }

  #flush(): readonly T[] {
    const released: T[] = []
    for (;;) {
      const [head] = this.#queue
      if (head === undefined) return released
      released.push(...head.held.splice(0))
      if (!head.closed) return released
      this.#queue.shift()
    }
  }
}
