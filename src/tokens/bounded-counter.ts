// Counts with a tokenizer as long as that is quick: a text made to be slow is guessed instead.
import type { TextCounter } from '../usage/tokenizer.ts'
import { textTokens } from '../usage/text-tokens.ts'

/** Characters of one request that are counted: 3 ms of ordinary text, 18 where nothing was counted before. */
const MOST_CHARACTERS = 65_536
/**
 * Byte-pair merging takes time with the square of the bytes between two cuts. This many of them, squared and added up, take
 * 2 ms, 6 where nothing was counted before (gpt-tokenizer 4.0.0 on one core, 2026-11: `a` 4,096 times is 16.8 million and took 17 ms; 1 million times, hours).
 */
const MOST_WORK = 1_500_000

type Kind = 'space' | 'digit' | 'mark' | 'letter'

export class BoundedCounter implements TextCounter {
  readonly #countTokens: (text: string) => number
  #characters = 0
  #work = 0
  exact = true

  constructor(countTokens: (text: string) => number) {
    this.#countTokens = countTokens
  }

  count(text: string): number {
    this.#characters += text.length
    if (this.#characters <= MOST_CHARACTERS) this.#work += workIn(text)
    if (this.#characters > MOST_CHARACTERS || this.#work > MOST_WORK) {
      this.exact = false
      return textTokens(text)
    }
    return this.#countTokens(text)
  }
}

/** The squares of the runs that a tokenizer merges as one, in bytes. */
function workIn(text: string): number {
  let work = 0
  let run = 0
  let before: Kind | undefined
  for (let at = 0; at < text.length; at += 1) {
    const unit = text.charCodeAt(at)
    const kind = kindOf(unit)
    if (kind !== before) {
      work += run * run
      run = 0
      before = kind
    }
    run += unit < 0x80 ? 1 : 3
    // Digits are cut by threes.
    if (kind === 'digit' && run === 3) before = undefined
  }
  return work + run * run
}

function kindOf(unit: number): Kind {
  if (unit === 0x20 || (unit >= 0x09 && unit <= 0x0d)) return 'space'
  if (unit < 0x80) {
    if (unit >= 0x30 && unit <= 0x39) return 'digit'
    const lower = unit | 0x20
    return lower >= 0x61 && lower <= 0x7a ? 'letter' : 'mark'
  }
  // Punctuation of East Asian scripts cuts as ASCII's does.
  return (unit >= 0x2000 && unit <= 0x206f) ||
    (unit >= 0x3000 && unit <= 0x303f) ||
    (unit >= 0xff00 && unit <= 0xff0f)
    ? 'mark'
    : 'letter'
}
