// A part that is still coming: what has come of it, and what of that has not been said yet.
import type { PartDelta } from '../../canonical/event.ts'
import type { Part } from '../../canonical/part.ts'
import { leftovers } from './extension.ts'

export class LivePart {
  readonly candidate: number
  #part: Part
  #said: string
  #sealSaid: boolean

  constructor(candidate: number, part: Part) {
    this.candidate = candidate
    this.#part = part
    this.#said = runs(part) ? part.text : ''
    this.#sealSaid = runs(part) && part.seal !== undefined && !waits(part)
  }

  /** All of it so far. */
  get part(): Part {
    return this.#part
  }

  /** What is to be said of it at once: text that it began with, with its seal; other parts wait until they are whole. */
  beginning(): Part | undefined {
    const part = this.#part
    const empty = runs(part) && part.text === '' && part.seal === undefined && isBare(part)
    const silent = empty || waits(part)
    return runs(part) && !silent ? part : undefined
  }

  /** Adds a piece; gives back what is to be said of it at once. */
  add(delta: PartDelta): Part | undefined {
    const part = this.#part
    switch (delta.kind) {
      case 'text': {
        if (part.type === 'tool-call') {
          this.#part = { ...part, arguments: { text: part.arguments.text + delta.text } }
        }
        if (!runs(part) || delta.text === '') return undefined
        this.#part = { ...part, text: part.text + delta.text }
        this.#said += delta.text
        return unsealed(part, delta.text)
      }
      case 'citation':
        if (part.type === 'text') {
          this.#part = { ...part, citations: [...(part.citations ?? []), delta.citation] }
        }
        return undefined
      case 'seal':
        this.#part = { ...part, seal: delta.seal }
        return undefined
      case 'media':
        this.#part = withMedia(part, delta.data ?? '')
        return undefined
    }
  }

  /** The part has ended, perhaps with the vendor's own copy: what is still to be said. */
  ending(whole: Part | undefined): Part | undefined {
    const part = whole ?? this.#part
    this.#part = part
    if (!runs(part)) return part
    const rest = part.text.startsWith(this.#said) ? part.text.slice(this.#said.length) : ''
    const seal = this.#sealSaid ? undefined : part.seal
    if (rest === '' && seal === undefined) return undefined
    return seal === undefined ? unsealed(part, rest) : { ...part, text: rest }
  }
}

/** Thinking that begins with a seal alone may get another one at its end, which counts. */
function waits(part: Part): boolean {
  return part.type === 'reasoning' && part.text === '' && isBare(part)
}

function isBare(part: Part): boolean {
  return Object.keys(leftovers.fieldsOf(part)).length === 0
}

type RunningPart = Extract<Part, { readonly type: 'text' | 'refusal' | 'reasoning' }>

/** Whether the part is text, which goes out as it comes. */
function runs(part: Part): part is RunningPart {
  return part.type === 'text' || part.type === 'refusal' || part.type === 'reasoning'
}

function unsealed(part: RunningPart, text: string): RunningPart {
  const { seal: _, ...open } = part
  return { ...open, text }
}

function withMedia(part: Part, more: string): Part {
  const media = part.type === 'image' || part.type === 'audio'
  if (!media || part.source.kind !== 'base64') return part
  return { ...part, source: { ...part.source, data: part.source.data + more } }
}
