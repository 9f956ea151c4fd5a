// A streamed answer on its way out: with the head that it deserves, or behind one that could not wait for it.
import type { GatewayError } from '../canonical/errors.ts'
import type { ChatEvent } from '../canonical/event.ts'
import { type Note, formatNotes, toldNotes } from '../canonical/note.ts'
import type { ChatExchange, ChatReply } from '../exchange/exchange.ts'
import { stepsOf } from '../providers/reply.ts'
import { CONTENT_TYPES, frameWriter } from '../wire/framing.ts'
import type { Frame } from '../wire/frame.ts'
import type { WireHeaders } from '../wire/message.ts'
import { asideFrame } from './aside.ts'
import { callHeaders, logged } from './asking.ts'
import type { AnswerContext, ChatFront } from './chat-front.ts'
import { clientError } from './client-error.ts'
import type { After, Outbound } from './message.ts'
import { SOFT_COMMIT, type SoftCommit, waitingBody, waitingFrame } from './soft-commit.ts'
import { PassedBody, StreamBody } from './stream-body.ts'

/** What an answer is written with. */
export interface Streaming {
  readonly desk: {
    readonly after: After
    readonly keepAliveMs: number
    readonly softCommit?: SoftCommit
  }
  readonly front: ChatFront
  readonly exchange: ChatExchange
  readonly context: AnswerContext
}

/** Two models have said one text. */
const CONTINUED: Note = {
  action: 'synthesized',
  feature: 'continued',
  path: '',
  weight: 2,
  reason: 'the answer broke off, and another target has gone on with it',
}

/** The notes once more, with what was done since the head went out; nothing where that is nothing. */
function lateNotes({ notes }: ChatReply, { trail, policy }: ChatExchange): WireHeaders {
  const isContinued = trail?.attempts.some(
    ({ as, outcome }) => as === 'continued' && outcome === 'ok',
  )
  if (isContinued !== true) return {}
  return { 'x-patchbay-notes': formatNotes(toldNotes(policy, [...notes, CONTINUED])) }
}

type Body = AsyncIterableIterator<string | Uint8Array>

const STREAM_HEADERS: WireHeaders = {
  'cache-control': 'no-cache, no-transform',
  'x-accel-buffering': 'no',
}

/** An answer that began in time: everything that is known of it stands in the head. */
export function streamOutbound(reply: ChatReply, streaming: Streaming): Outbound {
  const { front, exchange } = streaming
  const framing = front.framing(exchange.request)
  return {
    status: 200,
    headers: {
      'content-type': reply.kind === 'bytes' ? reply.contentType : CONTENT_TYPES[framing],
      ...STREAM_HEADERS,
      ...callHeaders(exchange, reply, reply.notes),
    },
    ...logged(reply.notes),
    body: bodyOf(reply, streaming),
    ...(exchange.choice?.onStreamFailure === 'continue'
      ? { trailers: () => lateNotes(reply, exchange) }
      : {}),
  }
}

/** Nobody has begun an answer yet, and others may still be asked; what a head would say comes in a comment, and after the end. */
export function unansweredOutbound(coming: Promise<ChatReply>, streaming: Streaming): Outbound {
  const { desk, front, exchange, context } = streaming
  const framing = front.framing(exchange.request)
  const { softCommit = SOFT_COMMIT, after } = desk
  const { signal } = exchange
  const encoder = front.encoder(context)
  const print = (frames: readonly Frame[]): string => {
    const writer = frameWriter(framing)
    return frames.map((frame) => writer.write(frame)).join('')
  }
  let told: WireHeaders = {}
  let reply: ChatReply | undefined
  return {
    status: 200,
    headers: { 'content-type': CONTENT_TYPES[framing], ...STREAM_HEADERS },
    body: waitingBody({
      coming,
      waiting: () => print(waitingFrame(encoder)),
      waitingMs: softCommit.waitingMs,
      after,
      signal,
      failed: (error) => bodyOf(failing(clientError(error)), streaming),
      bodyOf: (begun) => {
        reply = begun
        told = callHeaders(exchange, begun, begun.notes)
        const aside = Object.entries(told).map(([name, value]) => `${name}: ${value}`)
        return behind(print(asideFrame(aside.join('; '), framing)), bodyOf(begun, streaming))
      },
    }),
    trailers: () => ({ ...told, ...(reply === undefined ? {} : lateNotes(reply, exchange)) }),
  }
}

function bodyOf(reply: ChatReply, streaming: Streaming): Body {
  const { desk, front, exchange, context } = streaming
  const { after, keepAliveMs } = desk
  const { request, signal } = exchange
  const framing = front.framing(request)
  const options = { encoder: front.encoder(context), framing, keepAliveMs, after, signal }
  return reply.kind === 'bytes'
    ? new PassedBody({ ...options, pieces: reply.pieces })
    : new StreamBody({ ...options, events: stepsOf(reply) })
}

async function* behind(word: string, body: Body): AsyncGenerator<string | Uint8Array> {
  if (word !== '') yield word
  yield* body
}

function failing(error: GatewayError): ChatReply {
  async function* events(): AsyncGenerator<readonly ChatEvent[]> {
    yield [{ type: 'error', error }]
  }
  return { kind: 'stream', events: events(), notes: [] }
}
