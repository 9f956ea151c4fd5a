// A reasoning item: what may be read of the model's thinking, and its encrypted form.
import type { ReasoningPart, Sealed } from '../../canonical/part.ts'
import {
  type Json,
  type JsonObject,
  type ObjectReader,
  isArray,
  isObject,
} from '../../wire/json.ts'
import { unwrapSeal, wrapSeal } from '../lowering/seal.ts'
import { bookkeepingOf, takeBookkeeping } from './bookkeeping.ts'
import { leftovers } from './extension.ts'
import { OPENAI_RESPONSES } from './wire-types.ts'

/** What stands between the pieces of one item's thinking where they are one text. */
export const JOINT = '\n\n'

/** The two lists that thinking comes in, with the type of their entries. */
const SEGMENT_TYPES = { summary: 'summary_text', content: 'reasoning_text' } as const
export type SegmentSlot = keyof typeof SEGMENT_TYPES

export function decodeReasoning(reader: ObjectReader): ReasoningPart {
  reader.value('type')
  const summary = listAt(reader, 'summary')
  const content = listAt(reader, 'content')
  const text = textOfSegments(summary, content)
  const { seal, spelled } = decodeSeal(reader)
  const item = takeBookkeeping(reader)
  const redacted = text === '' && seal !== undefined
  return {
    type: 'reasoning',
    text,
    ...(redacted ? { redacted: true as const } : {}),
    ...(seal === undefined ? {} : { seal }),
    ...leftovers.owned(reader.rest(), {
      ...item,
      ...(summary === undefined ? {} : { summary }),
      ...(content === undefined ? {} : { content }),
      ...(spelled === undefined ? {} : { seal: spelled }),
    }),
  }
}

/** Taken only where every entry has a text. */
function listAt(reader: ObjectReader, key: SegmentSlot): readonly JsonObject[] | undefined {
  const value = reader.peek(key)
  if (!isArray(value) || !value.every((entry) => isObject(entry))) return undefined
  if (!value.every((entry) => typeof entry['text'] === 'string')) return undefined
  reader.value(key)
  return value
}

function textOfSegments(summary: Json | undefined, content: Json | undefined): string {
  return [summary, content]
    .flatMap((list) => (isArray(list) ? list : []))
    .map((entry) => (isObject(entry) ? entry['text'] : undefined))
    .filter((text) => typeof text === 'string')
    .join(JOINT)
}

/** Another provider's seal travels in an envelope; one that was altered on its way is nobody's. */
function decodeSeal(reader: ObjectReader): {
  readonly seal?: Sealed
  readonly spelled?: 'altered'
} {
  const payload = reader.optionalString('encrypted_content')
  if (payload === undefined) return {}
  const inside = unwrapSeal(payload)
  if (inside === 'foreign') return { spelled: 'altered' }
  const own = { payload, format: 'openai.encrypted', origin: { dialect: OPENAI_RESPONSES } }
  return { seal: inside ?? own }
}

/** Whether only another provider, or nobody, can take this thinking back. */
export function isForeignReasoning(part: ReasoningPart): boolean {
  const { seal } = part
  if (seal !== undefined) return seal.origin.dialect !== OPENAI_RESPONSES || seal.payload === ''
  return !leftovers.isOwn(part) || leftovers.shapeOf(part)['seal'] === 'altered'
}

/** `maker`: the dialect the thinking came from, so that its next request shows whose it is where there is no seal. */
export function encodeReasoning(part: ReasoningPart, maker?: string): JsonObject {
  const { summary, content } = leftovers.shapeOf(part)
  const same = leftovers.isOwn(part) && textOfSegments(summary, content) === part.text
  const segments = same
    ? {
        ...(summary === undefined ? {} : { summary }),
        ...(content === undefined ? {} : { content }),
      }
    : { summary: part.text === '' ? [] : [segment('summary', part.text)] }
  const sealed = encodeSeal(part, maker)
  return leftovers.printed(part, {
    ...bookkeepingOf(part),
    type: 'reasoning',
    ...segments,
    ...(sealed === undefined ? {} : { encrypted_content: sealed }),
  })
}

export function segment(slot: SegmentSlot, text: string): JsonObject {
  return { type: SEGMENT_TYPES[slot], text }
}

function encodeSeal({ seal }: ReasoningPart, maker: string | undefined): string | undefined {
  if (seal?.origin.dialect === OPENAI_RESPONSES) return seal.payload
  if (seal !== undefined) return wrapSeal(seal)
  if (maker === undefined || maker === OPENAI_RESPONSES) return undefined
  return wrapSeal({ payload: '', format: 'none', origin: { dialect: maker } })
}
