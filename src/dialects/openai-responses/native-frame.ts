// What the stream decoder tells the encoder of its own wire beyond the model's words: hosted tools at work, and where thinking is divided.
import { type Json, type JsonObject, isObject } from '../../wire/json.ts'
import type { SegmentSlot } from './reasoning-item.ts'

/** `part` is the index of the part that it belongs to. */
export type NativeFrame =
  | { readonly part: number; readonly event: JsonObject }
  | {
      readonly part: number
      readonly segment: { readonly slot: SegmentSlot; readonly index: number }
    }

export function readNative(value: Json): NativeFrame | undefined {
  if (!isObject(value)) return undefined
  const { part, event, segment } = value
  if (typeof part !== 'number') return undefined
  if (isObject(event)) return { part, event }
  if (!isObject(segment) || typeof segment['index'] !== 'number') return undefined
  const slot = segment['slot'] === 'content' ? 'content' : 'summary'
  return { part, segment: { slot, index: segment['index'] } }
}

/** An event of the answer as a whole, such as the sound of a spoken one, that no part stands for. */
export function readWholeNative(value: Json): JsonObject | undefined {
  return isObject(value) && isObject(value['answer']) ? value['answer'] : undefined
}
