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
  /** It failed, and its provider may have worked all the same. */
  readonly uncertain?: true
  /** Made beside another one, or to go on with an answer that broke off. */
  readonly as?: 'hedge' | 'continued'
  /** Which key of its credential it was made with, counted from 1; absent where the target has none. */
  readonly generation?: number
}

/** Steps beyond these are counted, not shown. */
const SHOWN = 10

export class Trail {
  readonly #attempts: Attempt[] = []
  readonly #steps: Step[] = []
  #asked = 0

  /** A target is asked; how that ends is added later. */
  asking(): void {
    this.#asked += 1
  }

  /** Attempts begun. */
  get asked(): number {
    return this.#asked
  }

  add(attempt: Attempt): void {
    this.#attempts.push(attempt)
    this.#steps.push(attempt)
  }

  /** A target that was passed over unasked is on the way, and is no attempt. */
  skip(target: Target, state: string): void {
    this.#steps.push({ target, outcome: state })
  }

  get attempts(): readonly Attempt[] {
    return this.#attempts
  }

  /** `openai/gpt-5#k1=rate_limited; anthropic/claude-sonnet-4-5#hedge=ok`, printable ASCII only. */
  toString(): string {
    const shown = this.#steps.slice(0, SHOWN).map((step) => stepText(step))
    const more = this.#steps.length - shown.length
    const all = more > 0 ? [...shown, `and ${more} more`] : shown
    return all.join('; ').replaceAll(/[^\x20-\x7e]/g, '?')
  }
}

type Step = Pick<Attempt, 'target' | 'outcome' | 'as'>

function stepText({ target, outcome, as }: Step): string {
  return `${targetName(target)}${as === undefined ? '' : `#${as}`}=${outcome}`
}
