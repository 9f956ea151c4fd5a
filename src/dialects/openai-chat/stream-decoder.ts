// Chunks to events. Choices end when the stream does, so that late pieces still find their place.
import { compact } from '../../canonical/compact.ts'
import { GatewayError } from '../../canonical/errors.ts'
import type { ChatEvent } from '../../canonical/event.ts'
import type { Citation } from '../../canonical/part.ts'
import type { Usage } from '../../canonical/usage.ts'
import { WireError } from '../../wire/errors.ts'
import type { Frame } from '../../wire/frame.ts'
import {
  type Json,
  type JsonObject,
  equalJson,
  isArray,
  isObject,
  tryParseJson,
} from '../../wire/json.ts'
import type { DecodeContext, StreamDecoder } from '../dialect.ts'
import { candidateAt } from './choice-index.ts'
import { error } from './error.ts'
import { hasFailure } from './failure.ts'
import { type Flags, flagsOf } from './flags.ts'
import { listedSources } from './listed-sources.ts'
import { isSaying } from './silence.ts'
import { StreamedChoice } from './stream-choice.ts'
import { countsAnything, decodeUsage } from './usage.ts'
import { DONE, OPENAI_CHAT } from './wire-types.ts'

/** `obfuscation` is padding against eavesdroppers of one connection, and means nothing on another. */
const KNOWN: ReadonlySet<string> = new Set([
  'id',
  'object',
  'created',
  'model',
  'choices',
  'usage',
  'obfuscation',
  'error',
])

export class ChunkDecoder implements StreamDecoder {
  readonly #context: DecodeContext
  readonly #flags: Flags
  /** By the index that the host gives them. */
  readonly #choices = new Map<number, StreamedChoice>()
  readonly #taken = new Set<number>()
  readonly #seen = new Map<string, Json>()
  #seed = ''
  #started = false
  #ended = false
  #parts = 0
  #early: JsonObject = {}
  #usage: Usage | undefined
  #sources: readonly Citation[] = []

  constructor(context: DecodeContext) {
    this.#context = context
    this.#flags = flagsOf(context.profile)
  }

