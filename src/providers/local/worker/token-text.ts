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

  write(token: number): string {
    this.#pending.push(token)
    const text = this.#detokenize(this.#pending, this.#before)
    if (text.endsWith(UNKNOWN) && this.#pending.length < MAX_PENDING) return ''
    this.#before.push(...this.#pending)
    this.#pending = []
    return text
  }

  /** The text of the tokens that wait for more, without the character they only begin. */
  finish(): string {
    const text = this.#detokenize(this.#pending, this.#before)
    this.#before.push(...this.#pending)
    this.#pending = []
    return text.endsWith(UNKNOWN) ? text.slice(0, -1) : text
  }

  /** The last tokens, at most so many. */
  last(count: number): number[] {
    return [...this.#before.slice(-count), ...this.#pending].slice(-count)
  }
}
