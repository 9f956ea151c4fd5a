// Thinking in assistant messages: `reasoning_content`, `reasoning`, and `reasoning_details`, the one carrier of sealed state.
import { compact } from '../../canonical/compact.ts'
import type { OpaquePart, Part, ReasoningPart, Sealed } from '../../canonical/part.ts'
import { type Json, type JsonObject, ObjectReader, isArray, isObject } from '../../wire/json.ts'
import { unwrapSeal, wrapSeal } from '../lowering/seal.ts'
import { leftovers } from './extension.ts'
import { OPENAI_CHAT, PLAIN_REASONING } from './wire-types.ts'

/** Takes the reasoning fields it understands; the others stay in the reader's rest. */
export function decodeReasoning(reader: ObjectReader): readonly Part[] {
  const details = reader.peek('reasoning_details')
  if (details === undefined && spokenReasoning(reader.source) === undefined) return []
  const detailed = isArray(details) && details.length > 0 && details.every((one) => isObject(one))
  const parts = detailed ? details.map((entry) => decodeDetail(entry)) : []
  if (detailed) reader.value('reasoning_details')
  const text = textOfReasoning(parts)
  const spoken = spokenReasoning(reader.source)
  const divided = text === '' || spoken === text ? undefined : dividedBy(parts, spoken)
  const said = text === '' || divided !== undefined ? spoken : text
  const plain = plainFields(reader.source, said)
  for (const key of plain) reader.value(key)
  if (divided !== undefined) return divided.map((part) => inPlain(part, plain))
  if (said === undefined) return parts
  if (text === '') return [plainReasoning(said, plain), ...parts]
  return parts.map((part) => alsoPlain(part, plain))
}

/** Plain text of which only pieces stand in details too: what is between them is thinking without a seal. */
function dividedBy(
  details: readonly (ReasoningPart | OpaquePart)[],
  spoken: string | undefined,
): readonly Part[] | undefined {
  if (spoken === undefined) return undefined
  const parts: Part[] = []
  let at = 0
  for (const part of details) {
    const text = part.type === 'reasoning' ? part.text : ''
    const found = spoken.indexOf(text, at)
    if (found === -1) return undefined
    if (found > at) parts.push({ type: 'reasoning', text: spoken.slice(at, found) })
    parts.push(part)
    at = found + text.length
  }
  if (at < spoken.length) parts.push({ type: 'reasoning', text: spoken.slice(at) })
  return parts
}

function inPlain(part: Part, plain: readonly string[]): Part {
  const beside = part.type === 'reasoning' && !inDetails(part)
  return beside ? plainReasoning(part.text, plain) : alsoPlain(part, plain)
}

/** The first plain field that says something. */
export function spokenReasoning(source: JsonObject): string | undefined {
  return PLAIN_REASONING.map((key) => source[key]).find(isSaid)
}

/** The plain fields that hold this text: some hosts send both. */
export function plainFields(source: JsonObject, text: string | undefined): readonly string[] {
  return PLAIN_REASONING.filter((key) => text !== undefined && source[key] === text)
}

export function plainReasoning(text: string, plain: readonly string[]): ReasoningPart {
  const usual = plain.length === 1 && plain[0] === PLAIN_REASONING[0]
  return {
    type: 'reasoning',
    text,
    ...leftovers.keptFields(undefined, { plain: usual ? undefined : plain }),
  }
}

/** A detail whose text the source had in plain fields too. */
export function alsoPlain<P extends Part>(part: P, plain: readonly string[]): P {
  if (part.type !== 'reasoning' || plain.length === 0) return part
  return {
    ...part,
    ...leftovers.keptFields(leftovers.fieldsOf(part), { ...leftovers.shapeOf(part), plain }),
  }
}

function isSaid(value: Json | undefined): value is string {
  return typeof value === 'string' && value !== ''
}

export function textOfReasoning(parts: readonly Part[]): string {
  return parts.map((part) => (part.type === 'reasoning' ? part.text : '')).join('')
}

