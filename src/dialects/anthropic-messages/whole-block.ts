// A streamed block that can be written only once its part is complete: redacted thinking, transcripts, what a message cannot hold.
import { Collector } from '../../canonical/collect.ts'
import { type JsonObject, isObject } from '../../wire/json.ts'
import { answerBlock } from './answer-blocks.ts'
import {
  BLOCK_STOP,
  type BlockWriter,
  type PartDeltaEvent,
  type PartEnd,
  type PartNote,
  type PartStart,
  blockStart,
} from './block-writer.ts'
import { DIALECT } from './wire-types.ts'

export class WholeBlock implements BlockWriter {
  note: PartNote | undefined
  readonly #maker: string
  readonly #collector = new Collector({ origin: { dialect: DIALECT }, model: '' })

  /** `maker` is the dialect that the answer came from. */
  constructor(start: PartStart, maker: string) {
    this.#maker = maker
    this.#collector.add(start)
  }

  start(): readonly JsonObject[] {
    return []
  }

  delta(event: PartDeltaEvent): readonly JsonObject[] {
    this.#collector.add(event)
    return []
  }

  native(): readonly JsonObject[] {
    return []
  }

  end(event: PartEnd): readonly JsonObject[] {
    this.#collector.add(event)
    const part = this.#collector.response().candidates[0]?.parts[0]
    if (part === undefined) return []
    const { value, note } = answerBlock(part, this.#maker)
    this.note = note
    if (!isObject(value)) return []
    const text = value['type'] === 'text' ? value['text'] : undefined
    if (typeof text !== 'string') return [blockStart(value), BLOCK_STOP]
    // Many clients add up deltas and do not look into the start.
    const delta = { type: 'content_block_delta', delta: { type: 'text_delta', text } }
    return [blockStart({ ...value, text: '' }), delta, BLOCK_STOP]
  }
}
