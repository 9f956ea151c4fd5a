// One choice of a stream: its deltas as parts, one text-like part open at a time, calls open until the end.
import { compact } from '../../canonical/compact.ts'
import type { ChatEvent, PartDelta } from '../../canonical/event.ts'
import { GatheredText } from '../../canonical/gathered-text.ts'
import type { Citation, Part, ReasoningPart, TokenLogprob } from '../../canonical/part.ts'
import { type Json, type JsonObject, equalJson, isArray, isObject } from '../../wire/json.ts'
import { decodeAnnotations } from './citations.ts'
import { decodePart } from './content-part.ts'
import { decodeFinish } from './finish.ts'
import { decodeLogprobs } from './logprobs.ts'
import {
  alsoPlain,
  decodeDetail,
  plainFields,
  plainReasoning,
  spokenReasoning,
  textOfReasoning,
} from './reasoning.ts'
import { isSaying } from './silence.ts'
import { StreamedCalls } from './stream-calls.ts'
import { OPENAI_CHAT } from './wire-types.ts'

interface ChoicePlace {
  readonly candidate: number
  readonly seed: string
  readonly audioType: string | undefined
  readonly nextPart: () => number
}

interface OpenPart {
  readonly key: string
  readonly index: number
  /** What its plain pieces said so far. */
  readonly text: GatheredText
}

const KNOWN = ['index', 'delta', 'message', 'finish_reason', 'logprobs', 'usage', 'error']
const KNOWN_DELTA = [
  'role',
  'content',
  'refusal',
  'reasoning_content',
  'reasoning',
  'reasoning_details',
  'audio',
  'tool_calls',
  'function_call',
]

export class StreamedChoice {
  readonly #place: ChoicePlace
  readonly #calls: StreamedCalls
  readonly #types: Part['type'][] = []
  readonly #seen = new Map<string, Json>()
  #open: OpenPart | undefined
  #finish: string | undefined
  #stopped: string | undefined
  /** The open text has citations of its own. */
  #cites = false

  constructor(place: ChoicePlace) {
    this.#place = place
    this.#calls = new StreamedCalls(place)
  }

  /** The host has said why it ended. */
  get finished(): boolean {
    return this.#finish !== undefined
  }

  /** Something has come that a client could use. */
  get any(): boolean {
    return this.#types.length > 0 || this.#calls.any
  }

  write(choice: JsonObject): readonly ChatEvent[] {
    // A whole message in a stream is the delta of a host that sends one chunk; beside a delta it repeats what was said.
    const said = isObject(choice['delta']) ? choice['delta'] : choice['message']
    const delta = isObject(said) ? said : {}
    const logprobs = decodeLogprobs(choice['logprobs'])
    const { finish_reason: finish, stop_reason: stopped } = choice
    if (typeof finish === 'string' && finish !== '') this.#finish ??= finish
    if (typeof stopped === 'string') this.#stopped = stopped
    return [
      ...this.#leftovers(choice, delta, logprobs?.rest),
      ...this.#logprobs(logprobs?.tokens),
      ...this.#reasoning(delta),
      ...this.#content(delta['content']),
      ...this.#text('refusal', delta['refusal']),
      ...this.#audio(delta['audio']),
      ...this.#toolCalls(delta),
      ...this.#annotations(delta['annotations']),
    ]
  }