  /** Every choice has said why it ended; usage may still come. */
  get complete(): boolean {
    const choices = [...this.#choices.values()]
    return choices.length > 0 && choices.every((choice) => choice.finished)
  }

  write(frame: Frame): readonly ChatEvent[] {
    if (this.#ended) return []
    const data = frame.data.trim()
    if (data === '') return []
    if (data === DONE) return this.#end()
    const chunk = tryParseJson(data)
    if (chunk !== undefined) return this.#chunk(chunk, frame.event)
    if (frame.event === 'error') return this.#fail({ error: data })
    return this.#stop(malformed('a piece that is not JSON'))
  }

  finish(): readonly ChatEvent[] {
    if (this.#ended) return []
    return this.complete ? this.#end() : this.#stop(truncated())
  }

  #chunk(chunk: Json, event: string | undefined): readonly ChatEvent[] {
    if (!isObject(chunk)) return this.#stop(malformed('a piece that is not an object'))
    try {
      const failed = failureIn(chunk, event)
      if (failed !== undefined) return [...this.#usageOf(chunk), ...this.#fail(failed)]
      return this.#read(chunk)
    } catch (thrown) {
      if (thrown instanceof WireError) return this.#stop(malformed(thrown.message))
      throw thrown
    }
  }

  #read(chunk: JsonObject): readonly ChatEvent[] {
    const choices = isArray(chunk['choices']) ? chunk['choices'].filter((one) => isObject(one)) : []
    const start = this.#start(chunk, choices.length > 0)
    const value = this.#news(chunk)
    const sources = listedSources(chunk)
    if (sources.length > 0) this.#sources = sources
    const native: ChatEvent = { type: 'native', dialect: OPENAI_CHAT, value }
    return [
      ...start,
      ...(Object.keys(value).length === 0 ? [] : [native]),
      ...choices.flatMap((choice, at) => this.#choice(choice, at).write(choice)),
      ...this.#usageOf(chunk),
    ]
  }

  /** Azure opens with a chunk without choices whose id and model are empty: that is not yet the start. */
  #start(chunk: JsonObject, chosen: boolean): readonly ChatEvent[] {
    const { id, model, created, system_fingerprint: fingerprint, service_tier: tier } = chunk
    if (this.#started || !(chosen || isSaying(id))) return []
    this.#started = true
    this.#seed = text(id) ?? 'answer'
    for (const key of ['system_fingerprint', 'service_tier']) {
      if (text(chunk[key]) !== undefined) this.#seen.set(key, chunk[key] ?? null)
    }
    return [
      {
        type: 'response-start',
        origin: { dialect: OPENAI_CHAT, provider: this.#context.profile.provider },
        ...compact({
          id: text(id),
          model: text(model),
          createdMs: typeof created === 'number' ? created * 1000 : undefined,
          fingerprint: text(fingerprint),
          tier: text(tier),
        }),
      },
    ]
  }

  /** Unknown keys that say something new; those from before the start wait for it. */
  #news(chunk: JsonObject): JsonObject {
    const fresh = Object.entries(chunk).filter(([key, value]) => {
      if (KNOWN.has(key) || value === undefined || !isSaying(value)) return false
      if (equalJson(this.#seen.get(key), value)) return false
      this.#seen.set(key, value)
      return true
    })
    const all = { ...this.#early, ...Object.fromEntries(fresh) }
    this.#early = this.#started ? {} : all
    return this.#started ? all : {}
  }

  #choice(choice: JsonObject, at: number): StreamedChoice {
    const { index } = choice
    const slot = typeof index === 'number' && index >= 0 ? index : at
    const known = this.#choices.get(slot)
    if (known !== undefined) return known
    const candidate = candidateAt(slot, this.#taken, this.#context.request)
    this.#taken.add(candidate)
    const format = this.#context.request.output?.audio?.['format']
    const fresh = new StreamedChoice({
      candidate,
      seed: this.#seed,
      audioType: typeof format === 'string' ? `audio/${format}` : undefined,
      nextPart: () => this.#parts++,
    })
    this.#choices.set(slot, fresh)
    return fresh
  }

  /** Later snapshots win, but zeros never win over counts. */
  #usageOf(chunk: JsonObject): readonly ChatEvent[] {
    const usage = usageIn(chunk)
      .map((value) => decodeUsage(value, this.#flags))
      .find((value) => value !== undefined)
    if (usage === undefined || equalJson(usage.raw?.value, this.#usage?.raw?.value)) return []
    if (this.#usage !== undefined && !countsAnything(usage)) return []
    this.#usage = usage
    return [{ type: 'usage-update', usage }]
  }

  #end(): readonly ChatEvent[] {
    const choices = [...this.#choices.values()]
    // A host that says [DONE] but never why it stopped has still finished; one that said nothing at all has not answered.
    const answered = choices.length > 0 && choices.every((choice) => choice.finished || choice.any)
    if (!answered) return this.#stop(truncated())
    const ends = choices.map((choice) => choice.end(this.#sources))
    if (!ends.every((events) => events !== undefined)) {
      return this.#stop(malformed('a tool call without a name'))
    }
    this.#ended = true
    return [...ends.flat(), { type: 'response-end' }]
  }

  #fail(body: Json): readonly ChatEvent[] {
    return this.#stop(error.decode({ status: 200, headers: {}, body }))
  }

  #stop(failure: GatewayError): readonly ChatEvent[] {
    this.#ended = true
    return [{ type: 'error', error: failure }]
  }
}

function text(value: Json | undefined): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}

/** The error at the top, in a choice (OpenRouter) or in `x_groq`; a frame named `error` is one whatever it holds. */
function failureIn(chunk: JsonObject, event: string | undefined): Json | undefined {
  if (hasFailure(chunk)) return chunk
  const choices = isArray(chunk['choices']) ? chunk['choices'] : []
  const inner = [...choices, chunk['x_groq']].find((one) => isObject(one) && hasFailure(one))
  if (inner !== undefined) return inner
  return event === 'error' ? chunk : undefined
}

function usageIn(chunk: JsonObject): readonly (Json | undefined)[] {
  const [first] = isArray(chunk['choices']) ? chunk['choices'] : []
  const { x_groq: groq } = chunk
  return [
    chunk['usage'],
    isObject(groq) ? groq['usage'] : undefined,
    isObject(first) ? first['usage'] : undefined,
  ]
}

function truncated(): GatewayError {
  return new GatewayError(
    'upstream',
    'The provider ended the stream before the answer was complete.',
    { origin: 'upstream', code: 'upstream_truncated' },
  )
}

function malformed(what: string): GatewayError {
  return new GatewayError('upstream', `The provider sent a broken stream: ${what}.`, {
    origin: 'upstream',
    code: 'upstream_malformed',
  })
}
