// About how many tokens an answer is, by its events: its text, its thinking, its calls of tools. Counts nothing before it is asked.
import type { ChatEvent, PartDelta } from '../canonical/event.ts'
import { GatheredText } from '../canonical/gathered-text.ts'
import type { Part } from '../canonical/part.ts'
import { PER_CALL, partsTokens } from './estimate-tokens.ts'
import { likelyTokens } from './text-tokens.ts'

/** So many characters are kept to be counted at the end, which few need; longer ones are counted on the way. */
const KEPT = 65_536

export class SpokenTokens {
  readonly #parts = new Map<number, SpokenPart>()

  hear(event: ChatEvent): void {
    switch (event.type) {
      case 'part-start':
        this.#parts.set(event.index, new SpokenPart(event.part))
        return
      case 'part-delta':
        this.#parts.get(event.index)?.add(event.delta)
        return
      case 'part-end':
        if (event.part !== undefined) this.#parts.set(event.index, new SpokenPart(event.part))
        return
      default:
    }
  }

  get total(): number {
    return [...this.#parts.values()].reduce((sum, { total }) => sum + total, 0)
  }
}

/** What is sealed counts where nothing of it is shown. Sound that comes in pieces counts by what is said in it. */
class SpokenPart {
  #counted = 0
  #pending = new GatheredText()
  #sealed = 0

  constructor(part: Part) {
    switch (part.type) {
      case 'text':
      case 'refusal':
        this.#pending.add(part.text)
        return
      case 'reasoning':
        this.#pending.add(part.text)
        this.#sealed = part.seal?.payload.length ?? 0
        return
      case 'tool-call':
        this.#counted = PER_CALL + likelyTokens(part.name)
        this.#pending.add(part.arguments.text)
        return
      default:
        this.#counted = partsTokens([part])
    }
  }

  add(delta: PartDelta): void {
    if (delta.kind === 'text') this.#pending.add(delta.text)
    else if (delta.kind === 'media') this.#pending.add(delta.transcript ?? '')
    else if (delta.kind === 'seal') this.#sealed = delta.seal.payload.length
    if (this.#pending.length < KEPT) return
    this.#counted += likelyTokens(String(this.#pending))
    this.#pending = new GatheredText()
  }

  get total(): number {
    const shown = this.#counted + likelyTokens(String(this.#pending))
    return shown === 0 ? Math.ceil(this.#sealed / 4) : shown
  }
}
