// Bytes that come in pieces, as one: a single piece is not copied, and where the length is announced the others are copied as they come, once.

const NO_BYTES: Uint8Array = new Uint8Array()

export class GatheredBytes {
  readonly #announced: number | undefined
  #first: Uint8Array = NO_BYTES
  #whole: Uint8Array | undefined
  readonly #others: Uint8Array[] = []
  #size = 0

  /** `announced`: how many there are going to be. More must not be added. */
  constructor(announced: number | undefined) {
    this.#announced = announced
  }

  get size(): number {
    return this.#size
  }

  add(piece: Uint8Array): void {
    const at = this.#size
    this.#size += piece.length
    if (at === 0) this.#first = piece
    else if (this.#announced === undefined) this.#others.push(piece)
    else (this.#whole ??= begun(this.#first, this.#announced)).set(piece, at)
  }

  /** All that was added. */
  whole(): Uint8Array {
    if (this.#whole !== undefined) return this.#whole.subarray(0, this.#size)
    if (this.#others.length === 0) return this.#first
    return Buffer.concat([this.#first, ...this.#others], this.#size)
  }
}

/** Not of the pool, which whoever keeps a piece of it would keep whole. */
function begun(first: Uint8Array, length: number): Uint8Array {
  const whole = Buffer.allocUnsafeSlow(length)
  whole.set(first)
  return whole
}
