// Takes the Markdown fence off an answer that an instruction has asked to be JSON, while it comes.

const OPENING = /^\s*```[A-Za-z]*[ \t]*\r?\n/
/** What may still become an opening. */
const HALF = /^\s*(?:`{0,2}|```[A-Za-z]*[ \t]*\r?)$/
const CLOSING = /\s*```\s*$/
/** What may still become a closing. */
const TAIL = /\s*`{0,3}\s*$/

/** For one part's text. */
export class Unfenced {
  #held = ''
  #state: 'before' | 'plain' | 'fenced' = 'before'

  /** What of the text can be told already. */
  write(text: string): string {
    if (this.#state === 'plain') return text
    this.#held += text
    if (this.#state === 'before') {
      if (HALF.test(this.#held)) return ''
      const opening = OPENING.exec(this.#held)
      this.#state = opening === null ? 'plain' : 'fenced'
      this.#held = this.#held.slice(opening?.[0].length ?? 0)
    }
    if (this.#state === 'plain') return this.#all()
    const end = TAIL.exec(this.#held)?.index ?? this.#held.length
    const told = this.#held.slice(0, end)
    this.#held = this.#held.slice(end)
    return told
  }

  /** The rest. */
  finish(): string {
    const rest = this.#all()
    return this.#state === 'fenced' ? rest.replace(CLOSING, '') : rest
  }

  #all(): string {
    const all = this.#held
    this.#held = ''
    return all
  }
}
