// How an answer tells its client whether it is kept: marked as it passes, and put away before the client has it whole.
import { compact } from '../canonical/compact.ts'
import type { Keeping, Recall } from '../dialects/keeping.ts'
import type { Json } from '../wire/json.ts'
import type { Shelf } from './shelf.ts'

export interface TellerOptions {
  readonly keeping: Keeping
  readonly shelf: Shelf
  readonly recall: Recall
  readonly requestId: string
  /** The request, as the client sent it. */
  readonly body: Json
  /** Aborts when the client has gone: what it never got whole is not kept. */
  readonly signal: AbortSignal
}

export interface Told {
  readonly text: string
  readonly isKept: boolean
}

export class Teller {
  readonly #options: TellerOptions

  constructor(options: TellerOptions) {
    this.#options = options
  }

  /** An answer that has begun, saying what is hoped. */
  begun(answer: string): string {
    return this.#marked(answer, this.#options.recall.keep) ?? answer
  }

  /** A whole answer, saying what has become of it. What is no answer passes as it is. */
  async ended(answer: string): Promise<Told> {
    const { recall } = this.#options
    const text = this.#marked(answer, recall.keep)
    if (text === undefined) return { text: answer, isKept: false }
    const isKept = recall.keep && (await this.#put(text))
    return { text: isKept ? text : (this.#marked(answer, false) ?? answer), isKept }
  }

  async #put(answer: string): Promise<boolean> {
    const { keeping, shelf, body, signal, recall } = this.#options
    if (signal.aborted) return false
    const mark = { id: this.#ownId(), kept: true, ...compact({ previous: recall.previous }) }
    return shelf.put(keeping.toKeep(body, answer, mark))
  }

  #marked(answer: string, kept: boolean): string | undefined {
    const { keeping, recall } = this.#options
    const id = recall.keep ? this.#ownId() : undefined
    return keeping.marked(answer, { kept, ...compact({ id, previous: recall.previous }) })
  }

  /** Not the host's: some give every answer the same, and nobody could find this one by theirs. */
  #ownId(): string {
    return `resp_${this.#options.requestId}`
  }
}
