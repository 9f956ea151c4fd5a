// One chat call from the client's body to the client's answer, in whatever protocol the front speaks.
import { compact } from '../canonical/compact.ts'
import type { ChatRequest } from '../canonical/request.ts'
import type { ChatResponse } from '../canonical/response.ts'
import type { Lowered } from '../canonical/note.ts'
import type { EncodeContext, StreamEncoder } from '../dialects/dialect.ts'
import type { ChatExchange, Handler, Target } from '../exchange/exchange.ts'
import { chatReply } from '../exchange/expected.ts'
import type { AnswerStore } from '../store/answer-store.ts'
import type { AnswerFraming } from '../wire/frame.ts'
import { CONTENT_TYPES } from '../wire/framing.ts'
import type { WireRequest, WireResponse } from '../wire/message.ts'
import {
  callHeaders,
  inOwnWords,
  policyOf,
  sourceOf,
  wholeOutbound,
  wireRequest,
} from './asking.ts'
import type { After, Outbound } from './message.ts'
import type { AskedModel, ModelDirectory } from './model-directory.ts'
import type { Call } from './route.ts'
import { passedBody, streamBody } from './stream-body.ts'

/** What encoders may know of a call. */
export interface AnswerContext extends EncodeContext {
  readonly target: Target
  /** Milliseconds since the call came in. */
  readonly elapsedMs: () => number
}

/** What a client asked for. */
export interface Asked extends AskedModel {
  readonly request: ChatRequest
}

/** The part of a protocol that a front needs to chat in it. */
export interface ChatFront {
  /** Its id, where clients of this front may get an upstream's own bytes. */
  readonly dialect?: string
  /** Its word for a place of the request that a failure names by the model's. */
  readonly fieldName?: (path: string, request: ChatRequest) => string | undefined
  readonly framing: (request: ChatRequest) => AnswerFraming
  readonly decode: (wire: WireRequest) => Asked
  readonly encode: (response: ChatResponse, context: AnswerContext) => Lowered<WireResponse>
  readonly encoder: (context: AnswerContext) => StreamEncoder
}

/** What every chat front shares. */
export interface ChatDesk {
  readonly directory: ModelDirectory
  readonly handler: Handler
  /** Milliseconds since 1970. */
  readonly now: () => number
  readonly after: After
  readonly keepAliveMs: number
  /** Where answers are kept for clients that come back to them; absent: nowhere. */
  readonly answers?: AnswerStore
}

/** Answers a chat call. `path` is the path inside the front. */
export async function answerChat(desk: ChatDesk, front: ChatFront, call: Call): Promise<Outbound> {
  const startedAt = desk.now()
  const policy = policyOf(call.headers)
  const asked = front.decode(wireRequest(call))
  const target = await desk.directory.resolve(asked, call.caller)
  const context: AnswerContext = {
    request: asked.request,
    requestId: call.id,
    now: desk.now,
    target,
    elapsedMs: () => desk.now() - startedAt,
  }
  const { id, signal } = call
  const { request } = asked
  const framing = front.framing(request)
  const source = framing === 'json-array' ? undefined : sourceOf(front.dialect, call)
  const exchange: ChatExchange = {
    operation: 'chat',
    id,
    request,
    target,
    policy,
    signal,
    ...compact({ source }),
  }
  const answered = await desk.handler(exchange).catch((thrown: unknown) => {
    throw inOwnWords(thrown, (path) => front.fieldName?.(path, request))
  })
  const reply = chatReply(answered)
  if (reply.kind === 'whole') {
    if (reply.response.error !== undefined) throw reply.response.error
    return wholeOutbound(reply, target, () => front.encode(reply.response, context))
  }
  const encoder = front.encoder(context)
  const { keepAliveMs, after } = desk
  const options = { encoder, framing, keepAliveMs, after, signal }
  return {
    status: 200,
    headers: {
      'content-type': reply.kind === 'bytes' ? reply.contentType : CONTENT_TYPES[framing],
      'cache-control': 'no-cache, no-transform',
      'x-accel-buffering': 'no',
      ...callHeaders(target, reply, reply.notes),
    },
    body:
      reply.kind === 'bytes'
        ? passedBody({ ...options, pieces: reply.pieces })
        : streamBody({ ...options, events: reply.events }),
  }
}
