// Each call has one beginning and one end.
import { expect, it } from 'vitest'
import { GatewayError } from '../canonical/errors.ts'
import type { ChatEvent } from '../canonical/event.ts'
import type { ChatExchange, Reply } from './exchange.ts'
import type { Happening } from './happening.ts'
import { told } from './told.ts'

const TARGET = { provider: 'a', model: 'm' }
const EXCHANGE: ChatExchange = {
  operation: 'chat',
  id: 'req_1',
  request: {
    origin: { dialect: 'library' },
    model: 'm',
    turns: [],
    sampling: {},
    stream: { enabled: true },
  },
  target: TARGET,
  policy: 'default',
  caller: 'key_1',
  signal: new AbortController().signal,
}

async function* of(...events: readonly ChatEvent[]): AsyncGenerator<ChatEvent> {
  yield* events
}

async function callWith(answer: () => Promise<Reply>): Promise<readonly Happening[]> {
  const heard: Happening[] = []
  const handler = told({ tell: (fact) => heard.push(fact), clock: () => 7 })(answer)
  try {
    const reply = await handler(EXCHANGE)
    if (reply.kind === 'stream')
      for await (const event of reply.events) if (event.type === 'error') break
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
  const heard = await callWith(async () => ({ kind: 'stream', events, notes: [], target: TARGET }))
  expect(heard).toEqual([
    { type: 'call-started', ...CALL },
    {
      type: 'call-ended',
      ...CALL,
      outcome: 'succeeded',
      attempts: [],
      elapsedMs: 0,
      usage: { input: { total: 3 }, output: { total: 2 } },
      target: TARGET,
    },
  ])
})

it('ends once where a stream breaks and its reader leaves', async () => {
  const error = new GatewayError('upstream', 'It broke.')
  const events = of({ type: 'error', error }, { type: 'usage-update', usage: {} })
  const heard = await callWith(async () => ({ kind: 'stream', events, notes: [] }))
  expect(heard.slice(1)).toEqual([
    { type: 'call-ended', ...CALL, outcome: 'failed', error, attempts: [], elapsedMs: 0 },
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
