// Thinking as a content chunk: a list of texts and references, with a signature for whoever made it.
import type { Part, ReasoningPart, Sealed } from '../../canonical/part.ts'
import {
  type Json,
  type JsonObject,
  type ObjectReader,
  isArray,
  isObject,
} from '../../wire/json.ts'
import { compact } from '../../canonical/compact.ts'
import { unwrapSeal, wrapSeal } from '../lowering/seal.ts'
import { leftovers } from './extension.ts'
import { MISTRAL_CHAT } from './wire-types.ts'

const SIGNATURE = 'mistral.signature'

/** A chunk whose thinking has a form that is unknown is kept whole. */
export function decodeThinking(reader: ObjectReader): Part {
  const list = reader.peek('thinking')
  const text = thinkingText(list)
  if (text === undefined) {
    return {
      type: 'opaque',
      origin: { dialect: MISTRAL_CHAT },
      what: 'thinking',
      native: reader.source,
    }
  }
  reader.value('thinking')
  const closed = reader.optionalBoolean('closed') ?? 'absent'
  const sealed = decodeSeal(reader)
  return {
    type: 'reasoning',
    text,
    ...(text === '' && sealed.seal !== undefined ? { redacted: true as const } : {}),
    ...sealed,
    ...leftovers.keptFields(reader.rest(), {
      closed,
      list: isPlain(list, text) ? undefined : list,
    }),
  }
}

/** What can be read of it; undefined where it is neither text nor a list. */
export function thinkingText(list: Json | undefined): string | undefined {
  if (typeof list === 'string') return list
  if (!isArray(list)) return undefined
  return list
    .map((entry) => (isObject(entry) && typeof entry['text'] === 'string' ? entry['text'] : ''))
    .join('')
}

/** Whether it holds more than texts, such as references. */
export function hasOtherThanText(list: Json | undefined): boolean {
  return isArray(list) && list.some((entry) => !isObject(entry) || entry['type'] !== 'text')
}

function isPlain(list: Json | undefined, text: string): boolean {
  return JSON.stringify(list) === JSON.stringify(listOf(text))
}

export function listOf(text: string): readonly JsonObject[] {
  return text === '' ? [] : [{ type: 'text', text }]
}

/** A foreign envelope gives the seal in it, a broken one gives nothing; anything else is Mistral's own. */
export function decodeSeal(reader: ObjectReader): { readonly seal?: Sealed } {
  const payload = reader.optionalString('signature')
  if (payload === undefined) return {}
  const seal = unwrapSeal(payload)
  if (seal === 'foreign') return {}
  return { seal: seal ?? { payload, format: SIGNATURE, origin: { dialect: MISTRAL_CHAT } } }
}

export function encodeSeal(seal: Sealed | undefined): string | undefined {
  if (seal === undefined || seal.origin.dialect === MISTRAL_CHAT) return seal?.payload
  return wrapSeal(seal)
}

/** Thinking that came from elsewhere is closed: nobody is to go on with it. */
export function encodeThinking(part: ReasoningPart): JsonObject {
  const { closed = true } = leftovers.shapeOf(part)
  return leftovers.printed(
    part,
    compact({
      type: 'thinking',
      thinking: thinkingList(part),
      signature: encodeSeal(part.seal),
      closed: closed === 'absent' ? undefined : closed,
    }),
  )
}

/** The list as it came, as long as it still says the same. */
function thinkingList(part: ReasoningPart): Json {
  const { list } = leftovers.shapeOf(part)
  return list !== undefined && thinkingText(list) === part.text ? list : listOf(part.text)
}
