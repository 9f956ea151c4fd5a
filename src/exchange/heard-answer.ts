// What an answer has shown of itself so far: who says to have written it, and in what of it the writer is.
import { compact } from '../canonical/compact.ts'
import type { ChatEvent } from '../canonical/event.ts'
import type { Part } from '../canonical/part.ts'
import type { ChatResponse } from '../canonical/response.ts'

/** In what an answer is; `start`: nothing of it has come. */
export type AnswerPhase = 'start' | 'text' | 'reasoning' | 'tool'

export interface HeardAnswer {
  /** The model that it names. */
  readonly model?: string
  readonly phase: AnswerPhase
  /** Nothing is written: no text, no thinking, no call, no picture. */
  readonly isEmpty: boolean
}

/** Of answers that are no chat. */
export const UNHEARD: HeardAnswer = { phase: 'start', isEmpty: false }

/** Hears the events of one answer as they pass. */
export class AnswerEar {
  #model: string | undefined
  #phase: AnswerPhase = 'start'
  #isEmpty = true

  hear(event: ChatEvent): void {
    switch (event.type) {
      case 'response-start':
        this.#model = event.model ?? this.#model
        return
      case 'part-start':
        this.#phase = phaseOf(event.part)
        this.#isEmpty &&= isNothing(event.part)
        return
      case 'part-delta':
        this.#isEmpty &&= event.delta.kind === 'text' && event.delta.text === ''
        return
      default:
    }
  }

  get heard(): HeardAnswer {
    return compact({ model: this.#model, phase: this.#phase, isEmpty: this.#isEmpty })
  }
}

/** The same of an answer that is there as a whole. */
export function heardIn({ model, candidates }: ChatResponse): HeardAnswer {
  let phase: AnswerPhase = 'start'
  let isEmpty = true
  for (const { parts } of candidates) {
    for (const part of parts) {
      phase = phaseOf(part)
      isEmpty &&= isNothing(part)
    }
  }
  return { model, phase, isEmpty }
}

function phaseOf({ type }: Part): AnswerPhase {
  switch (type) {
    case 'reasoning':
      return 'reasoning'
    case 'tool-call':
      return 'tool'
    default:
      return 'text'
  }
}

function isNothing(part: Part): boolean {
  return (part.type === 'text' || part.type === 'reasoning') && part.text === ''
}