/** One entry of `reasoning_details`; a kind that is unknown is kept whole. */
export function decodeDetail(entry: JsonObject): ReasoningPart | OpaquePart {
  const reader = new ObjectReader(entry, '')
  switch (entry['type']) {
    case 'reasoning.text':
      return {
        type: 'reasoning',
        text: textAt(reader, 'text'),
        ...decodeSeal(reader, 'signature'),
        ...leftovers.kept(reader, { shape: { slot: 'details' } }),
      }
    case 'reasoning.summary':
      return {
        type: 'reasoning',
        text: textAt(reader, 'summary'),
        ...leftovers.kept(reader, { shape: { slot: 'details' } }),
      }
    case 'reasoning.encrypted': {
      const sealed = decodeSeal(reader, 'data')
      return {
        type: 'reasoning',
        text: '',
        redacted: true,
        ...sealed,
        ...leftovers.kept(reader, { shape: { slot: 'details' } }),
      }
    }
    default:
      return {
        type: 'opaque',
        origin: { dialect: OPENAI_CHAT },
        what: 'reasoning_details',
        native: entry,
      }
  }
}

function textAt(reader: ObjectReader, key: string): string {
  const value = reader.peek(key)
  if (typeof value !== 'string') return ''
  reader.value(key)
  return value
}

/** A foreign envelope gives the seal in it; a broken one gives nothing; anything else is the host's own. */
function decodeSeal(reader: ObjectReader, key: string): { readonly seal?: Sealed } {
  const payload = reader.peek(key)
  if (typeof payload !== 'string') return {}
  reader.value(key)
  const seal = unwrapSeal(payload)
  if (seal === 'foreign') return {}
  if (seal !== undefined) return { seal }
  const format = reader.peek('format')
  return {
    seal: {
      payload,
      format: typeof format === 'string' ? format : 'reasoning_details',
      origin: { dialect: OPENAI_CHAT },
    },
  }
}

/** `field`, where given, is the only plain field; else each part goes where it came from. */
export function encodeReasoning(parts: readonly Part[], field: string | undefined): JsonObject {
  const texts = new Map<string, string>()
  const entries: JsonObject[] = []
  for (const part of parts) {
    if (part.type === 'opaque' && part.what === 'reasoning_details' && isObject(part.native)) {
      entries.push(part.native)
    }
    if (part.type !== 'reasoning') continue
    for (const name of plainNames(part, field)) {
      if (part.text !== '') texts.set(name, (texts.get(name) ?? '') + part.text)
    }
    if (isDetail(part)) entries.push(encodeDetail(part))
  }
  return {
    ...Object.fromEntries(texts),
    ...(entries.length === 0 ? {} : { reasoning_details: entries.map(numbered) }),
  }
}

/** The plain fields that a part's text goes to. */
export function plainNames(part: ReasoningPart, field?: string): readonly string[] {
  const { plain } = leftovers.shapeOf(part)
  const came = isArray(plain) ? plain.filter((name) => typeof name === 'string') : undefined
  const names = came ?? (inDetails(part) ? [] : [PLAIN_REASONING[0]])
  return field === undefined || names.length === 0 ? names : [field]
}

/** Only entries made here lack an index; the host's own keep what they had. */
function numbered(entry: JsonObject, index: number): JsonObject {
  return entry['format'] === ENVELOPE_FORMAT ? { ...entry, index } : entry
}

const ENVELOPE_FORMAT = 'patchbay-v1'

export function inDetails(part: Part): boolean {
  return leftovers.shapeOf(part)['slot'] === 'details'
}

function isDetail(part: ReasoningPart): boolean {
  // An envelope with nothing in it says whose thinking it is, and no more.
  return inDetails(part) || (part.seal?.payload ?? '') !== ''
}

/** An entry of `reasoning_details` for a part that came as one, or for a foreign part with a seal. */
export function encodeDetail(part: ReasoningPart): JsonObject {
  const seal = part.seal
  const payload =
    seal === undefined || seal.origin.dialect === OPENAI_CHAT ? seal?.payload : wrapSeal(seal)
  if (!inDetails(part)) {
    // The host's own comes back under the host's own word for it.
    const own = seal?.origin.dialect === OPENAI_CHAT
    const format = own ? seal?.format : ENVELOPE_FORMAT
    return part.redacted === true
      ? compact({ type: 'reasoning.encrypted', data: payload, format })
      : compact({
          type: 'reasoning.text',
          text: part.text,
          signature: payload,
          format,
        })
  }
  const text = part.text === '' ? undefined : part.text
  switch (leftovers.printed(part, {})['type']) {
    case 'reasoning.summary':
      return leftovers.printed(part, compact({ summary: text }))
    case 'reasoning.encrypted':
      return leftovers.printed(part, compact({ data: payload }))
    default:
      return leftovers.printed(part, compact({ text, signature: payload }))
  }
}
