// A call is settled exactly once, however its stream ends.
import { describe, expect, it } from 'vitest'
import { drain, failureOf } from '../../test/context.ts'
import { GatewayError } from '../canonical/errors.ts'
import type { ChatEvent } from '../canonical/event.ts'
import type { ChatExchange, Handler, PassedPiece } from '../exchange/exchange.ts'
import { toChatRequest } from './chat-message.ts'
import { tracked } from './tracked.ts'
import { Tracker } from './tracker.ts'
import { singly } from '../exchange/singly.ts'

const EXCHANGE: ChatExchange = {
  operation: 'chat',
  id: 'id',
  request: toChatRequest([], 'm'),
  target: { provider: 'p', model: 'm' },
  policy: 'default',
  signal: new AbortController().signal,
}
const START: ChatEvent = { type: 'response-start', origin: { dialect: 'library' } }
const END: ChatEvent = { type: 'response-end' }

function usage(total: number): ChatEvent {
  return { type: 'usage-update', usage: { output: { total } } }
}

function failing(kind: 'cancelled' | 'upstream'): ChatEvent {
  return { type: 'error', error: new GatewayError(kind, 'no') }
}

async function streamOf(
  events: readonly ChatEvent[],
): Promise<{ readonly tracker: Tracker; readonly events: AsyncIterable<readonly ChatEvent[]> }> {
  const tracker = new Tracker()
  const times = [0, 10, 30]
  const clock = (): number => times.shift() ?? 99
  async function* generate(): AsyncIterable<ChatEvent> {
    yield* events
  }
  const handler: Handler = async () => ({ kind: 'stream', events: singly(generate()), notes: [] })
  const reply = await tracked({ tracker, clock }, EXCHANGE, handler)
  if (reply.kind !== 'stream') throw new Error('not a stream')
  return { tracker, events: reply.events }
}

describe('tracked streams', () => {
  it('count the last snapshot of usage once, with both latencies', async () => {
    const { tracker, events } = await streamOf([START, usage(1), usage(5), END])
    await drain(events)
    expect(tracker.stats()).toMatchObject({
      requests: 1,
      errors: 0,
      inFlight: 0,
      outputTokens: 5,
      lastFirstEventMs: 10,
      lastLatencyMs: 30,
    })
  })

  it.each([
    ['an error', [START, usage(2), failing('upstream')], 1],
    ['a cancelled call', [START, usage(2), failing('cancelled')], 0],
  ] as const)('settle %s with the tokens so far', async (_name, sent, errors) => {
    const { tracker, events } = await streamOf(sent)
    await drain(events)
    expect(tracker.stats()).toMatchObject({ errors, inFlight: 0, outputTokens: 2 })
    expect(tracker.stats().lastLatencyMs).toBeUndefined()
  })

  it('are settled when the reader leaves, before or after the first event', async () => {
    for (const steps of [0, 1]) {
      const { tracker, events } = await streamOf([START, END])
      const iterator = events[Symbol.asyncIterator]()
      for (let step = 0; step < steps; step += 1) await iterator.next()
      await iterator.return?.()
      expect(tracker.stats()).toMatchObject({ errors: 0, inFlight: 0 })
    }
  })

  it('are settled once when the reader leaves after the end', async () => {
    const { tracker, events } = await streamOf([START, END])
    const iterator = events[Symbol.asyncIterator]()
    await iterator.next()
    await iterator.next()
    await iterator.return?.()
    expect(tracker.stats()).toMatchObject({ requests: 1, inFlight: 0 })
  })
})

describe('tracked bytes', () => {
  it('are counted by what their pieces say, and pass unchanged', async () => {
    const sent = [[START], [usage(1), usage(5)], [END], []].map((events) => ({
      bytes: new Uint8Array(1),
      events,
    }))
    async function* generate(): AsyncIterable<PassedPiece> {
      yield* sent
    }
    const tracker = new Tracker()
    const times = [0, 10, 30]
    const reply = await tracked(
      { tracker, clock: () => times.shift() ?? 99 },
      EXCHANGE,
      async () => ({
        kind: 'bytes',
        lane: 'patch',
        contentType: 'text/event-stream',
        pieces: generate(),
        notes: [],
      }),
    )
    if (reply.kind !== 'bytes') throw new Error('not bytes')
    expect(await drain(reply.pieces)).toEqual(sent)
    expect(tracker.stats()).toMatchObject({
      requests: 1,
      errors: 0,
      inFlight: 0,
      outputTokens: 5,
      lastFirstEventMs: 10,
      lastLatencyMs: 30,
    })
  })
})

describe('tracked calls', () => {
  it.each([
    ['upstream', 1],
    ['cancelled', 0],
  ] as const)('that fail with %s count %i errors', async (kind, errors) => {
    const tracker = new Tracker()
    const handler: Handler = async () => {
      throw new GatewayError(kind, 'no')
    }
    const failure = await failureOf(tracked({ tracker, clock: () => 0 }, EXCHANGE, handler))
    expect(failure).toMatchObject({ kind })
    expect(tracker.stats()).toMatchObject({ requests: 1, errors, inFlight: 0 })
  })
})
