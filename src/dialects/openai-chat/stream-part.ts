// One part of an answer as the deltas of a chunk.
import { compact } from '../../canonical/compact.ts'
import type { ChatEvent, PartDelta } from '../../canonical/event.ts'
import type { Citation, Part, ReasoningPart, Sealed, ToolCallPart } from '../../canonical/part.ts'
import type { JsonObject } from '../../wire/json.ts'
import { annotationsOf, encodeAudio } from './assistant.ts'
import { encodeAnnotation, located } from './citations.ts'
import { leftovers } from './extension.ts'
import { isSayable } from './notes.ts'
import { encodeDetail, inDetails, plainNames } from './reasoning.ts'
import { encodeFunctionCall, encodeToolCall } from './tool-call.ts'

type PartStart = Extract<ChatEvent, { readonly type: 'part-start' }>
type PartEnd = Extract<ChatEvent, { readonly type: 'part-end' }>

interface PartPlace {
  /** The client speaks the deprecated form, which has one call. */
  readonly legacy: boolean
  /** The number of this call within its choice. */
  readonly call: number
  /** Gives the entries of the choice's `reasoning_details` that are made here their numbers. */
  readonly nextDetail: () => number
  /** How much text the choice has said before. */
  readonly offset: number
}

/** Each method gives a delta, or undefined where there is nothing to say. */
export class SpokenPart {
  readonly candidate: number
  readonly #part: Part
  readonly #place: PartPlace
  /** Text so far, where a seal may yet come that has to be told with it, or citations wait for its end. */
  #text = ''
  #seal: Sealed | undefined
  /** Citations of the whole part, whose end is not known yet. */
  readonly #unplaced: Citation[] = []
  #silent = true

  constructor(start: PartStart, place: PartPlace) {
    this.candidate = start.candidate
    this.#part = start.part
    this.#place = place
  }

  start(): JsonObject | undefined {
    return this.#said(this.#whole(this.#part))
  }

  delta(delta: PartDelta): JsonObject | undefined {
    return this.#said(this.#piece(delta))
  }

  /** The vendor's own copy is told only where the pieces told nothing. */
  end({ part, ...node }: PartEnd): JsonObject | undefined {
    if (part?.type === this.#part.type && this.#silent) {
      const whole = this.#said(this.#whole(part))
      if (whole !== undefined) return { ...whole, ...this.#sealed() }
    }
    this.#seal = part?.seal ?? this.#seal
    const fields = leftovers.fieldsOf(node)
    if (this.#part.type === 'tool-call') {
      const late = { ...this.#untold(part), ...fields }
      return Object.keys(late).length === 0 ? undefined : this.#call(late)
    }
    return this.#part.type === 'text' ? this.#cited() : this.#sealed()
  }

  #said(delta: JsonObject | undefined): JsonObject | undefined {
    if (delta !== undefined) this.#silent = false
    return delta
  }

  #whole(part: Part): JsonObject | undefined {
    if (!isSayable(part)) return undefined
    switch (part.type) {
      case 'text': {
        const annotations = annotationsOf([part], this.#place.offset)
        this.#text += part.text
        if (part.text === '' && annotations.length === 0) return undefined
        return { content: part.text, ...(annotations.length === 0 ? {} : { annotations }) }
      }
      case 'refusal':
        return part.text === '' ? undefined : { refusal: part.text }
      case 'reasoning':
        return this.#thought(part)
      case 'tool-call':
        return this.#opened(part)
      case 'audio':
        return { audio: encodeAudio(part) }
      case 'opaque':
        return part.what === 'reasoning_details'
          ? { reasoning_details: [part.native] }
          : { content: [part.native] }
      default:
        return undefined
    }
  }

  #piece(delta: PartDelta): JsonObject | undefined {
    const part = this.#part
    switch (delta.kind) {
      case 'text':
        if (delta.text === '') return undefined
        if (part.type === 'text') {
          this.#text += delta.text
          return { content: delta.text }
        }
        if (part.type === 'refusal') return { refusal: delta.text }
        if (part.type === 'tool-call') return this.#arguments(part, delta.text)
        return part.type === 'reasoning' ? this.#thought({ ...part, text: delta.text }) : undefined
      case 'citation':
        if (delta.citation.start !== undefined) return annotated([delta.citation])
        this.#unplaced.push(delta.citation)
        return undefined
      case 'seal':
        return part.type === 'reasoning' ? this.#seals(part, delta.seal) : undefined
      case 'media': {
        const { data, transcript } = delta
        return part.type === 'audio' ? { audio: compact({ data, transcript }) } : undefined
      }
    }
  }

  #thought(part: ReasoningPart): JsonObject | undefined {
    const said = Object.fromEntries(
      part.text === '' ? [] : plainNames(part).map((name) => [name, part.text]),
    )
    if (inDetails(part)) return { ...said, reasoning_details: [encodeDetail(part)] }
    this.#text += part.text
    this.#seal = part.seal ?? this.#seal
    return part.text === '' ? undefined : said
  }

  /** The host's own details are told as they come; a foreign seal waits for the whole text that it signs. */
  #seals(part: ReasoningPart, seal: Sealed): JsonObject | undefined {
    if (inDetails(part)) return { reasoning_details: [encodeDetail({ ...part, text: '', seal })] }
    this.#seal = seal
    return undefined
  }

  #cited(): JsonObject | undefined {
    const start = this.#place.offset
    const end = start + this.#text.length
    return annotated(this.#unplaced.map((citation) => located(citation, start, end)))
  }

  #sealed(): JsonObject | undefined {
    const part = this.#part
    if (part.type !== 'reasoning' || inDetails(part)) return undefined
    if (this.#seal === undefined || this.#seal.payload === '') return undefined
    return {
      reasoning_details: [
        {
          ...encodeDetail({ ...part, text: this.#text, seal: this.#seal }),
          index: this.#place.nextDetail(),
        },
      ],
    }
  }

  #opened(part: ToolCallPart): JsonObject {
    this.#text += part.arguments.text
    if (this.#isLegacy(part)) return { function_call: encodeFunctionCall(part) }
    return this.#call(encodeToolCall(part))
  }

  #arguments(part: ToolCallPart, text: string): JsonObject {
    this.#text += text
    if (this.#isLegacy(part)) return { function_call: { arguments: text } }
    return this.#call(
      part.kind === 'custom' ? { custom: { input: text } } : { function: { arguments: text } },
    )
  }

  /** Some wires say nothing where there are no arguments; the authoritative copy then says "{}". */
  #untold(whole: Part | undefined): JsonObject {
    if (whole?.type !== 'tool-call' || whole.kind !== 'function' || this.#isLegacy(whole)) return {}
    const { text } = whole.arguments
    return this.#text === '' && text !== '' ? { function: { arguments: text } } : {}
  }

  #isLegacy(part: ToolCallPart): boolean {
    return this.#place.legacy || leftovers.shapeOf(part)['slot'] === 'function_call'
  }

  #call(entry: JsonObject): JsonObject {
    return { tool_calls: [{ ...entry, index: this.#place.call }] }
  }
}

function annotated(citations: readonly Citation[]): JsonObject | undefined {
  const annotations = citations
    .map((citation) => encodeAnnotation(citation))
    .filter((annotation) => annotation !== undefined)
  return annotations.length === 0 ? undefined : { annotations }
}
