// A streamed block that is written as its part comes.
import type { OpaquePart, Part, ReasoningPart } from '../../canonical/part.ts'
import { type Json, type JsonObject, isObject } from '../../wire/json.ts'
import {
  BLOCK_STOP,
  type BlockWriter,
  type PartDeltaEvent,
  type PartEnd,
  type PartNote,
  blockStart,
  mainText,
} from './block-writer.ts'
import { APPROXIMATE_CITATIONS, encodeCitation, isOwnCitation, isTellable } from './citations.ts'
import { encodeBlock, encodeReasoning } from './encode-blocks.ts'
import { overlay } from '../leftovers.ts'
import { leftovers } from './extension.ts'
import { answerSeal, isOwnSeal } from './seals.ts'
import { DIALECT, type DeltaType } from './wire-types.ts'

export type LivePart =
  | Extract<Part, { type: 'text' | 'refusal' | 'tool-call' }>
  | ReasoningPart
  | OpaquePart

export class LiveBlock implements BlockWriter {
  note: PartNote | undefined
  readonly #maker: string
  #part: LivePart
  #written = ''
  #sealed = false

  /** `maker` is the dialect that the answer came from. */
  constructor(part: LivePart, maker: string) {
    this.#part = part
    this.#maker = maker
  }

  start(): readonly JsonObject[] {
    const part = this.#part
    const text = mainText(part)
    const citations = part.type === 'text' ? (part.citations ?? []) : []
    return [
      blockStart(this.#empty()),
      ...(text === '' ? [] : [this.#text(text)]),
      ...citations.flatMap((citation) => this.#citation(citation)),
      ...this.#seal(),
    ]
  }

  delta(event: PartDeltaEvent): readonly JsonObject[] {
    const extra = leftovers.shapeOf(event)['event']
    return this.#delta(event).map((frame) => overlay(isObject(extra) ? extra : {}, frame))
  }

  native(event: JsonObject): readonly JsonObject[] {
    return [event]
  }

  end(event: PartEnd): readonly JsonObject[] {
    const whole = event.part ?? this.#part
    return [...this.#missing(whole), ...this.#lastSeal(whole), BLOCK_STOP]
  }

  #delta({ delta }: PartDeltaEvent): readonly JsonObject[] {
    switch (delta.kind) {
      case 'text':
        // Empty deltas say nothing; only the same wire gets them back.
        return delta.text === '' && this.#maker !== DIALECT ? [] : [this.#text(delta.text)]
      case 'citation':
        return this.#citation(delta.citation)
      case 'seal':
        this.#part = { ...this.#part, seal: delta.seal }
        return this.#seal()
      case 'media':
        return []
    }
  }

  /** The rest of an authoritative copy that goes on where the deltas stopped. */
  #missing(whole: Part): readonly JsonObject[] {
    const text = mainText(whole)
    if (!text.startsWith(this.#written)) return []
    const rest = text.slice(this.#written.length)
    const nothing = rest === '' || (whole.type === 'tool-call' && rest === '{}')
    return nothing ? [] : [this.#text(rest)]
  }

  /** Our own seal at once; another provider's may change until its part ends. */
  #seal(): readonly JsonObject[] {
    const { type, seal } = this.#part
    return type === 'reasoning' && isOwnSeal(seal) ? [this.#signature(seal.payload)] : []
  }

  #lastSeal(whole: Part): readonly JsonObject[] {
    if (whole.type !== 'reasoning' || this.#sealed) return []
    const seal = whole.seal ?? this.#part.seal
    const signature = answerSeal(seal === undefined ? whole : { ...whole, seal }, this.#maker)
    return signature === undefined ? [] : [this.#signature(signature)]
  }

  /** The block as it stands before its deltas. */
  #empty(): JsonObject {
    const part = this.#part
    switch (part.type) {
      case 'text': {
        const { citations, ...empty } = { ...part, text: '' }
        return printedBlock(citations === undefined ? empty : { ...empty, citations: [] })
      }
      case 'refusal':
        return printedBlock({ ...part, text: '' })
      case 'reasoning': {
        const signature = this.#maker === DIALECT ? leftovers.fieldsOf(part)['signature'] : ''
        const slot = typeof signature === 'string' ? signature : undefined
        return encodeReasoning({ ...part, text: '' }, slot)
      }
      case 'tool-call':
        return printedBlock({ ...part, arguments: { text: '', json: {} } })
      case 'opaque':
        return printedBlock(part)
    }
  }

  #text(text: string): JsonObject {
    this.#written += text
    switch (this.#part.type) {
      case 'reasoning':
        return blockDelta('thinking_delta', { thinking: text })
      case 'tool-call':
        return blockDelta('input_json_delta', { partial_json: text })
      default:
        return blockDelta('text_delta', { text })
    }
  }

  #citation(citation: Parameters<typeof encodeCitation>[0]): readonly JsonObject[] {
    if (!isTellable(citation)) return []
    if (!isOwnCitation(citation)) this.note = APPROXIMATE_CITATIONS
    return [blockDelta('citations_delta', { citation: encodeCitation(citation) })]
  }

  #signature(signature: string): JsonObject {
    this.#sealed = true
    return blockDelta('signature_delta', { signature })
  }
}

function blockDelta(type: DeltaType, value: JsonObject): JsonObject {
  return { type: 'content_block_delta', delta: { type, ...value } }
}

function printedBlock(part: LivePart): JsonObject {
  const block: Json | undefined = encodeBlock(part)
  return isObject(block) ? block : {}
}
