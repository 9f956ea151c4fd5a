// What is kept comes back as it was, and in the other form with all that was said.
import { describe, expect, it } from 'vitest'
import { drain } from '../../../test/context.ts'
import type { ChatEvent } from '../../canonical/event.ts'
import { collect } from '../../canonical/collect.ts'
import type { ChatResponse } from '../../canonical/response.ts'
import { type KeptAnswer, type KeptReply, readKept, replayed } from './kept-reply.ts'

const RESPONSE: ChatResponse = {
  origin: { dialect: 'fake' },
  id: 'a-1',
  model: 'tiny',
  candidates: [
    {
      index: 0,
      parts: [
        { type: 'reasoning', text: 'Hm.' },
        { type: 'text', text: 'é "Hello" \ud83d\ude00' },
        {
          type: 'tool-call',
          callId: 'c1',
          kind: 'function',
          name: 'look',
          arguments: { text: '{"a":1}', json: { a: 1 } },
        },
      ],
      finish: { reason: 'tool-calls', raw: 'tool_calls' },
    },
  ],
  usage: {
    input: { total: 5 },
    output: { total: 3 },
    raw: { dialect: 'fake', value: { kept: true } },
  },
  extensions: { fake: { fields: { seed: 7 } } },
}

function kept(answer: KeptAnswer, form: string = 'one'): KeptReply {
  const reply = { version: 1, form, givenAtMs: 0, head: { notes: [] }, answer } as const
  const read = readKept(JSON.stringify(reply))
  if (read === undefined) throw new Error('not read')
  return read
}

async function said(reply: ReturnType<typeof replayed>): Promise<unknown> {
  if (reply === undefined) return undefined
  if (reply.kind === 'whole') return reply.response
  const events: readonly ChatEvent[] =
    reply.kind === 'stream'
      ? (await drain(reply.events)).flat()
      : (await drain(reply.pieces)).flatMap((piece) => piece.events)
  return collect({ origin: { dialect: '' }, model: '' }, events)
}

describe('a whole answer', () => {
  const answer = { kind: 'whole', response: RESPONSE } as const

  it('comes back whole, at no cost, and as a stream', async () => {
    const whole = replayed(kept(answer), { form: 'one', streams: false })
    expect(whole).toMatchObject({ kind: 'whole', cost: { nanoUsd: 0 } })
    expect(await said(whole)).toEqual(RESPONSE)
    const streamed = replayed(kept(answer), { form: 'two', streams: true })
    expect(streamed?.kind).toBe('stream')
    expect(await said(streamed)).toEqual(RESPONSE)
  })

  it('has the words of its provider only for who asked in the same form', () => {
    const passed = { lane: 'bytes', contentType: 'application/json', text: '{ "a":1.0 }' } as const
    const own = { ...answer, passed }
    expect(replayed(kept(own), { form: 'one', streams: false })).toMatchObject({ passed })
    expect(replayed(kept(own), { form: 'two', streams: false })).not.toHaveProperty('passed')
  })
})

describe('a stream', () => {
  const [start, ...rest]: readonly ChatEvent[] = [
    { type: 'response-start', origin: { dialect: 'fake' }, model: 'tiny' },
    { type: 'part-start', index: 0, candidate: 0, part: { type: 'text', text: '' } },
    { type: 'part-delta', index: 0, delta: { kind: 'text', text: 'Hé' } },
    { type: 'part-end', index: 0 },
    { type: 'candidate-end', candidate: 0, finish: { reason: 'stop' } },
    { type: 'usage-update', usage: { total: 3 } },
    { type: 'response-end' },
  ]
  if (start === undefined) throw new Error('no start')
  const events = [start, ...rest]

  it('comes back event for event, byte for byte, and whole', async () => {
    const pieces = [
      { text: 'data: é\n\n', events: [start] },
      { text: 'data: [DONE]\n\n', events: rest },
    ]
    const bytes = {
      kind: 'bytes',
      lane: 'bytes',
      contentType: 'text/event-stream',
      pieces,
    } as const
    const again = replayed(kept(bytes), { form: 'one', streams: true })
    if (again?.kind !== 'bytes') throw new Error('not bytes')
    const read = await drain(again.pieces)
    expect(new TextDecoder().decode(Buffer.concat(read.map((piece) => piece.bytes)))).toBe(
      'data: é\n\ndata: [DONE]\n\n',
    )
    const other = replayed(kept(bytes), { form: 'two', streams: true })
    expect(other?.kind === 'stream' && (await drain(other.events)).flat()).toEqual(events)
    const whole = replayed(kept({ kind: 'stream', events }), { form: 'two', streams: false })
    expect(await said(whole)).toEqual(collect({ origin: { dialect: '' }, model: '' }, events))
  })

  it('without counts is not told whole', () => {
    const uncounted = events.filter(({ type }) => type !== 'usage-update')
    const answer = { kind: 'stream', events: uncounted } as const
    expect(replayed(kept(answer), { form: 'two', streams: false })).toBeUndefined()
  })
})

it('what another version wrote, or nobody, is not read', () => {
  expect(['', '{}', '[]', 'null', '{"version":2}'].map(readKept)).toEqual(Array(5).fill(undefined))
})
