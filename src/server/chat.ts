// One chat call from the client's body to the client's answer, in whatever protocol the front speaks.
import { compact } from '../canonical/compact.ts'
import { GatewayError, REFUSED_TRANSLATION } from '../canonical/errors.ts'
import { type Note, type Policy, formatNotes } from '../canonical/note.ts'
import type { ChatRequest } from '../canonical/request.ts'
import type { ChatResponse } from '../canonical/response.ts'
import type { Lowered } from '../canonical/note.ts'
import type { EncodeContext, StreamEncoder } from '../dialects/dialect.ts'
import {
  type Handler,
  type Reply,
  type Source,
  type Target,
  type WholeReply,
  laneOf,
} from '../exchange/exchange.ts'
import type { AnswerStore } from '../store/answer-store.ts'
import type { AnswerFraming } from '../wire/frame.ts'
import { CONTENT_TYPES } from '../wire/framing.ts'
import type { WireHeaders, WireRequest, WireResponse } from '../wire/message.ts'
import { type After, JSON_HEADERS, type Outbound } from './message.ts'
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
  const source = framing === 'json-array' ? undefined : sourceOf(front, call)
  const exchange = { id, request, target, policy, signal, ...compact({ source }) }
  const reply = await desk.handler(exchange).catch((thrown: unknown) => {
    throw inOwnWords(thrown, front, request)
  })
  if (reply.kind === 'whole') return wholeAnswer(reply, front, context)
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

/** What a provider says of a place in the canonical request, said of the client's own. */
function inOwnWords(thrown: unknown, front: ChatFront, request: ChatRequest): unknown {
  if (!(thrown instanceof GatewayError) || thrown.code !== REFUSED_TRANSLATION) return thrown
  const param = front.fieldName?.(thrown.param ?? '', request)
  const { kind, message, origin, code } = thrown
  return new GatewayError(kind, message, compact({ origin, code, param, cause: thrown }))
}

function wholeAnswer(reply: WholeReply, front: ChatFront, context: AnswerContext): Outbound {
  const { response, passed } = reply
  const { target } = context
  if (response.error !== undefined) throw response.error
  if (passed !== undefined) {
    const told = callHeaders(target, reply, reply.notes)
    return {
      status: 200,
      headers: { 'content-type': passed.contentType, ...told },
      body: passed.text,
    }
  }
  const { value, notes } = front.encode(response, context)
  const body = value.text ?? JSON.stringify(value.body)
  const told = callHeaders(target, reply, [...reply.notes, ...notes])
  return { status: value.status, headers: { ...JSON_HEADERS, ...value.headers, ...told }, body }
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

const POLICIES: readonly Policy[] = ['lenient', 'default', 'strict']

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

function callHeaders(target: Target, reply: Reply, notes: readonly Note[]): WireHeaders {
  const summary = formatNotes(notes)
  const { askedIn } = reply
  return compact({
    'x-patchbay-provider': headerText(target.provider),
    'x-patchbay-model': headerText(target.model),
    'x-patchbay-lane': laneOf(reply),
    'x-patchbay-protocol':
      askedIn === undefined ? undefined : `${askedIn.dialect};reason=${askedIn.reason}`,
    'x-patchbay-notes': summary === '' ? undefined : summary,
  })
}

/** Names may hold what a header may not. */
function headerText(text: string): string {
  return text.replaceAll(/[^\x20-\x7e]/g, '?')
}
