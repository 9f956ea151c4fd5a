// Joins a text that broke off with the one that goes on with it: what the second repeats of the first is left out.

/** So many characters in a row are no chance: fewer may be what the text says twice. */
const TELLING = 16

/**
 * The second text is held for as long as it may still be a repetition: of all that was said, or of at least 16 characters
 * of its end. Blanks at the end of the first, which not every provider is shown, are not said twice either.
 */
export class Overlap {
  /** The first text without the blanks at its end. */
  readonly said: string
  readonly #blanks: string
  #held = ''
  #isDecided = false

  constructor(said: string) {
    this.said = said.trimEnd()
    this.#blanks = said.slice(this.said.length)
  }

  /** What of the second text is new, as far as it has come. */
  write(text: string): string {
    if (this.#isDecided) return text
    this.#held += text
    return this.#mayGoOn() ? '' : this.finish()
  }

  /** What is still held when nothing more comes. */
  finish(): string {
    if (this.#isDecided) return ''
    this.#isDecided = true
    const rest = this.#held.slice(this.#repeated())
    let blanks = 0
    while (blanks < this.#blanks.length && rest[blanks] === this.#blanks[blanks]) blanks += 1
    return rest.slice(blanks)
  }

  /** Whether what has come is the beginning of a repetition that has not ended, with the blanks behind it. */
  #mayGoOn(): boolean {
    const isBeginning = this.#tails().some(
      (tail) => (tail + this.#blanks).startsWith(this.#held) && tail !== '',
    )
    return isBeginning || this.#blanks.startsWith(this.#held)
  }

  /** How many of its characters repeat the first text: the longest way to see it. */
  #repeated(): number {
    return this.#tails().find((tail) => this.#held.startsWith(tail))?.length ?? 0
  }

  /** All of the first text, and every end of it that is long enough, longest first; only those that can still be meant. */
  #tails(): readonly string[] {
    const { said } = this
    const tails = [said]
    const [letter = ''] = this.#held
    for (let at = said.indexOf(letter, 1); at !== -1 && said.length - at >= TELLING;) {
      tails.push(said.slice(at))
      at = said.indexOf(letter, at + 1)
    }
    return tails
  }
}
