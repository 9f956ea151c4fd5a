// Where facts are told and heard.
import type { Tell } from './happening.ts'

export class Happenings {
  readonly #listeners = new Set<Tell>()

  /** Every listener hears it at once, in the order in which they came. One that throws breaks nobody's call: the process is warned. */
  readonly tell: Tell = (happening) => {
    for (const listener of this.#listeners) {
      try {
        listener(happening)
      } catch (thrown) {
        process.emitWarning(`A listener failed on "${happening.type}": ${String(thrown)}`)
      }
    }
  }

  /** Returns how to stop. */
  listen(listener: Tell): () => void {
    this.#listeners.add(listener)
    return () => {
      this.#listeners.delete(listener)
    }
  }
}
