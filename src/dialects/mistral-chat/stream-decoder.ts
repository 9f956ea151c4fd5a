// Chunks to events. Choices end when the stream does, so that late pieces still find their place.
import { compact } from '../../canonical/compact.ts'
import { GatewayError } from '../../canonical/errors.ts'
import type { ChatEvent } from '../../canonical/event.ts'
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
import { error } from './error.ts'
import { isFailure } from './failure.ts'
import { isSaying } from './silence.ts'
import { StreamedChoice } from './stream-choice.ts'
import { decodeUsage } from './usage.ts'
import { DONE, MISTRAL_CHAT } from './wire-types.ts'

/** `p` is padding against eavesdroppers of one connection, and means nothing on another. */
const KNOWN: ReadonlySet<string> = new Set([
  'id',
  'object',
  'created',
  'model',
  'choices',
  'usage',
  'p',
])

export class ChunkDecoder implements StreamDecoder {
  readonly #context: DecodeContext
  readonly #choices = new Map<number, StreamedChoice>()
  readonly #seen = new Map<string, Json>()
  #seed = 'answer'
  #started = false
  #ended = false
  #parts = 0

  constructor(context: DecodeContext) {
    this.#context = context
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
    if (frame.event === 'error' || isFailure(chunk)) return this.#fail(chunk ?? data)
    if (!isObject(chunk)) return this.#stop(malformed('a piece that is not a JSON object'))
    try {
      return this.#read(chunk)
    } catch (thrown) {
      if (thrown instanceof WireError) return this.#stop(malformed(thrown.message))
      throw thrown
    }
  }

  /** A stream that has told why each choice ended is complete without `[DONE]`. */
  finish(): readonly ChatEvent[] {
    if (this.#ended) return []
    return this.complete ? this.#end() : this.#stop(truncated())
  }

  #read(chunk: JsonObject): readonly ChatEvent[] {
    const { choices } = chunk
    const value = this.#news(chunk)
    const usage = decodeUsage(chunk['usage'])
    const native: ChatEvent = { type: 'native', dialect: MISTRAL_CHAT, value }
    return [
      ...this.#start(chunk),
      ...(Object.keys(value).length === 0 ? [] : [native]),
      ...(isArray(choices) ? choices : []).flatMap((choice, at) =>
        isObject(choice) ? this.#choice(choice, at).write(choice) : [],
      ),
      ...(usage === undefined ? [] : [{ type: 'usage-update' as const, usage }]),
    ]
  }

  #start({ id, model, created }: JsonObject): readonly ChatEvent[] {
    if (this.#started) return []
    this.#started = true
    if (typeof id === 'string') this.#seed = id
    return [
      {
        type: 'response-start',
        origin: { dialect: MISTRAL_CHAT, provider: this.#context.profile.provider },
        ...compact({
          id: textIn(id),
          model: textIn(model),
          createdMs: typeof created === 'number' ? created * 1000 : undefined,
        }),
      },
    ]
  }

  /** Unknown keys that say something new. */
  #news(chunk: JsonObject): JsonObject {
    const fresh = Object.entries(chunk).filter(([key, value]) => {
      if (KNOWN.has(key) || value === undefined || !isSaying(value)) return false
      if (equalJson(this.#seen.get(key), value)) return false
      this.#seen.set(key, value)
      return true
    })
    return Object.fromEntries(fresh)
  }

  #choice(choice: JsonObject, at: number): StreamedChoice {
    const { index } = choice
    const candidate = typeof index === 'number' && index >= 0 ? index : at
    const known = this.#choices.get(candidate)
    if (known !== undefined) return known
    const fresh = new StreamedChoice({
      candidate,
      seed: this.#seed,
      nextPart: () => this.#parts++,
    })
    this.#choices.set(candidate, fresh)
    return fresh
  }

  /** Where it never says why it stopped, what it said stands; one that said nothing has not answered. */
  #end(): readonly ChatEvent[] {
    const choices = [...this.#choices.values()]
    const answered = choices.length > 0 && choices.every((choice) => choice.finished || choice.any)
    if (!answered) return this.#stop(truncated())
    const ends = choices.map((choice) => choice.end())
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

function textIn(value: Json | undefined): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
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
