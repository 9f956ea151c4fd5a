// One chat call from the client's body to the client's answer, in whatever protocol the front speaks.
import { compact } from '../canonical/compact.ts'
import type { ChatExchange, Handler } from '../exchange/exchange.ts'
import { chatReply } from '../exchange/expected.ts'
import { observed } from '../exchange/observed.ts'
import type { Policy } from '../canonical/note.ts'
import type { AnswerStore } from '../store/answer-store.ts'
import type { Resolution } from '../routing/resolve.ts'
import { CONTENT_TYPES } from '../wire/framing.ts'
import {
  callHeaders,
  inOwnWords,
  logged,
  policyOf,
  sourceOf,
  targetsOf,
  wholeOutbound,
  wireRequest,
} from './asking.ts'
import type { AnswerContext, Asked, ChatFront } from './chat-front.ts'
import type { After, Outbound } from './message.ts'
import type { ModelDirectory } from './model-directory.ts'
import type { Call } from './route.ts'
import { passedBody, streamBody } from './stream-body.ts'

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
  const asked = readChat(front, call)
  const resolution = await desk.directory.resolve(asked, call.caller)
  const { target } = resolution
  const context: AnswerContext = {
    request: asked.request,
    requestId: call.id,
    now: desk.now,
    target,
    elapsedMs: () => desk.now() - startedAt,
  }
  const { signal } = call
  const { request, policy } = asked
  const framing = front.framing(request)
  const exchange = exchangeOf(front, call, { asked, resolution })
  const answered = await desk.handler(exchange).catch((thrown: unknown) => {
    throw inOwnWords(thrown, (path) => front.fieldName?.(path, request))
  })
  let endedWell = false
  const heard = observed(answered, ({ kind }) => {
    endedWell = kind === 'succeeded'
  })
  const reply = chatReply(heard)
  if (reply.kind === 'whole') {
    if (reply.response.error !== undefined) throw reply.response.error
    return wholeOutbound(reply, exchange, () => front.encode(reply.response, context))
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
      ...callHeaders({ target, policy }, reply, reply.notes),
    },
    ...logged(reply.notes),
    endedWell: () => endedWell,
    body:
      reply.kind === 'bytes'
        ? passedBody({ ...options, pieces: reply.pieces })
        : streamBody({ ...options, events: reply.events }),
  }
}

/** A client's question with the policy that it is asked under. */
interface ReadChat extends Asked {
  readonly policy: Policy
}

/** The first step of a chat, and of its explanation: what the client asks. */
export function readChat(front: ChatFront, call: Call): ReadChat {
  return { policy: policyOf(call.headers), ...front.decode(wireRequest(call)) }
}

/** The last step before a provider has it: the exchange. */
export function exchangeOf(
  front: ChatFront,
  call: Call,
  { asked, resolution }: { readonly asked: ReadChat; readonly resolution: Resolution },
): ChatExchange {
  const { id, signal } = call
  const { request, policy } = asked
  const source = front.framing(request) === 'json-array' ? undefined : sourceOf(front.dialect, call)
  return {
    operation: 'chat',
    id,
    request,
    policy,
    signal,
    ...targetsOf(resolution, call),
    ...compact({ source }),
  }
}
