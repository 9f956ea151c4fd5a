// What was tried for one call, in order: told in a header, the log and explanations of failures.
import { type Target, targetName } from './target.ts'

export interface Attempt {
  readonly target: Target
  /** `ok`, or the code or kind of the failure. */
  readonly outcome: string
  /** Milliseconds to the answer's beginning, or to the failure. */
  readonly elapsedMs: number
  /** The provider may have done the work of an earlier attempt too. */
  readonly replay?: true
  /** Made beside another one, or to go on with an answer that broke off. */
  readonly as?: 'hedge' | 'continued'
  /** Which key of its credential it was made with, counted from 1; absent where the target has none. */
  readonly generation?: number
}

/** Attempts beyond these are counted, not shown. */
const SHOWN = 10

export class Trail {
  readonly #attempts: Attempt[] = []

  add(attempt: Attempt): void {
    this.#attempts.push(attempt)
  }

  get attempts(): readonly Attempt[] {
    return this.#attempts
  }

  /** `openai/gpt-5#k1=rate_limited; anthropic/claude-sonnet-4-5#hedge=ok`, printable ASCII only. */
  toString(): string {
    const shown = this.#attempts.slice(0, SHOWN).map(({ target, outcome, as }) => {
      return `${targetName(target)}${as === undefined ? '' : `#${as}`}=${outcome}`
    })
    const more = this.#attempts.length - shown.length
    const all = more > 0 ? [...shown, `and ${more} more`] : shown
    return all.join('; ').replaceAll(/[^\x20-\x7e]/g, '?')
  }
}
