// A part that is still coming: what has been said of it, and what must wait until it is whole.
import { applyDelta } from '../../canonical/collect.ts'
import type { PartDelta } from '../../canonical/event.ts'
import type { Part } from '../../canonical/part.ts'
import { sayable } from './parts.ts'

export class OpenPart {
  #part: Part

  constructor(part: Part) {
    this.#part = part
  }

  /** All of it so far. */
  get part(): Part {
    return this.#part
  }

  add(delta: PartDelta): void {
    this.#part = applyDelta(this.#part, delta)
  }

  /**
   * What is still to be said once the part is known whole: of text the rest that did not come in pieces, of other parts
   * everything. Undefined when nothing is.
   */
  unsaid(whole: Part): Part | undefined {
    switch (whole.type) {
      case 'text':
      case 'refusal':
      case 'reasoning': {
        const said = this.#part.type === whole.type ? this.#part.text : ''
        const rest = whole.text.startsWith(said) ? whole.text.slice(said.length) : ''
        return rest === '' ? undefined : { ...whole, text: rest }
      }
      case 'tool-call':
        return whole
      case 'image':
        return whole.source.kind === 'base64' ? whole : undefined
      case 'audio':
        return sayable(whole)
      case 'video':
      case 'file':
      case 'tool-result':
      case 'search-result':
      case 'opaque':
        return undefined
    }
  }
}
