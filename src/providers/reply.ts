// A reply in the shape its reader wants: whole or as events.
import { Collector } from '../canonical/collect.ts'
import type { ChatEvent } from '../canonical/event.ts'
import { explode } from '../canonical/explode.ts'
import type { ChatResponse } from '../canonical/response.ts'
import type { ChatExchange, ChatReply, PassedPiece } from '../exchange/exchange.ts'

/** A stream is read to its end; throws the error it ends in. */
export async function wholeResponse(
  reply: ChatReply,
  exchange: ChatExchange,
): Promise<ChatResponse> {
  if (reply.kind === 'whole') return reply.response
  const { origin } = exchange.request
  const collector = new Collector({ origin, model: exchange.target.model })
  for await (const events of stepsOf(reply)) {
    for (const event of events) {
      if (event.type === 'error') throw event.error
      collector.add(event)
    }
  }
  return collector.response()
}

/** A whole answer as the events it stands for, all at once. */
export async function* burstOf(response: ChatResponse): AsyncIterable<readonly ChatEvent[]> {
  yield [...explode(response)]
}

/** In the steps in which they came. */
export function stepsOf(reply: ChatReply): AsyncIterable<readonly ChatEvent[]> {
  switch (reply.kind) {
    case 'whole':
      return burstOf(reply.response)
    case 'stream':
      return reply.events
    case 'bytes':
      return saidIn(reply.pieces)
  }
}

/** One by one. */
export async function* eventsOf(reply: ChatReply): AsyncIterable<ChatEvent> {
  for await (const events of stepsOf(reply)) yield* events
}

async function* saidIn(pieces: AsyncIterable<PassedPiece>): AsyncIterable<readonly ChatEvent[]> {
  for await (const piece of pieces) yield piece.events
}
