// A part that is still coming: what has been said of it, and what must wait until it is whole.
import type { PartDelta } from '../../canonical/event.ts'
import type { Part } from '../../canonical/part.ts'

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
    const part = this.#part
    switch (delta.kind) {
      case 'text':
        if (part.type === 'tool-call') {
          this.#part = { ...part, arguments: { text: part.arguments.text + delta.text } }
        } else if (part.type === 'text' || part.type === 'refusal' || part.type === 'reasoning') {
          this.#part = { ...part, text: part.text + delta.text }
        }
        return
      case 'citation':
        if (part.type === 'text') {
          this.#part = { ...part, citations: [...(part.citations ?? []), delta.citation] }
        }
        return
      case 'seal':
        this.#part = { ...part, seal: delta.seal }
        return
      case 'media':
        if ((part.type === 'image' || part.type === 'audio') && part.source.kind === 'base64') {
          const data = part.source.data + (delta.data ?? '')
          this.#part = { ...part, source: { ...part.source, data } }
        }
    }
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
      case 'video':
      case 'file':
      case 'tool-result':
      case 'search-result':
      case 'opaque':
        return undefined
    }
  }
}
