// An answer that its client may come back to, with what it was asked: in the words of the client's wire, which alone reads them.

export interface KeptAnswer {
  /** Unlike that of any other answer. */
  readonly id: string
  /** The answer that this one went on from. */
  readonly previous?: string
  /** What the client sent for it, without what came before: JSON text. */
  readonly input: string
  /** As the client got it: JSON text. */
  readonly answer: string
  /** The ids by which a client may refer to single pieces of input and answer. */
  readonly items: readonly string[]
}
