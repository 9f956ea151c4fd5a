// Footnotes of a page, numbered in the order in which they are first wanted.
import type { Note } from '../../src/canonical/note.ts'

export class Footnotes {
  readonly #numbers = new Map<string, number>()

  /** The mark of a note; the same words have the same number. */
  mark(note: Note): string {
    const words = wordsOf(note)
    const known = this.#numbers.get(words)
    const number = known ?? this.#numbers.size + 1
    if (known === undefined) this.#numbers.set(words, number)
    return `[^${number}]`
  }

  text(): string {
    return [...this.#numbers].map(([words, number]) => `[^${number}]: ${words}`).join('\n')
  }
}

function wordsOf({ action, feature, weight, reason }: Note): string {
  return `\`${feature}\` ${action} (weight ${weight}): ${reason}.`
}
