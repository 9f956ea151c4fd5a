// One item of a streamed answer as it comes: its events become those of the parts it stands for.
import type { ChatEvent } from '../../canonical/event.ts'
import type { Part } from '../../canonical/part.ts'
import { type JsonObject, isObject } from '../../wire/json.ts'
import { decodeAnnotation } from './citations.ts'
import { decodeLogprobs } from './logprobs.ts'
import type { NativeFrame } from './native-frame.ts'
import { type MessageMark, decodeContentPart, decodeOutputItem, inMessage } from './output-item.ts'
import { JOINT, type SegmentSlot } from './reasoning-item.ts'
import { OPENAI_RESPONSES } from './wire-types.ts'

/** What all items of an answer count together. */
export interface AnswerTally {
  seed: string
  parts: number
  /** How much text has been said. */
  text: number
}

interface LivePart {
  readonly index: number
  readonly type: Part['type']
  readonly offset: number
  told: string
  cited: number
  /** The finished copy, where it came before the item's end. */
  whole?: Part
  ended: boolean
}

type Events = readonly ChatEvent[]

/** Each method gives the events that one of the wire's means. */
export class LiveItem {
  readonly #place: number
  readonly #offset: number
  readonly #tally: AnswerTally
  readonly #head: JsonObject
  readonly #parts: LivePart[] = []
  #segment: string | undefined
  #logprobs = 0
  done = false

  /** `item` is the one that was announced, or its type alone where none was. */
  constructor(place: number, item: JsonObject, tally: AnswerTally) {
    this.#place = place
    this.#tally = tally
    this.#offset = tally.text
    this.#head = item
  }

