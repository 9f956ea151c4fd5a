// A reasoning part as the events inside its item: pieces of a summary or of the thinking itself, each begun and ended.
import type { PartDelta } from '../../canonical/event.ts'
import type { Part, ReasoningPart } from '../../canonical/part.ts'
import type { JsonObject } from '../../wire/json.ts'
import { type PartPlace, type PartWriter, missing } from './part-writer.ts'
import { JOINT, type SegmentSlot, segment } from './reasoning-item.ts'

interface OpenSegment {
  readonly slot: SegmentSlot
  readonly index: number
  text: string
}

/** Other vendors' thinking is one summary: clients show it, and nobody takes it for a chain of thought to be checked. */
export class ThoughtWriter implements PartWriter {
  readonly #part: ReasoningPart
  readonly #place: PartPlace
  #open: OpenSegment | undefined
  #told = ''

  constructor(part: ReasoningPart, place: PartPlace) {
    this.#part = part
    this.#place = place
  }

  start(): readonly JsonObject[] {
    return this.#say(this.#part.text)
  }

  delta(delta: PartDelta): readonly JsonObject[] {
    return delta.kind === 'text' ? this.#say(delta.text) : []
  }

  divide(slot: SegmentSlot, index: number): readonly JsonObject[] {
    const closed = this.#close()
    this.#open = { slot, index, text: '' }
    const part = segment(slot, '')
    return [
      ...closed,
      this.#event(slot === 'summary' ? 'part.added' : 'content_part.added', { part }),
    ]
  }

  end(part: Part): readonly JsonObject[] {
    const whole = part.type === 'reasoning' ? part.text : ''
    return [...this.#say(missing(whole, this.#told)), ...this.#close()]
  }

  /** What stands between two pieces in the model's text is said by their borders here. */
  #say(text: string): readonly JsonObject[] {
    if (text === '') return []
    const between = this.#told !== '' && this.#open?.text === '' && text === JOINT
    this.#told += text
    if (between) return []
    const opened = this.#open === undefined ? this.divide('summary', 0) : []
    if (this.#open !== undefined) this.#open.text += text
    return [...opened, this.#event('text.delta', { delta: text })]
  }

  #close(): readonly JsonObject[] {
    const open = this.#open
    if (open === undefined) return []
    const { slot, text } = open
    const events = [
      this.#event('text.done', { text }),
      this.#event(slot === 'summary' ? 'part.done' : 'content_part.done', {
        part: segment(slot, text),
      }),
    ]
    this.#open = undefined
    return events
  }

  #event(name: string, fields: JsonObject): JsonObject {
    const { item_id, output_index } = this.#place
    const { slot = 'summary', index = 0 } = this.#open ?? {}
    const prefix = slot === 'summary' ? 'response.reasoning_summary_' : 'response.reasoning_'
    const type = name.startsWith('content_part') ? `response.${name}` : `${prefix}${name}`
    const at = slot === 'summary' ? { summary_index: index } : { content_index: index }
    return { type, item_id, output_index, ...at, ...fields }
  }
}
