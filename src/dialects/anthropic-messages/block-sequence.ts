// Blocks in their order: the wire allows one open block at a time, so later ones wait until the first has ended.
import type { JsonObject } from '../../wire/json.ts'

interface Waiting {
  readonly key: number
  readonly held: JsonObject[]
  closed: boolean
}

/** Gives every event its index; indexes count the blocks that were really written, without gaps. */
export class BlockSequence {
  #queue: Waiting[] = []
  #index = 0

  open(key: number, events: readonly JsonObject[]): readonly JsonObject[] {
    this.#queue.push({ key, held: [...events], closed: false })
    return this.#flush()
  }

  add(key: number, events: readonly JsonObject[]): readonly JsonObject[] {
    this.#queue.find((waiting) => waiting.key === key)?.held.push(...events)
    return this.#flush()
  }

  close(key: number, events: readonly JsonObject[]): readonly JsonObject[] {
    const waiting = this.#queue.find((one) => one.key === key)
    if (waiting === undefined) return []
    waiting.held.push(...events)
    waiting.closed = true
    return this.#flush()
  }

  #flush(): readonly JsonObject[] {
    const written: JsonObject[] = []
    for (;;) {
      const [head] = this.#queue
      if (head === undefined) return written
      for (const event of head.held.splice(0)) {
        written.push({ ...event, index: this.#index })
        if (event['type'] === 'content_block_stop') this.#index += 1
      }
      if (!head.closed) return written
      this.#queue.shift()
    }
  }
}
