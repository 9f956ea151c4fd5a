// One chat call from the client's body to the client's answer, in whatever protocol the front speaks.
import { compact } from '../canonical/compact.ts'
import { GatewayError, REFUSED_TRANSLATION } from '../canonical/errors.ts'
import { type Note, POLICIES, type Policy, formatNotes, toldNotes } from '../canonical/note.ts'
import type { ChatRequest } from '../canonical/request.ts'
import {
  type Exchange,
  type Handler,
  type Reply,
  type Source,
  type Target,
  type WholeReply,
  laneOf,
} from '../exchange/exchange.ts'
import type { AnswerStore } from '../store/answer-store.ts'
import { CONTENT_TYPES } from '../wire/framing.ts'
import type { WireHeaders, WireRequest } from '../wire/message.ts'
import { type After, JSON_HEADERS, type Outbound } from './message.ts'
import type { AnswerContext, Asked, ChatFront } from './chat-front.ts'
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
  const target = await desk.directory.resolve(asked, call.caller)
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
  const exchange = exchangeOf(front, call, { asked, target })
  const reply = await desk.handler(exchange).catch((thrown: unknown) => {
    throw inOwnWords(thrown, front, request)
  })
  if (reply.kind === 'whole') return wholeAnswer(reply, front, { ...context, policy })
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
  { asked, target }: { readonly asked: ReadChat; readonly target: Target },
): Exchange {
  const { id, signal } = call
  const { request, policy } = asked
  const source = front.framing(request) === 'json-array' ? undefined : sourceOf(front, call)
  return { id, request, target, policy, signal, ...compact({ source }) }
}

/** What a provider says of a place in the canonical request, said of the client's own. */
export function inOwnWords(thrown: unknown, front: ChatFront, request: ChatRequest): unknown {
  if (!(thrown instanceof GatewayError) || thrown.code !== REFUSED_TRANSLATION) return thrown
  const param = front.fieldName?.(thrown.param ?? '', request)
  const { kind, message, origin, code } = thrown
  return new GatewayError(kind, message, compact({ origin, code, param, cause: thrown }))
}

function wholeAnswer(
  reply: WholeReply,
  front: ChatFront,
  context: AnswerContext & Pick<Exchange, 'policy'>,
): Outbound {
  const { response, passed } = reply
  if (response.error !== undefined) throw response.error
  if (passed !== undefined) {
    const told = callHeaders(context, reply, reply.notes)
    return {
      status: 200,
      headers: { 'content-type': passed.contentType, ...told },
      body: passed.text,
      ...logged(reply.notes),
    }
  }
  const { value, notes } = front.encode(response, context)
  const body = value.text ?? JSON.stringify(value.body)
  const all = [...reply.notes, ...notes]
  const headers = { ...JSON_HEADERS, ...value.headers, ...callHeaders(context, reply, all) }
  return { status: value.status, headers, body, ...logged(all) }
}

/** The client's own message, for providers that speak its dialect. */
function sourceOf({ dialect }: ChatFront, call: Call): Source | undefined {
  const { path, body, text } = call
  if (dialect === undefined || body === undefined || text === undefined) return undefined
  return { dialect, path, body, text }
}

/** The call as a dialect reads it. */
function wireRequest(call: Call): WireRequest {
  return compact({
    method: call.method,
    path: call.path,
    query: Object.fromEntries(call.query),
    headers: call.headers,
    body: call.body,
  })
}

function policyOf(headers: WireHeaders): Policy {
  const word = headers['x-patchbay-policy']
  if (word === undefined) return 'default'
  const policy = POLICIES.find((known) => known === word.toLowerCase())
  if (policy !== undefined) return policy
  throw new GatewayError(
    'invalid_request',
    `The header x-patchbay-policy must be one of: ${POLICIES.join(', ')}.`,
    { origin: 'client', code: 'unknown_policy', param: 'x-patchbay-policy' },
  )
}

function callHeaders(
  { target, policy }: Pick<Exchange, 'target' | 'policy'>,
  reply: Reply,
  notes: readonly Note[],
): WireHeaders {
  const summary = formatNotes(toldNotes(policy, notes))
  const { askedIn } = reply
  return compact({
    'x-patchbay-provider': headerText(target.provider),
    'x-patchbay-model': headerText(target.model),
    'x-patchbay-lane': laneOf(reply),
    'x-patchbay-protocol':
      askedIn === undefined ? undefined : `${askedIn.dialect};reason=${askedIn.reason}`,
    'x-patchbay-notes': summary === '' ? undefined : summary,
    'x-patchbay-cost': reply.kind === 'whole' ? reply.cost?.usd : undefined,
  })
}

/** What the log says, whatever the policy tells the caller. */
function logged(notes: readonly Note[]): Pick<Outbound, 'notes'> {
  const summary = formatNotes(notes)
  return summary === '' ? {} : { notes: summary }
}

/** Names may hold what a header may not. */
function headerText(text: string): string {
  return text.replaceAll(/[^\x20-\x7e]/g, '?')
}
