// The content of a message as events: text with its citations and probabilities, refusals, and kinds that only this wire knows.
import type { PartDelta } from '../../canonical/event.ts'
import type { Citation, OpaquePart, Part, RefusalPart, TextPart } from '../../canonical/part.ts'
import { type JsonObject, isObject } from '../../wire/json.ts'
import { encodeAnnotation } from './citations.ts'
import { leftovers } from './extension.ts'
import { encodeLogprobs } from './logprobs.ts'
import { encodeSpoken } from './output.ts'
import { type PartPlace, type PartWriter, missing } from './part-writer.ts'

export class SpeechWriter implements PartWriter {
  readonly #part: TextPart | RefusalPart
  readonly #place: PartPlace
  /** Citations of the whole text, whose end is not known yet. */
  readonly #unplaced: Citation[] = []
  #told = ''
  #counted = 0
  #cited = 0

  constructor(part: TextPart | RefusalPart, place: PartPlace) {
    this.#part = part
    this.#place = place
  }

  start(): readonly JsonObject[] {
    const part =
      this.#part.type === 'text'
        ? { type: 'output_text', annotations: [], logprobs: [], text: '' }
        : { type: 'refusal', refusal: '' }
    const citations = this.#part.type === 'text' ? (this.#part.citations ?? []) : []
    return [
      { type: 'response.content_part.added', ...this.#at(), part },
      ...this.#say(this.#part.text),
      ...citations.flatMap((citation) => this.#cite(citation)),
    ]
  }

  delta(delta: PartDelta): readonly JsonObject[] {
    if (delta.kind === 'text') return this.#say(delta.text)
    return delta.kind === 'citation' ? this.#cite(delta.citation) : []
  }

  end(part: Part): readonly JsonObject[] {
    const whole = part.type === this.#part.type ? part : this.#part
    const text = 'text' in whole ? whole.text : ''
    const rest = this.#say(missing(text, this.#told))
    const late = this.#unplaced.splice(0).flatMap((citation) => this.#annotation(citation))
    const { offset, logprobs } = this.#place
    const said =
      this.#part.type === 'text'
        ? { type: 'response.output_text.done', text, logprobs: encodeLogprobs(logprobs) }
        : { type: 'response.refusal.done', refusal: text }
    return [
      ...rest,
      ...late,
      { ...said, ...this.#at() },
      {
        type: 'response.content_part.done',
        ...this.#at(),
        part: encodeSpoken(whole, offset, logprobs),
      },
    ]
  }

  #at(): JsonObject {
    const { item_id, output_index, content_index } = this.#place
    return { item_id, output_index, content_index }
  }

  /** Probabilities ride with the next piece of text. */
  #say(delta: string): readonly JsonObject[] {
    if (delta === '') return []
    this.#told += delta
    if (this.#part.type === 'refusal') {
      return [{ type: 'response.refusal.delta', ...this.#at(), delta }]
    }
    const logprobs = encodeLogprobs(this.#place.logprobs.slice(this.#counted))
    this.#counted = this.#place.logprobs.length
    return [{ type: 'response.output_text.delta', ...this.#at(), delta, logprobs }]
  }

  #cite(citation: Citation): readonly JsonObject[] {
    if (citation.start !== undefined || leftovers.shapeOf(this.#part)['message'] !== undefined) {
      return this.#annotation(citation)
    }
    this.#unplaced.push(citation)
    return []
  }

  #annotation(citation: Citation): readonly JsonObject[] {
    const place = { offset: this.#place.offset, length: this.#told.length }
    const annotation = encodeAnnotation(citation, place)
    if (annotation === undefined) return []
    const event = {
      type: 'response.output_text.annotation.added',
      ...this.#at(),
      annotation_index: this.#cited,
      annotation,
    }
    this.#cited += 1
    return [event]
  }
}

/** Content of a kind that only this wire knows. */
export class ContentWriter implements PartWriter {
  readonly #part: OpaquePart
  readonly #place: PartPlace

  constructor(part: OpaquePart, place: PartPlace) {
    this.#part = part
    this.#place = place
  }

  start(): readonly JsonObject[] {
    return [this.#event('response.content_part.added', this.#part)]
  }

  delta(): readonly JsonObject[] {
    return []
  }

  end(part: Part): readonly JsonObject[] {
    return [this.#event('response.content_part.done', part.type === 'opaque' ? part : this.#part)]
  }

  #event(type: string, { native }: OpaquePart): JsonObject {
    const { item_id, output_index, content_index } = this.#place
    return { type, item_id, output_index, content_index, part: isObject(native) ? native : {} }
  }
}
