// Each call has one beginning and one end.
import { describe, expect, it, vi } from 'vitest'
import { chatExchange } from '../../test/chat-exchange.ts'
import { GatewayError } from '../canonical/errors.ts'
import type { ChatEvent } from '../canonical/event.ts'
import type { ChatExchange, Handler } from './exchange.ts'
import type { Happening } from './happening.ts'
import { told } from './told.ts'
import { Trail } from './trail.ts'
import { singly } from './singly.ts'

const TARGET = { provider: 'a', model: 'm' }
const EXCHANGE = chatExchange({ target: TARGET, caller: 'key_1' })

async function* of(...events: readonly ChatEvent[]): AsyncGenerator<ChatEvent> {
  yield* events
}

async function callWith(
  answer: Handler,
  exchange: ChatExchange = EXCHANGE,
): Promise<readonly Happening[]> {
  const heard: Happening[] = []
  const handler = told({ tell: (fact) => heard.push(fact), clock: () => 7 })(answer)
  try {
    const reply = await handler(exchange)
    if (reply.kind === 'stream')
      for await (const [event] of reply.events) if (event?.type === 'error') break
  } catch {
    // What it threw is in its end.
  }
  return heard
}

const CALL = { id: 'req_1', operation: 'chat', caller: 'key_1' }

it('ends with the last counts once a stream is read', async () => {
  const events = of(
    { type: 'usage-update', usage: { input: { total: 3 } } },
    { type: 'usage-update', usage: { output: { total: 2 } } },
  )
  const heard = await callWith(async () => ({
    kind: 'stream',
    events: singly(events),
    notes: [],
    target: TARGET,
  }))
  expect(heard).toEqual([
    { type: 'call-started', ...CALL },
    { type: 'stream-started', id: 'req_1' },
    { type: 'stream-ended', id: 'req_1', end: 'whole', target: TARGET },
    {
      type: 'call-ended',
      ...CALL,
      outcome: 'succeeded',
      attempts: [],
      elapsedMs: 0,
      usage: { input: { total: 3 }, output: { total: 2 } },
      target: TARGET,
      streamEnd: 'whole',
    },
  ])
})

it('ends once where a stream breaks and its reader leaves', async () => {
  const error = new GatewayError('upstream', 'It broke.')
  const events = of({ type: 'error', error }, { type: 'usage-update', usage: {} })
  const heard = await callWith(async () => ({ kind: 'stream', events: singly(events), notes: [] }))
  const end = { ...CALL, outcome: 'failed', error, attempts: [], elapsedMs: 0 }
  expect(heard.slice(2)).toEqual([
    { type: 'stream-ended', id: 'req_1', end: 'failed' },
    { type: 'call-ended', ...end, streamEnd: 'failed' },
  ])
})

it('tells a failure from a caller that has left', async () => {
  const error = new GatewayError('overloaded', 'Busy.')
  const left = new GatewayError('cancelled', 'Gone.')
  const failed = await callWith(async () => Promise.reject(error))
  const abandoned = await callWith(async () => Promise.reject(left))
  expect(failed.at(-1)).toMatchObject({ outcome: 'failed', error })
  expect(abandoned.at(-1)).toMatchObject({ outcome: 'abandoned' })
})

describe('a client that leaves', () => {
  const gone = new GatewayError('cancelled', 'Gone.', { code: 'client_gone' })

  it('before its call begins leaves nothing to do', async () => {
    const signal = AbortSignal.abort(gone)
    const next = vi.fn<Handler>()
    const heard = await callWith(next, { ...EXCHANGE, signal })
    expect(next).not.toHaveBeenCalled()
    expect(heard).toMatchObject([
      { type: 'call-started' },
      { type: 'client-gone', phase: 'queue' },
      { type: 'call-ended', outcome: 'abandoned', attempts: [] },
    ])
  })

  it.each([
    [0, 'queue'],
    [1, 'ttft'],
  ] as const)('after %s attempts was in the phase %s', async (asked, phase) => {
    const leaving = new AbortController()
    const trail = new Trail()
    const answer: Handler = async () => {
      for (let count = 0; count < asked; count += 1) trail.asking()
      leaving.abort(gone)
      throw gone
    }
    const heard = await callWith(answer, { ...EXCHANGE, trail, signal: leaving.signal })
    expect(heard[1]).toEqual({ type: 'client-gone', id: 'req_1', phase })
  })

  it('within a stream ends that, and after it nothing', async () => {
    const leaving = new AbortController()
    async function* events(): AsyncGenerator<ChatEvent> {
      yield { type: 'response-start', origin: { dialect: 'test' } }
      leaving.abort(gone)
      yield { type: 'error', error: gone }
    }
    const left = { ...EXCHANGE, signal: leaving.signal }
    const heard = await callWith(
      async () => ({ kind: 'stream', events: singly(events()), notes: [] }),
      left,
    )
    expect(heard.slice(2, 4)).toEqual([
      { type: 'client-gone', id: 'req_1', phase: 'stream' },
      { type: 'stream-ended', id: 'req_1', end: 'client' },
    ])
    const later = new AbortController()
    const whole = of({ type: 'response-end' })
    const answer: Handler = async () => ({ kind: 'stream', events: singly(whole), notes: [] })
    const before = await callWith(answer, { ...EXCHANGE, signal: later.signal })
    later.abort(gone)
    expect(before.map(({ type }) => type)).toEqual([
      'call-started',
      'stream-started',
      'stream-ended',
      'call-ended',
    ])
  })

  it('is told from a server that stops', async () => {
    const stopping = new AbortController()
    const draining = new GatewayError('overloaded', 'Stop.', { code: 'gateway_draining' })
    async function* events(): AsyncGenerator<ChatEvent> {
      stopping.abort(draining)
      yield { type: 'error', error: draining }
    }
    const heard = await callWith(
      async () => ({ kind: 'stream', events: singly(events()), notes: [] }),
      {
        ...EXCHANGE,
        signal: stopping.signal,
      },
    )
    expect(heard.map(({ type }) => type)).not.toContain('client-gone')
    expect(heard[2]).toMatchObject({ type: 'stream-ended', end: 'drain' })
  })
})
