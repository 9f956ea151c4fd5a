// Tokens to text, when one character may take several tokens.

const UNKNOWN = '\uFFFD'
// A character has at most four bytes, and a token at least one. After that the model means the sign itself.
const MAX_PENDING = 4

type Detokenize = (tokens: readonly number[], before: readonly number[]) => string

/** Gives the text of each token as soon as it is whole. */
export class TokenText {
  readonly #detokenize: Detokenize
  readonly #before: number[] = []
  #pending: number[] = []

  constructor(detokenize: Detokenize) {
    this.#detokenize = detokenize
  }

  /** All tokens so far. */
  get tokens(): readonly number[] {
    return [...this.#before, ...this.#pending]
  }

  write(token: number): string {
    this.#pending.push(token)
    const text = this.#detokenize(this.#pending, this.#before)
    if (text.endsWith(UNKNOWN) && this.#pending.length < MAX_PENDING) return ''
    this.#before.push(...this.#pending)
    this.#pending = []
    return text
  }

  /** The text of the tokens that wait for more. */
  finish(): string {
    if (this.#pending.length === 0) return ''
    const text = this.#detokenize(this.#pending, this.#before)
    this.#before.push(...this.#pending)
    this.#pending = []
    return text
  }

  /** The last tokens, at most so many. */
  last(count: number): number[] {
    return this.tokens.slice(-count)
  }
}
