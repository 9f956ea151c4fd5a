// Stream lines to events. A line may hold thinking, text, calls and the end all at once; the last one says "done".
import { compact } from '../../canonical/compact.ts'
import { GatewayError } from '../../canonical/errors.ts'
import type { ChatEvent } from '../../canonical/event.ts'
import type { Part } from '../../canonical/part.ts'
import { WireError } from '../../wire/errors.ts'
import type { Frame } from '../../wire/frame.ts'
import { type JsonObject, equalJson, parseJson } from '../../wire/json.ts'
import type { DecodeContext, StreamDecoder } from '../dialect.ts'
import { type Answer, readAnswer, truncated } from './answer.ts'
import { leftovers } from './extension.ts'
import { readFinish } from './finish.ts'
import { readTimestamp } from './timestamp.ts'
import { DIALECT } from './wire-types.ts'

/** Text and thinking run on over lines until the other one, a call or the end comes. */
interface OpenPart {
  readonly index: number
  readonly type: 'text' | 'reasoning'
}

export class OllamaStreamDecoder implements StreamDecoder {
  readonly #context: DecodeContext
  #open: OpenPart | undefined
  #nextIndex = 0
  #calls = 0
  /** The first line's time: with a call's number it makes up the id of one that has none. */
  #startedAt: string | undefined
  #startFields: JsonObject = {}
  #ended = false

  constructor(context: DecodeContext) {
    this.#context = context
  }

  write(frame: Frame): readonly ChatEvent[] {
    if (this.#ended) return []
    try {
      const answer = readAnswer(
        parseJson(frame.data),
        (createdAt, at) => `${this.#startedAt ?? createdAt}.${this.#calls + at}`,
      )
      return this.#events(answer)
    } catch (error) {
      return this.#fail(error)
    }
  }

  finish(): readonly ChatEvent[] {
    return this.#ended ? [] : this.#fail(truncated())
  }

  #events(answer: Answer): readonly ChatEvent[] {
    const events: ChatEvent[] = []
    if (this.#startedAt === undefined) events.push(this.#start(answer))
    if (answer.done !== true) events.push(...this.#native(answer))
    for (const part of answer.parts) events.push(...this.#part(part))
    if (answer.logprobs !== undefined) {
      events.push({ type: 'logprobs', candidate: 0, logprobs: answer.logprobs })
    }
    if (answer.done === true) events.push(...this.#end(answer))
    return events
  }

  #start(answer: Answer): ChatEvent {
    const { createdAt } = answer
    this.#startedAt = createdAt ?? ''
    // A stream of one line keeps its leftovers at its end.
    if (answer.done !== true) this.#startFields = answer.fields ?? {}
    const { request, profile } = this.#context
    const model = answer.model ?? profile.model ?? request.model
    return {
      type: 'response-start',
      origin: { dialect: DIALECT, provider: profile.provider, model },
      model,
      ...compact({ createdMs: readTimestamp(createdAt) }),
      ...leftovers.keptFields(this.#startFields, compact({ created_at: createdAt })),
    }
  }

  /** Leftovers of a line before the last, but for those that every line repeats. */
  #native(answer: Answer): readonly ChatEvent[] {
    const { messageFields } = answer
    const value = { ...this.#news(answer), ...compact({ message: messageFields }) }
    if (Object.keys(value).length === 0) return []
    return [{ type: 'native', dialect: DIALECT, candidate: 0, value }]
  }

  #news(answer: Answer): JsonObject {
    const entries = Object.entries(answer.fields ?? {})
    return Object.fromEntries(
      entries.filter(([key, value]) => !equalJson(value, this.#startFields[key])),
    )
  }

  #part(part: Part): readonly ChatEvent[] {
    if (part.type !== 'text' && part.type !== 'reasoning') return this.#whole(part)
    const opening = this.#open?.type === part.type ? [] : this.#opening(part.type)
    const index = this.#open?.index ?? 0
    return [...opening, { type: 'part-delta', index, delta: { kind: 'text', text: part.text } }]
  }

  #opening(type: OpenPart['type']): readonly ChatEvent[] {
    const closing = this.#closing()
    const index = this.#nextIndex
    this.#nextIndex += 1
    this.#open = { index, type }
    return [...closing, { type: 'part-start', index, candidate: 0, part: { type, text: '' } }]
  }

  #whole(part: Part): readonly ChatEvent[] {
    const closing = this.#closing()
    const index = this.#nextIndex
    this.#nextIndex += 1
    if (part.type === 'tool-call') this.#calls += 1
    return [
      ...closing,
      { type: 'part-start', index, candidate: 0, part },
      { type: 'part-end', index },
    ]
  }

  #closing(): readonly ChatEvent[] {
    const open = this.#open
    this.#open = undefined
    return open === undefined ? [] : [{ type: 'part-end', index: open.index }]
  }

  #end(answer: Answer): readonly ChatEvent[] {
    this.#ended = true
    const { doneReason, usage } = answer
    return [
      ...this.#closing(),
      {
        type: 'candidate-end',
        candidate: 0,
        finish: readFinish(doneReason, this.#calls > 0),
        ...leftovers.keptFields(
          answer.messageFields,
          doneReason === undefined ? { done_reason: 'absent' } : {},
        ),
      },
      ...(usage === undefined ? [] : [{ type: 'usage-update', usage } as const]),
      { type: 'response-end', ...leftovers.keptFields(this.#news(answer)) },
    ]
  }

  #fail(thrown: unknown): readonly ChatEvent[] {
    this.#ended = true
    return [{ type: 'error', error: errorOf(thrown) }]
  }
}

function errorOf(thrown: unknown): GatewayError {
  if (thrown instanceof GatewayError) return thrown
  const reason = thrown instanceof WireError ? `: ${thrown.message}` : ''
  return new GatewayError('upstream', `The provider sent a line that is no answer${reason}.`, {
    origin: 'upstream',
    code: 'upstream_malformed',
    cause: thrown,
  })
}
