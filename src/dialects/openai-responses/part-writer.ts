// How one part of an answer becomes the events inside its item: what begins it, its pieces, what ends it.
import type { PartDelta } from '../../canonical/event.ts'
import type { Part, TokenLogprob } from '../../canonical/part.ts'
import type { JsonObject } from '../../wire/json.ts'
import type { SegmentSlot } from './reasoning-item.ts'

export interface PartWriter {
  start(): readonly JsonObject[]
  delta(delta: PartDelta): readonly JsonObject[]
  /** Thinking goes on in another piece. */
  divide?(slot: SegmentSlot, index: number): readonly JsonObject[]
  /** `part` is the finished copy. */
  end(part: Part): readonly JsonObject[]
}

/** What every event of a part says. */
export interface PartPlace {
  readonly item_id: string
  readonly output_index: number
  readonly content_index: number
  /** How much of the answer's text comes before. */
  readonly offset: number
  /** The part's token probabilities so far; the writer reads them, its owner fills them. */
  readonly logprobs: readonly TokenLogprob[]
}

/** What the finished copy of a text has beyond what has been told of it. */
export function missing(whole: string, told: string): string {
  return whole.startsWith(told) ? whole.slice(told.length) : ''
}
