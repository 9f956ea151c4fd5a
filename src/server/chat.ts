// One chat call from the client's body to the client's answer, in whatever protocol the front speaks.
import { compact } from '../canonical/compact.ts'
import type { ChatExchange, ChatReply, Handler } from '../exchange/exchange.ts'
import { chatReply } from '../exchange/expected.ts'
import { observed } from '../exchange/observed.ts'
import type { Policy } from '../canonical/note.ts'
import type { AnswerStore } from '../store/answer-store.ts'
import type { Resolution } from '../routing/resolve.ts'
import { inOwnWords, sourceOf, targetsOf, wholeOutbound, wireRequest } from './asking.ts'
import type { AnswerContext, Asked, ChatFront } from './chat-front.ts'
import { policyOf } from './keys/policy.ts'
import type { After, Outbound } from './message.ts'
import type { ModelDirectory } from './model-directory.ts'
import type { Call } from './route.ts'
import { SOFT_COMMIT, type SoftCommit, held } from './soft-commit.ts'
import { streamOutbound, unansweredOutbound } from './stream-outbound.ts'

/** What every chat front shares. */
export interface ChatDesk {
  readonly directory: ModelDirectory
  readonly handler: Handler
  /** Milliseconds since 1970. */
  readonly now: () => number
  readonly after: After
  readonly keepAliveMs: number
  /** Default: 10 s each. */
  readonly softCommit?: SoftCommit
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
  const exchange = exchangeOf(front, call, { asked, resolution })
  const { after, softCommit = SOFT_COMMIT } = desk
  let hasEndedWell = false
  const endedWell = (): boolean => hasEndedWell
  const coming = answered(desk, exchange, {
    ownWords: (thrown) => inOwnWords(thrown, (path) => front.fieldName?.(path, asked.request)),
    well: () => {
      hasEndedWell = true
    },
  })
  const hold = { milliseconds: softCommit.holdMs, after, signal: call.signal }
  const streaming = { desk, front, exchange, context }
  const reply = asked.request.stream.enabled ? await held(coming, hold) : await coming
  if (reply === undefined) return { ...unansweredOutbound(coming, streaming), endedWell }
  if (reply.kind !== 'whole') return { ...streamOutbound(reply, streaming), endedWell }
  if (reply.response.error !== undefined) throw reply.response.error
  return wholeOutbound(reply, exchange, () => front.encode(reply.response, context))
}

interface Hearing {
  /** A refusal, saying in the client's own words what it refuses. */
  readonly ownWords: (thrown: unknown) => unknown
  /** Hears of an answer that is whole. */
  readonly well: () => void
}

async function answered(
  { handler }: ChatDesk,
  exchange: ChatExchange,
  { ownWords, well }: Hearing,
): Promise<ChatReply> {
  let reply: ChatReply
  try {
    reply = chatReply(await handler(exchange))
  } catch (thrown) {
    throw ownWords(thrown)
  }
  if (reply.kind !== 'whole') {
    return chatReply(observed(reply, ({ kind }) => (kind === 'succeeded' ? well() : undefined)))
  }
  if (reply.response.error === undefined) well()
  return reply
}

/** A client's question with the policy that it is asked under. */
interface ReadChat extends Asked {
  readonly policy: Policy
}

/** The first step of a chat, and of its explanation: what the client asks. */
export function readChat(front: ChatFront, call: Call): ReadChat {
  return { policy: policyOf(call), ...front.decode(wireRequest(call)) }
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
