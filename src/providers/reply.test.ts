// A reply of any kind in the shape its reader wants.
import { describe, expect, it } from 'vitest'
import { drain, failureOf } from '../../test/context.ts'
import { GatewayError } from '../canonical/errors.ts'
import type { ChatEvent } from '../canonical/event.ts'
import { textOf } from '../canonical/part.ts'
import type { ChatResponse } from '../canonical/response.ts'
import { type ChatExchange, type ChatReply, laneOf } from '../exchange/exchange.ts'
import { toChatRequest } from './chat-message.ts'
import { burstOf, eventsOf, wholeResponse } from './reply.ts'

const exchange: ChatExchange = {
  operation: 'chat',
  id: 'id',
  request: toChatRequest([], 'm'),
  target: { provider: 'p', model: 'm' },
  policy: 'default',
  signal: new AbortController().signal,
}

const response: ChatResponse = {
  origin: { dialect: 'library' },
  model: 'm',
  candidates: [{ index: 0, parts: [{ type: 'text', text: 'hi' }], finish: { reason: 'stop' } }],
}

function bytesOf(events: readonly ChatEvent[]): ChatReply {
  async function* pieces(): AsyncGenerator<{ bytes: Uint8Array; events: readonly ChatEvent[] }> {
    for (const event of events) yield { bytes: new Uint8Array(1), events: [event] }
  }
  const contentType = 'text/event-stream'
  return { kind: 'bytes', lane: 'bytes', contentType, pieces: pieces(), notes: [] }
}

async function replies(): Promise<readonly ChatReply[]> {
  const events = (await drain(burstOf(response))).flat()
  return [
    { kind: 'whole', response, notes: [] },
    { kind: 'stream', events: burstOf(response), notes: [] },
    bytesOf(events),
  ]
}

describe('a reply of each kind', () => {
  it('is the same events', async () => {
    const expected = (await drain(burstOf(response))).flat()
    for (const reply of await replies()) expect(await drain(eventsOf(reply))).toEqual(expected)
  })

  it('is the same whole answer', async () => {
    for (const reply of await replies()) {
      const whole = await wholeResponse(reply, exchange)
      expect(textOf(whole.candidates[0]?.parts ?? [])).toBe('hi')
    }
  })

  it('is no answer when it ends in an error', async () => {
    const error = new GatewayError('upstream', 'cut')
    const reply = bytesOf([{ type: 'error', error }])
    expect(await failureOf(wholeResponse(reply, exchange))).toBe(error)
  })

  it('knows its lane', async () => {
    expect((await replies()).map((reply) => laneOf(reply))).toEqual([
      'translate',
      'translate',
      'bytes',
    ])
    const passed = { lane: 'patch', contentType: 'application/json', text: '{}' } as const
    expect(laneOf({ kind: 'whole', response, notes: [], passed })).toBe('patch')
  })
})
