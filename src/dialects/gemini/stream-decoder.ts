// Chunks to events. Only the end of the stream tells that no more will come.
import { compact } from '../../canonical/compact.ts'
import type { ChatEvent } from '../../canonical/event.ts'
import type { Usage } from '../../canonical/usage.ts'
import type { Frame } from '../../wire/frame.ts'
import { type Json, type JsonObject, equalJson, isObject, parseJson } from '../../wire/json.ts'
import type { DecodeContext, StreamDecoder } from '../dialect.ts'
import { answerSeed } from './answer-id.ts'
import { blockedCandidate, readCandidate } from './candidate.ts'
import { errorInBody } from './error.ts'
import { leftovers } from './extension.ts'
import { Fields } from './fields.ts'
import { LiveCandidate } from './live-candidate.ts'
import { createdMs } from './response.ts'
import { malformed, truncated } from './truncated.ts'
import { decodeUsage } from './usage.ts'
import { GEMINI } from './wire-types.ts'

export class GeminiStreamDecoder implements StreamDecoder {
  readonly #context: DecodeContext
  readonly #candidates = new Map<number, LiveCandidate>()
  #parts = 0
  #seed = ''
  #start: JsonObject | undefined
  #feedback: Json | undefined
  #usage: JsonObject = {}
  #ended = false

  constructor(context: DecodeContext) {
    this.#context = context
  }

  /** Every candidate has said why it ended; the wire itself has no end of its own. */
  get complete(): boolean {
    const candidates = [...this.#candidates.values()]
    return candidates.length > 0 && candidates.every(({ finished }) => finished)
  }

  write(frame: Frame): readonly ChatEvent[] {
    if (this.#ended || frame.data.trim() === '') return []
    try {
      const body = parseJson(frame.data)
      const failure = errorInBody(body)
      if (failure !== undefined) throw failure
      return this.#chunk(Fields.of(body, ''))
    } catch (thrown) {
      return this.#fail(malformed(thrown))
    }
  }

  finish(): readonly ChatEvent[] {
    if (this.#ended) return []
    const candidates = [...this.#candidates.values()]
    const blocked = candidates.length === 0 ? blockedCandidate(this.#feedback) : undefined
    if (!this.complete && blocked === undefined) return this.#fail(truncated())
    this.#ended = true
    const events = candidates.flatMap((candidate) => candidate.end())
    if (blocked?.finish !== undefined) {
      const { finish, extensions } = blocked
      events.push({ type: 'candidate-end', candidate: 0, finish, ...compact({ extensions }) })
    }
    return [...events, { type: 'response-end' }]
  }

  #chunk(fields: Fields): readonly ChatEvent[] {
    const id = fields.optionalString('responseId')
    const version = fields.optionalString('modelVersion')
    const usage = this.#counts(fields.value('usageMetadata'))
    const items = fields.optionalItems('candidates') ?? []
    this.#feedback = fields.peek('promptFeedback') ?? this.#feedback
    const read = items.map((item, at) => readCandidate(item, at))
    const events =
      this.#start === undefined ? [this.#begin(fields, id, version)] : this.#news(fields)
    if (usage !== undefined) events.push({ type: 'usage-update', usage })
    for (const one of read) events.push(...this.#candidate(one.index).chunk(one))
    return events
  }

  /** Counts are cumulative, but not every chunk repeats all of them. */
  #counts(value: Json | undefined): Usage | undefined {
    if (!isObject(value)) return undefined
    this.#usage = { ...this.#usage, ...value }
    return decodeUsage(this.#usage)
  }

  #begin(fields: Fields, id: string | undefined, version: string | undefined): ChatEvent {
    const { request, profile } = this.#context
    const model = version ?? profile.model ?? request.model
    this.#seed = answerSeed(id, this.#context)
    this.#start = fields.left() ?? {}
    return {
      type: 'response-start',
      origin: { dialect: GEMINI, provider: profile.provider, model },
      model,
      ...compact({ id, createdMs: createdMs(fields) }),
      ...leftovers.keptFields(fields.left(), {
        version: version === undefined ? 'absent' : undefined,
      }),
    }
  }

  /** Leftovers of a later chunk, but for those that every chunk repeats. */
  #news(fields: Fields): ChatEvent[] {
    const entries = Object.entries(fields.left() ?? {})
    const news = entries.filter(([key, value]) => !equalJson(value, this.#start?.[key]))
    if (news.length === 0) return []
    return [{ type: 'native', dialect: GEMINI, value: Object.fromEntries(news) }]
  }

  #candidate(index: number): LiveCandidate {
    const known = this.#candidates.get(index)
    if (known !== undefined) return known
    const fresh = new LiveCandidate(index, this.#seed, { next: () => this.#nextPart() })
    this.#candidates.set(index, fresh)
    return fresh
  }

  #nextPart(): number {
    this.#parts += 1
    return this.#parts - 1
  }

  #fail(error: ReturnType<typeof truncated>): readonly ChatEvent[] {
    this.#ended = true
    return [{ type: 'error', error }]
  }
}
