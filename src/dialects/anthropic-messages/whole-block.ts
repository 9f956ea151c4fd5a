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
    return isObject(value) ? written(value) : []
  }
}

/** Many clients add up deltas and do not look into the start. */
function written(block: JsonObject): readonly JsonObject[] {
  const { text, input } = block
  if (block['type'] === 'text' && typeof text === 'string') {
    return spelled({ ...block, text: '' }, { type: 'text_delta', text })
  }
  if (
    (block['type'] === 'tool_use' || block['type'] === 'server_tool_use') &&
    input !== undefined
  ) {
    const partial_json = JSON.stringify(input)
    return spelled({ ...block, input: {} }, { type: 'input_json_delta', partial_json })
  }
  return [blockStart(block), BLOCK_STOP]
}

function spelled(empty: JsonObject, delta: JsonObject): readonly JsonObject[] {
  return [blockStart(empty), { type: 'content_block_delta', delta }, BLOCK_STOP]
}
