// Text that comes in pieces and is seldom read. A text built with `+=` keeps every piece, and the whole frame that a piece was cut from, until somebody reads it.

/** So many pieces are kept as they are; then they are made one text of its own. */
const APART = 16

export class GatheredText {
  #pieces: string[]
  #length: number

  constructor(text: string = '') {
    this.#pieces = [text]
    this.#length = text.length
  }

  get length(): number {
    return this.#length
  }

  add(piece: string): void {
    this.#length += piece.length
    this.#pieces.push(piece)
    if (this.#pieces.length > APART) this.#pieces = [this.#pieces.join('')]
  }

  toString(): string {
    if (this.#pieces.length > 1) this.#pieces = [this.#pieces.join('')]
    return this.#pieces[0] ?? ''
  }
}
