// What an upstream has answered, as a reply: passed or translated, in the shape that was asked for.
import { GatewayError } from '../canonical/errors.ts'
import type { ChatEvent } from '../canonical/event.ts'
import { collect } from '../canonical/collect.ts'
import type { ChatResponse } from '../canonical/response.ts'
import type { DecodeContext } from '../dialects/dialect.ts'
import type { BytesReply, ChatReply, StreamReply, WholeReply } from '../exchange/exchange.ts'
import { CONTENT_TYPES } from '../wire/framing.ts'
import type { WireResponse } from '../wire/message.ts'
import type { Passage } from './passage.ts'
import { PassedStream } from './passed-stream.ts'
import { peekedPieces } from './peek-passed.ts'
import { peeked } from './peek.ts'
import type { PreparedCall } from './prepared-call.ts'
import { burstOf } from './reply.ts'
import { RestoredTools } from './restored-tools.ts'
import { isTold } from './upstream-error.ts'
import { type EventSource, UpstreamEvents } from './upstream-events.ts'
import type { UpstreamAnswer } from './upstream-answer.ts'
import type { Upstream } from './upstream.ts'

/** An answer that has begun, and what it answers. */
export interface Answered {
  readonly upstream: Upstream
  readonly call: PreparedCall
  readonly answer: UpstreamAnswer
  /** Without a word of the answer. */
  readonly contentMs: number
  /** What every reply says besides. */
  readonly told: Pick<WholeReply, 'notes' | 'askedIn'>
}

/** `wanted` is the shape that the caller asked for, which is not always what the host was asked for, or what it answers. */
export function replyOf(answered: Answered, wanted: 'stream' | 'whole'): Promise<ChatReply> {
  const { call, answer } = answered
  const { passage } = call
  const isStreamed = isStream(answer, call.request.stream.enabled)
  if (isStreamed !== (wanted === 'stream')) return reshaped(answered, wanted)
  if (passage === undefined) return isStreamed ? streamOf(answered) : wholeOf(answered)
  return isStreamed ? passedStream(answered, passage) : passedWhole(answered, passage)
}

async function streamOf(answered: Answered): Promise<StreamReply> {
  const { request, profile } = answered.call
  const restored = new RestoredTools(request, profile.provider)
  const events = new UpstreamEvents({ ...eventSource(answered), restored })
  return { kind: 'stream', events: await peeked(events), ...answered.told }
}

async function wholeOf({ upstream, call, answer, told }: Answered): Promise<WholeReply> {
  const { wire } = await upstream.message(answer)
  try {
    const decoded = call.protocol.dialect.response.decode(wire, call)
    const restored = new RestoredTools(call.request, call.profile.provider).response(decoded)
    return { kind: 'whole', response: restored, ...told }
  } catch (thrown) {
    throw upstream.failed(thrown)
  }
}

/** Some hosts answer a stream with a whole, and some must be asked for a stream to get a whole. */
async function reshaped(answered: Answered, shape: 'stream' | 'whole'): Promise<ChatReply> {
  if (shape === 'stream') {
    const { response } = await wholeOf(answered)
    return { kind: 'stream', events: burstOf(response), ...answered.told }
  }
  const { events } = await streamOf(answered)
  return { kind: 'whole', response: await collected(events, answered.call), ...answered.told }
}

async function passedStream(answered: Answered, passage: Passage): Promise<BytesReply> {
  const { call, answer, told } = answered
  const { lane, unasked } = passage
  const stream = new PassedStream({ ...eventSource(answered), unasked })
  const contentType = passedType(answer, CONTENT_TYPES[call.protocol.dialect.framing])
  const pieces = await peekedPieces(stream)
  return { kind: 'bytes', lane, contentType, pieces, ...told }
}

async function passedWhole(answered: Answered, { lane }: Passage): Promise<WholeReply> {
  const { upstream, answer, told } = answered
  const { wire, text } = await upstream.message(answer)
  const response = heard(answered, wire)
  if (response.error !== undefined) return { kind: 'whole', response, ...told }
  const contentType = passedType(answer, 'application/json')
  return { kind: 'whole', response, ...told, passed: { lane, contentType, text } }
}

/** What an answer says that passes in any case: nothing is known of one that our decoder cannot read. */
function heard({ upstream, call }: Answered, wire: WireResponse): ChatResponse {
  try {
    return call.protocol.dialect.response.decode(wire, call)
  } catch (thrown) {
    if (thrown instanceof GatewayError && isTold(thrown)) throw upstream.failed(thrown)
    const { origin, model } = call.request
    return { origin, model, candidates: [] }
  }
}

function eventSource({
  upstream,
  call,
  answer,
  contentMs,
}: Answered): Omit<EventSource, 'restored'> {
  const { status, headers } = answer
  return {
    response: answer,
    dialect: call.protocol.dialect,
    context: call,
    contentMs,
    failed: (thrown) => upstream.failed(thrown),
    told: (error) => upstream.told(error, { status, headers }),
  }
}

/** By what the answer says it is, which is not always what was asked for. */
function isStream({ headers }: UpstreamAnswer, wanted: boolean): boolean {
  switch (mediaType(headers['content-type'] ?? '')) {
    case 'text/event-stream':
    case 'application/x-ndjson':
      return true
    case 'application/json':
    case 'text/html':
      return false
    default:
      return wanted
  }
}

function mediaType(type: string): string {
  const end = type.indexOf(';')
  return (end === -1 ? type : type.slice(0, end)).trim().toLowerCase()
}

/** Types that a browser would show stay behind: the bytes come from elsewhere and would speak in our name. */
function passedType({ headers }: UpstreamAnswer, usual: string): string {
  const type = headers['content-type'] ?? ''
  if (type === usual) return usual
  return /^(?:text\/event-stream|application\/(?:x-)?(?:ndjson|jsonl|json))\s*(?:;|$)/i.test(type)
    ? type
    : usual
}

async function collected(
  steps: AsyncIterable<readonly ChatEvent[]>,
  context: Pick<DecodeContext, 'request'>,
): Promise<ChatResponse> {
  const seen: ChatEvent[] = []
  for await (const events of steps) {
    for (const event of events) {
      if (event.type === 'error') throw event.error
      seen.push(event)
    }
  }
  const { origin, model } = context.request
  return collect({ origin, model }, seen)
}
