// What one caller finds of what is kept: the store, seen from one call.
import { compact } from '../canonical/compact.ts'
import { GatewayError } from '../canonical/errors.ts'
import type { KeptAnswer } from '../canonical/kept-answer.ts'
import type { Keeping, Recall, Recalled } from '../dialects/keeping.ts'
import type { AnswerStore } from '../store/answer-store.ts'
import type { Json } from '../wire/json.ts'

export interface ShelfOptions {
  readonly keeping: Keeping
  /** Absent where nothing is kept. */
  readonly store: AnswerStore | undefined
  readonly owner: string
}

const OFF =
  'This server keeps no responses (response_store.enabled is false in patchbay.yaml): send the whole conversation in each request.'

export class Shelf {
  readonly #options: ShelfOptions

  constructor(options: ShelfOptions) {
    this.#options = options
  }

  get isOpen(): boolean {
    return this.#options.store !== undefined
  }

  /** What a request stands on. Throws GatewayError where any of it is missing. */
  async recalled(body: Json | undefined, { previous }: Recall): Promise<Recalled> {
    const { keeping, store, owner } = this.#options
    const conversation = previous === undefined ? [] : await this.#conversation(previous)
    const holders = new Map<string, KeptAnswer>()
    for (const item of new Set(keeping.references(body, conversation))) {
      const holder = await store?.holding(owner, item)
      if (holder === undefined) throw this.#missing('item', item)
      holders.set(item, holder)
    }
    return { conversation, holders }
  }

  /** False where the answer cannot be kept. An answer that has been paid for is given even where the store fails. */
  async put(answer: KeptAnswer): Promise<boolean> {
    const { store, owner } = this.#options
    try {
      return (await store?.put(owner, answer)) ?? false
    } catch {
      return false
    }
  }

  /** Throws GatewayError where it is not there. */
  async find(id: string): Promise<KeptAnswer> {
    const { store, owner } = this.#options
    const kept = await store?.find(owner, id)
    if (kept === undefined) throw this.#missing('answer', id)
    return kept
  }

  /** What is still there of what came before an answer, the oldest first. */
  async before({ previous }: KeptAnswer): Promise<readonly KeptAnswer[]> {
    if (previous === undefined) return []
    const { store, owner } = this.#options
    const earlier = await store?.find(owner, previous)
    return earlier === undefined ? [] : [...(await this.before(earlier)), earlier]
  }

  async remove(id: string): Promise<void> {
    const { store, owner } = this.#options
    await store?.remove(owner, id)
  }

  async #conversation(previous: string): Promise<readonly KeptAnswer[]> {
    const { store, owner } = this.#options
    const found = await store?.conversation(owner, previous)
    const missing = found === undefined ? previous : found.missing
    if (missing !== undefined) throw this.#missing('previous', missing)
    return found?.answers ?? []
  }

  #missing(...[what, id]: Parameters<Keeping['missing']>): GatewayError {
    const error = this.#options.keeping.missing(what, id)
    if (this.isOpen) return error
    const { kind, message, code, param } = error
    const told = { origin: 'client', ...compact({ code, param }) } as const
    return new GatewayError(kind, `${message} ${OFF}`, told)
  }
}