  /** What ends the choice; undefined when a call never got its name. `sources`: what the host lists beside its answer. */
  end(sources: readonly Citation[]): readonly ChatEvent[] | undefined {
    const calls = this.#calls.end()
    if (calls === undefined) return undefined
    const types = [...this.#types, ...(this.#calls.any ? (['tool-call'] as const) : [])]
    const finish = decodeFinish(
      this.#finish,
      types.map((type) => ({ type })),
      this.#stopped,
    )
    return [
      ...(this.#cites || this.#calls.any ? [] : this.#cited(sources)),
      ...this.#close(),
      ...calls,
      { type: 'candidate-end', candidate: this.#place.candidate, finish },
    ]
  }

  #leftovers(
    choice: JsonObject,
    delta: JsonObject,
    logprobs: JsonObject | undefined,
  ): readonly ChatEvent[] {
    const citing = this.#open?.key === 'text' || isSaying(delta['content'])
    const beside = this.#news(delta, citing ? [...KNOWN_DELTA, 'annotations'] : KNOWN_DELTA)
    const { expires_at: expiry } = isObject(delta['audio']) ? delta['audio'] : {}
    const late = this.#types.includes('audio') && expiry !== undefined
    const spare = { ...beside, ...(late ? { audio: { expires_at: expiry } } : {}) }
    const tokens = Object.entries(logprobs ?? {}).filter(([, value]) => isSaying(value))
    const value: JsonObject = {
      ...this.#news(choice, KNOWN),
      ...(Object.keys(spare).length === 0 ? {} : { delta: spare }),
      ...(tokens.length === 0 ? {} : { logprobs: Object.fromEntries(tokens) }),
    }
    if (Object.keys(value).length === 0) return []
    return [{ type: 'native', dialect: OPENAI_CHAT, candidate: this.#place.candidate, value }]
  }

  /** Unknown keys that say something they have not said before. */
  #news(source: JsonObject, known: readonly string[]): JsonObject {
    const fresh = Object.entries(source).filter(([key, value]) => {
      if (known.includes(key) || value === undefined || !isSaying(value)) return false
      if (equalJson(this.#seen.get(key), value)) return false
      this.#seen.set(key, value)
      return true
    })
    return Object.fromEntries(fresh)
  }

  #reasoning(delta: JsonObject): readonly ChatEvent[] {
    const { reasoning_details: list } = delta
    const details = isArray(list) ? list.filter((entry) => isObject(entry)) : []
    const decoded = details.map((entry) => ({ entry, part: decodeDetail(entry) }))
    const text = textOfReasoning(decoded.map(({ part }) => part))
    const said = text === '' ? spokenReasoning(delta) : text
    const plain = plainFields(delta, said)
    return [
      ...(text === '' && said !== undefined
        ? this.#grow('plain', plainReasoning(said, plain), { kind: 'text', text: said })
        : []),
      ...decoded.flatMap(({ entry, part }) =>
        part.type === 'opaque'
          ? this.#whole(part)
          : this.#detail(entry, text === '' ? part : alsoPlain(part, plain)),
      ),
    ]
  }

  /** Pieces of one kind and index are one part, as long as nothing else comes between. */
  #detail(entry: JsonObject, part: ReasoningPart): readonly ChatEvent[] {
    const key = `details:${JSON.stringify([entry['type'], entry['index']])}`
    const open = this.#open
    if (open?.key === 'plain' && part.seal !== undefined && repeats(open, part)) {
      // The seal of what was said already, with all of it once more.
      const delta = { kind: 'seal' as const, seal: part.seal }
      return [{ type: 'part-delta', index: open.index, delta }, ...this.#close()]
    }
    if (open?.key !== key) {
      if (part.text === '' && part.seal === undefined) return []
      return this.#start(key, part)
    }
    const { index } = open
    const deltas: PartDelta[] = []
    if (part.text !== '') deltas.push({ kind: 'text', text: part.text })
    if (part.seal !== undefined) deltas.push({ kind: 'seal', seal: part.seal })
    return deltas.map((delta) => ({ type: 'part-delta', index, delta }))
  }

  #content(content: Json | undefined): readonly ChatEvent[] {
    if (!isArray(content)) return this.#text('text', content)
    return content.flatMap((value, at) => {
      const part = decodePart({ value, path: `delta.content[${at}]` })
      return part.type === 'text' ? this.#text('text', part.text) : this.#whole(part)
    })
  }

  #text(type: 'text' | 'refusal', text: Json | undefined): readonly ChatEvent[] {
    if (typeof text !== 'string' || text === '') return []
    return this.#grow(type, { type, text }, { kind: 'text', text })
  }

  #audio(audio: Json | undefined): readonly ChatEvent[] {
    if (!isObject(audio)) return []
    const { id, data, transcript, expires_at: expiresAt } = audio
    const said = compact({
      data: typeof data === 'string' && data !== '' ? data : undefined,
      transcript: typeof transcript === 'string' && transcript !== '' ? transcript : undefined,
    })
    const fresh = this.#open?.key !== 'audio'
    if (Object.keys(said).length === 0 && !(fresh && typeof id === 'string')) return []
    const mediaType = this.#place.audioType
    const part: Part = {
      type: 'audio',
      source: { kind: 'base64', data: said.data ?? '', ...compact({ mediaType }) },
      ...compact({
        id: typeof id === 'string' ? id : undefined,
        transcript: said.transcript,
        expiresAt: typeof expiresAt === 'number' ? expiresAt : undefined,
      }),
    }
    return this.#grow('audio', part, { kind: 'media', ...said })
  }

  #toolCalls({ tool_calls: calls, function_call: call }: JsonObject): readonly ChatEvent[] {
    const events = [
      ...(isArray(calls)
        ? calls.flatMap((entry) => (isObject(entry) ? this.#calls.write(entry) : []))
        : []),
      ...(isObject(call) ? this.#calls.writeLegacy(call) : []),
    ]
    return events.some((event) => event.type === 'part-start')
      ? [...this.#close(), ...events]
      : events
  }

  #annotations(annotations: Json | undefined): readonly ChatEvent[] {
    const events = this.#cited(decodeAnnotations(annotations))
    if (events.length > 0) this.#cites = true
    return events
  }

  #cited(citations: readonly Citation[]): readonly ChatEvent[] {
    const open = this.#open
    if (open?.key !== 'text') return []
    return citations.map((citation) => ({
      type: 'part-delta',
      index: open.index,
      delta: { kind: 'citation', citation },
    }))
  }

  #logprobs(logprobs: readonly TokenLogprob[] | undefined): readonly ChatEvent[] {
    if (logprobs === undefined || logprobs.length === 0) return []
    return [{ type: 'logprobs', candidate: this.#place.candidate, logprobs }]
  }

  #grow(key: string, part: Part, delta: PartDelta): readonly ChatEvent[] {
    const open = this.#open
    if (open?.key !== key) return this.#start(key, part)
    if (delta.kind === 'text') open.text.add(delta.text)
    return [{ type: 'part-delta', index: open.index, delta }]
  }

  #start(key: string, part: Part): readonly ChatEvent[] {
    const closed = this.#close()
    const index = this.#place.nextPart()
    this.#open = { key, index, text: new GatheredText('text' in part ? part.text : '') }
    this.#cites = false
    this.#types.push(part.type)
    return [...closed, { type: 'part-start', index, candidate: this.#place.candidate, part }]
  }

  #whole(part: Part): readonly ChatEvent[] {
    return [...this.#start(part.type, part), ...this.#close()]
  }

  #close(): readonly ChatEvent[] {
    if (this.#open === undefined) return []
    const { index } = this.#open
    this.#open = undefined
    return [{ type: 'part-end', index }]
  }
}

/** Whether thinking that comes with its seal was said just now, without. */
function repeats(open: OpenPart, { text }: ReasoningPart): boolean {
  return text !== '' && String(open.text).endsWith(text)
}