  /** A message has parts only once its content comes, and thinking only once it says something: announced, its encrypted form may be half of it. */
  open(): Events {
    if (this.#head['type'] === 'message' || this.#head['type'] === 'reasoning') return []
    const [part] = this.#decoded(this.#head).parts
    return part === undefined ? [] : this.#start(part)
  }

  contentAdded(at: number, part: JsonObject): Events {
    if (this.#head['type'] !== 'message') return []
    return this.#content(
      at,
      decodeContentPart({ value: part, path: 'part' }, this.#tally.text).part,
    )
  }

  contentDone(at: number, part: JsonObject): void {
    const live = this.#parts[at]
    if (live === undefined || this.#head['type'] !== 'message') return
    const decoded = decodeContentPart({ value: part, path: 'part' }, live.offset)
    live.whole = inMessage(decoded.part, this.#mark())
  }

  said(at: number, type: 'text' | 'refusal', event: JsonObject): Events {
    const opened = this.#content(at, { type, text: '' })
    const live = this.#parts[at]
    if (live === undefined) return opened
    const logprobs = decodeLogprobs(event['logprobs']) ?? []
    this.#logprobs += logprobs.length
    return [
      ...opened,
      ...(logprobs.length === 0 ? [] : [{ type: 'logprobs' as const, candidate: 0, logprobs }]),
      ...this.#told(live, textOf(event)),
    ]
  }

  cited(at: number, annotation: JsonObject): Events {
    const opened = this.#content(at, { type: 'text', text: '' })
    const live = this.#parts[at]
    if (live === undefined) return opened
    live.cited += 1
    const citation = decodeAnnotation(annotation, live.offset)
    return [
      ...opened,
      { type: 'part-delta', index: live.index, delta: { kind: 'citation', citation } },
    ]
  }

  /** Thinking comes in pieces of two kinds; in the model they are one text. */
  divided(slot: SegmentSlot, index: number): Events {
    const opened = this.#thinking()
    const [live] = this.#parts
    const name = `${slot}:${index}`
    if (live === undefined || this.#segment === name) return opened
    this.#segment = name
    return [
      ...opened,
      native({ part: live.index, segment: { slot, index } }),
      ...(live.told === '' ? [] : this.#told(live, JOINT)),
    ]
  }

  thought(slot: SegmentSlot, index: number, event: JsonObject): Events {
    const divided = this.divided(slot, index)
    const [live] = this.#parts
    return live === undefined ? divided : [...divided, ...this.#told(live, textOf(event))]
  }

  #thinking(): Events {
    if (this.#parts.length > 0 || this.#head['type'] !== 'reasoning') return []
    const { encrypted_content: _, ...head } = this.#head
    const [part] = this.#decoded(head).parts
    return part === undefined ? [] : this.#start(part)
  }

  input(event: JsonObject): Events {
    const [live] = this.#parts
    return live === undefined ? [] : this.#told(live, textOf(event))
  }

  native(event: JsonObject): Events {
    const live = this.#parts.at(-1)
    return live === undefined ? [] : [native({ part: live.index, event })]
  }

  /** The finished item replaces what was put together from its pieces; what they left out is told before. */
  close(item: JsonObject): Events {
    if (this.done) return []
    this.done = true
    const { parts } = this.#decoded(item)
    const rest = this.after(item)
    const ends = parts.flatMap((part, at) => {
      const live = this.#parts[at]
      return live === undefined ? this.#whole(part) : this.#finished(live, part)
    })
    const late = this.#parts.slice(parts.length).flatMap((live) => this.#end(live))
    return [...rest, ...ends, ...late]
  }

  /** What the answer's own copy of the item has that its end had not. */
  after(item: JsonObject): Events {
    const { logprobs } = this.#decoded(item)
    const rest = logprobs.slice(this.#logprobs)
    this.#logprobs = logprobs.length
    return rest.length === 0 ? [] : [{ type: 'logprobs', candidate: 0, logprobs: rest }]
  }

  /** The answer ended before the item did. */
  abandon(): Events {
    if (this.done) return []
    this.done = true
    return this.#parts.flatMap((live) => this.#end(live))
  }

  #decoded(item: JsonObject): ReturnType<typeof decodeOutputItem> {
    const place = { index: this.#place, offset: this.#offset, seed: this.#tally.seed }
    const typed = item['type'] === undefined ? { type: this.#head['type'], ...item } : item
    return decodeOutputItem(typed, place)
  }

  #mark(): MessageMark {
    const { type: _, role: __, content: ___, ...item } = this.#head
    return { message: this.#place, item }
  }

  #content(at: number, part: Part): Events {
    if (this.#parts[at] !== undefined) return []
    const before = this.#parts.flatMap((live) => this.#end(live))
    return [...before, ...this.#start(inMessage(part, this.#mark()))]
  }

  #start(part: Part): Events {
    const live: LivePart = {
      index: this.#tally.parts,
      type: part.type,
      offset: this.#tally.text,
      told: mainText(part),
      cited: part.type === 'text' ? (part.citations?.length ?? 0) : 0,
      ended: false,
    }
    this.#tally.parts += 1
    if (part.type === 'text') this.#tally.text += part.text.length
    this.#parts.push(live)
    return [{ type: 'part-start', index: live.index, candidate: 0, part }]
  }

  #told(live: LivePart, text: string): Events {
    if (text === '') return []
    live.told += text
    if (live.type === 'text') this.#tally.text += text.length
    return [{ type: 'part-delta', index: live.index, delta: { kind: 'text', text } }]
  }

  #whole(part: Part): Events {
    const events = this.#start(part)
    const live = this.#parts.at(-1)
    return live === undefined ? events : [...events, ...this.#end(live)]
  }

  #finished(live: LivePart, part: Part): Events {
    if (live.ended) return []
    const text = mainText(part)
    const missing = text.startsWith(live.told) ? text.slice(live.told.length) : ''
    const citations = part.type === 'text' ? (part.citations ?? []).slice(live.cited) : []
    live.ended = true
    return [
      ...this.#told(live, missing),
      ...citations.map((citation) => ({
        type: 'part-delta' as const,
        index: live.index,
        delta: { kind: 'citation' as const, citation },
      })),
      { type: 'part-end', index: live.index, part },
    ]
  }

  #end(live: LivePart): Events {
    if (live.ended) return []
    if (live.whole !== undefined) return this.#finished(live, live.whole)
    live.ended = true
    return [{ type: 'part-end', index: live.index }]
  }
}

function native(value: NativeFrame): ChatEvent {
  return { type: 'native', dialect: OPENAI_RESPONSES, value }
}

function textOf(event: JsonObject): string {
  const { delta } = event
  return typeof delta === 'string' ? delta : ''
}

function mainText(part: Part): string {
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

export function objectAt(event: JsonObject, key: string): JsonObject {
  const value = event[key]
  return isObject(value) ? value : {}
}
