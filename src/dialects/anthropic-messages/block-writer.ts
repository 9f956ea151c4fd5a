// One part of an answer as a streamed block: events without their index, which depends on the blocks before it.
import type { ChatEvent } from '../../canonical/event.ts'
import type { Note } from '../../canonical/note.ts'
import type { Part } from '../../canonical/part.ts'
import type { JsonObject } from '../../wire/json.ts'

export type PartStart = Extract<ChatEvent, { type: 'part-start' }>
export type PartDeltaEvent = Extract<ChatEvent, { type: 'part-delta' }>
export type PartEnd = Extract<ChatEvent, { type: 'part-end' }>

/** A note whose path the caller knows. */
export type PartNote = Omit<Note, 'path'>

export interface BlockWriter {
  start(): readonly JsonObject[]
  delta(event: PartDeltaEvent): readonly JsonObject[]
  /** A delta in this wire's own words. */
  native(event: JsonObject): readonly JsonObject[]
  end(event: PartEnd): readonly JsonObject[]
  /** What could not be said; asked once the block has ended. */
  readonly note: PartNote | undefined
}

export function blockStart(block: JsonObject): JsonObject {
  return { type: 'content_block_start', content_block: block }
}

export const BLOCK_STOP: JsonObject = { type: 'content_block_stop' }

/** The string of a part that its text deltas add to. */
export function mainText(part: Part): string {
  switch (part.type) {
    case 'text':
    case 'refusal':
    case 'reasoning':
      return part.text
    case 'tool-call':
      return part.arguments.text
    default:
      return ''
  }
}
