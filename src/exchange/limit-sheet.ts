// How the limits of a call's caller stood when it was let in or refused: told in headers.
import type { ToldLimit } from '../canonical/limit-standing.ts'

export class LimitSheet {
  #limits: readonly ToldLimit[] = []

  tell(limits: readonly ToldLimit[]): void {
    this.#limits = limits
  }

  get limits(): readonly ToldLimit[] {
    return this.#limits
  }
}
