// The contract of a model's own tokenizer, where there is one to be had.

/** Counts the texts of one request. */
export interface TextCounter {
  count(text: string): number
  /** Whether all that was counted so far is exact: what is too much to count is guessed, upwards. */
  readonly exact: boolean
}

export interface Tokenizer {
  /** Whether what the model puts around messages is known to the token. */
  readonly framed: boolean
  /** A new one for each request: what it may do is bounded. */
  counter(): TextCounter
}

export interface Tokenizers {
  /** At once where it is known. Undefined where nobody has the model's tokenizer. Never fails. */
  of(model: string): Tokenizer | undefined | Promise<Tokenizer | undefined>
}
