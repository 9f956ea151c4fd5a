// Calls of a history that wait for their results, so that results without an id find theirs.
import type { Part } from '../../canonical/part.ts'

export class OpenCalls {
  #open: { readonly id: string; readonly name: string }[] = []

  called(parts: readonly Part[]): void {
    for (const part of parts) {
      if (part.type === 'tool-call') this.#open.push({ id: part.callId, name: part.name })
    }
  }

  answered(id: string): void {
    const at = this.#open.findIndex((call) => call.id === id)
    if (at !== -1) this.#open.splice(at, 1)
  }

  /** The first that waits, of that name where one is given. */
  find(name: string | undefined): string | undefined {
    return this.#open.find((call) => name === undefined || call.name === name)?.id
  }
}
