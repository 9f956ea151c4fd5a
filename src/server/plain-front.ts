// Patchbay's own way to chat: text in, text out, with the counts beside it; as a stream, `delta` events and then the whole.
import { Collector } from '../canonical/collect.ts'
import { compact } from '../canonical/compact.ts'
import { GatewayError } from '../canonical/errors.ts'
import type { ChatEvent } from '../canonical/event.ts'
import type { ChatResponse } from '../canonical/response.ts'
import type { StreamEncoder } from '../dialects/dialect.ts'
import { toChatAnswer } from '../providers/chat-answer.ts'
import type { Frame } from '../wire/frame.ts'
import type { JsonObject } from '../wire/json.ts'
import type { AnswerContext, Asked, ChatFront } from './chat-front.ts'
import { JSON_HEADERS } from './message.ts'
import { plainErrorBody } from './plain-error.ts'

/** The front around what a route makes of its own body. */
export function plainFront(asked: Asked): ChatFront {
  return {
    framing: () => 'sse',
    decode: () => asked,
    encode: (response, context) => ({
      value: { status: 200, headers: JSON_HEADERS, body: plainAnswer(response, context) },
      notes: [],
    }),
    encoder: (context) => new PlainEncoder(context),
  }
}

function plainAnswer(response: ChatResponse, context: AnswerContext): JsonObject {
  const { target, elapsedMs } = context
  const answer = toChatAnswer(response, {
    provider: target.provider,
    latencyMs: elapsedMs(),
    notes: [],
  })
  return compact({
    response: answer.content,
    model: answer.model,
    provider: answer.provider,
    tokens: answer.tokensUsed ?? null,
    latency_ms: answer.latencyMs,
    finish_reason: answer.finishReason,
  })
}

class PlainEncoder implements StreamEncoder {
  readonly notes = []
  readonly #context: AnswerContext
  readonly #collector: Collector
  readonly #texts = new Set<number>()
  #ended = false

  constructor(context: AnswerContext) {
    this.#context = context
    const { model } = context.target
    this.#collector = new Collector({ origin: context.request.origin, model })
  }

  write(event: ChatEvent): readonly Frame[] {
    if (this.#ended) return []
    this.#collector.add(event)
    switch (event.type) {
      case 'part-start':
        if (event.candidate !== 0 || event.part.type !== 'text') return []
        this.#texts.add(event.index)
        return delta(event.part.text)
      case 'part-delta':
        if (event.delta.kind !== 'text' || !this.#texts.has(event.index)) return []
        return delta(event.delta.text)
      case 'response-end':
        this.#ended = true
        return [json({ ...plainAnswer(this.#collector.response(), this.#context), done: true })]
      case 'error':
        this.#ended = true
        return [json(plainErrorBody(event.error, this.#context.requestId))]
      default:
        return []
    }
  }

  finish(): readonly Frame[] {
    const message = 'The answer ended before it was complete.'
    const error = new GatewayError('upstream', message, {
      origin: 'upstream',
      code: 'stream_interrupted',
    })
    return this.write({ type: 'error', error })
  }

  keepAlive(): Frame {
    return { data: '', comment: 'keep-alive' }
  }
}

function delta(text: string): readonly Frame[] {
  return text === '' ? [] : [json({ delta: text })]
}

function json(value: JsonObject): Frame {
  return { data: JSON.stringify(value) }
}
