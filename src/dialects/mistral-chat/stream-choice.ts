// One choice of a stream: its deltas as parts, one part of content open at a time, calls open until the end.
import type { ChatEvent, PartDelta } from '../../canonical/event.ts'
import type { Part } from '../../canonical/part.ts'
import {
  type Json,
  type JsonObject,
  ObjectReader,
  equalJson,
  isArray,
  isObject,
} from '../../wire/json.ts'
import { decodeChunk } from './chunk.ts'
import { leftovers } from './extension.ts'
import { decodeFinish } from './finish.ts'
import { isSaying } from './silence.ts'
import { StreamedCalls } from './stream-calls.ts'
import { decodeSeal, hasOtherThanText, thinkingText } from './thinking.ts'
import { MISTRAL_CHAT } from './wire-types.ts'

interface ChoicePlace {
  readonly candidate: number
  readonly seed: string
  readonly nextPart: () => number
}

interface OpenPart {
  readonly type: 'text' | 'reasoning'
  readonly index: number
  closed: boolean
}

/** `index` inside a delta repeats that of the choice. */
const KNOWN_DELTA = ['role', 'content', 'tool_calls', 'index']
const KNOWN = ['index', 'delta', 'message', 'finish_reason']

export class StreamedChoice {
  readonly #place: ChoicePlace
  readonly #calls: StreamedCalls
  readonly #seen = new Map<string, Json>()
  #open: OpenPart | undefined
  #finish: string | undefined
  #any = false

  constructor(place: ChoicePlace) {
    this.#place = place
    this.#calls = new StreamedCalls(place)
  }

  /** Mistral has said why it ended. */
  get finished(): boolean {
    return this.#finish !== undefined
  }

  /** Something has come that a client could use. */
  get any(): boolean {
    return this.#any || this.#calls.any
  }

  write(choice: JsonObject): readonly ChatEvent[] {
    const said = choice['delta'] ?? choice['message']
    const delta = isObject(said) ? said : {}
    const { finish_reason: finish } = choice
    if (typeof finish === 'string' && finish !== '') this.#finish ??= finish
    return [
      ...this.#leftovers(choice, delta),
      ...this.#content(delta['content']),
      ...this.#toolCalls(delta['tool_calls']),
    ]
  }

  /** What ends the choice; undefined when a call never got its name. */
  end(): readonly ChatEvent[] | undefined {
    const calls = this.#calls.end()
    if (calls === undefined) return undefined
    const parts = this.#calls.any ? [{ type: 'tool-call' as const }] : []
    const finish = decodeFinish(this.#finish, parts)
    const { candidate } = this.#place
    return [...this.#close(), ...calls, { type: 'candidate-end', candidate, finish }]
  }

  #leftovers(choice: JsonObject, delta: JsonObject): readonly ChatEvent[] {
    const beside = this.#news('delta', delta, KNOWN_DELTA)
    const value: JsonObject = {
      ...this.#news('choice', choice, KNOWN),
      ...(Object.keys(beside).length === 0 ? {} : { delta: beside }),
    }
    if (Object.keys(value).length === 0) return []
    return [{ type: 'native', dialect: MISTRAL_CHAT, candidate: this.#place.candidate, value }]
  }

  /** Unknown keys that say something they have not said before. */
  #news(place: 'choice' | 'delta', source: JsonObject, known: readonly string[]): JsonObject {
    const fresh = Object.entries(source).filter(([key, value]) => {
      if (known.includes(key) || value === undefined || !isSaying(value)) return false
      const at = `${place}.${key}`
      if (equalJson(this.#seen.get(at), value)) return false
      this.#seen.set(at, value)
      return true
    })
    return Object.fromEntries(fresh)
  }

  #content(content: Json | undefined): readonly ChatEvent[] {
    if (typeof content === 'string') return this.#text(content)
    if (!isArray(content)) return []
    return content.flatMap((value, at) => this.#chunk(value, `delta.content[${at}]`))
  }

  #chunk(value: Json, path: string): readonly ChatEvent[] {
    const chunk = ObjectReader.of(value, path)
    const plain = thinkingText(chunk.peek('thinking')) !== undefined
    if (chunk.peek('type') === 'thinking' && plain && !hasOtherThanText(chunk.peek('thinking'))) {
      return this.#thinking(chunk)
    }
    const part = decodeChunk({ value, path })
    return part.type === 'text' && part.extensions === undefined
      ? this.#text(part.text)
      : this.#whole(part)
  }

  #text(text: string): readonly ChatEvent[] {
    if (text === '') return []
    return this.#grow({ type: 'text', text }, [{ kind: 'text', text }])
  }

  /** An empty chunk that says `closed` ends the part; one with text may say it of itself only. */
  #thinking(chunk: ObjectReader): readonly ChatEvent[] {
    const text = thinkingText(chunk.value('thinking')) ?? ''
    const { seal } = decodeSeal(chunk)
    chunk.value('type')
    const closed = chunk.optionalBoolean('closed') === true
    const fields = leftovers.keptFields(chunk.rest())
    const deltas: PartDelta[] = [
      ...(text === '' ? [] : [{ kind: 'text' as const, text }]),
      ...(seal === undefined ? [] : [{ kind: 'seal' as const, seal }]),
    ]
    const redacted = text === '' && this.#open?.type !== 'reasoning'
    const part: Part = {
      type: 'reasoning',
      text,
      ...(redacted ? { redacted } : {}),
      ...(seal === undefined ? {} : { seal }),
      ...fields,
    }
    const events = deltas.length === 0 ? [] : this.#grow(part, deltas, fields)
    if (!closed || this.#open?.type !== 'reasoning') return events
    this.#open.closed = true
    return text === '' ? [...events, ...this.#close()] : events
  }

  #grow(
    part: Part & { readonly type: OpenPart['type'] },
    deltas: readonly PartDelta[],
    fields: Pick<Part, 'extensions'> = {},
  ): readonly ChatEvent[] {
    const open = this.#open
    if (open?.type === part.type) {
      return deltas.map((delta) => ({ type: 'part-delta', index: open.index, delta, ...fields }))
    }
    const closed = this.#close()
    const started = this.#start(part)
    this.#open = { type: part.type, index: started.index, closed: false }
    return [...closed, started]
  }

  #whole(part: Part): readonly ChatEvent[] {
    const closed = this.#close()
    const started = this.#start(part)
    return [...closed, started, { type: 'part-end', index: started.index }]
  }

  #start(part: Part): Extract<ChatEvent, { readonly type: 'part-start' }> {
    this.#any = true
    const { candidate, nextPart } = this.#place
    return { type: 'part-start', index: nextPart(), candidate, part }
  }

  #close(): readonly ChatEvent[] {
    if (this.#open === undefined) return []
    const { type, index, closed } = this.#open
    this.#open = undefined
    const shape = type === 'reasoning' ? { closed: closed ? true : 'absent' } : {}
    return [{ type: 'part-end', index, ...leftovers.keptFields(undefined, shape) }]
  }

  #toolCalls(calls: Json | undefined): readonly ChatEvent[] {
    if (!isArray(calls)) return []
    const events = calls.flatMap((entry) => (isObject(entry) ? this.#calls.write(entry) : []))
    const started = events.some((event) => event.type === 'part-start')
    return started ? [...this.#close(), ...events] : events
  }
}
