// The beginning decides whether a stream begins at all: an error behind the opening is an early failure too.
import { describe, expect, it } from 'vitest'
import { drain, failureOf } from '../../test/context.ts'
import { GatewayError } from '../canonical/errors.ts'
import type { ChatEvent } from '../canonical/event.ts'
import { peeked } from './peek.ts'
import { singly } from '../exchange/singly.ts'

const START: ChatEvent = { type: 'response-start', origin: { dialect: 'library' } }
const USAGE: ChatEvent = { type: 'usage-update', usage: { input: { total: 3 } } }
const NATIVE: ChatEvent = { type: 'native', dialect: 'alpha', value: {} }
const PART: ChatEvent = {
  type: 'part-start',
  index: 0,
  candidate: 0,
  part: { type: 'text', text: '' },
}
const WORD: ChatEvent = { type: 'part-delta', index: 0, delta: { kind: 'text', text: 'Hi' } }
const THOUGHT: ChatEvent = {
  type: 'part-start',
  index: 0,
  candidate: 0,
  part: { type: 'reasoning', text: '' },
}
const END: ChatEvent = { type: 'response-end' }

function source(events: readonly ChatEvent[]): {
  readonly events: AsyncIterable<readonly ChatEvent[]>
  readonly left: () => boolean
} {
  let left = false
  async function* generate(): AsyncIterable<ChatEvent> {
    try {
      yield* events
    } finally {
      left = true
    }
  }
  return { events: singly(generate()), left: () => left }
}

describe('peeked', () => {
  it('gives every event, the first included', async () => {
    const events = await peeked(source([START, END]).events)
    expect(await drain(events)).toEqual([[START], [END]])
  })

  it('does not count pings as a beginning', async () => {
    const events = await peeked(source([{ type: 'ping' }, START, END]).events)
    expect(await drain(events)).toEqual([[START], [END]])
  })

  it('rejects with the error that comes first, and leaves the source', async () => {
    const error = new GatewayError('quota', 'empty')
    const from = source([{ type: 'error', error }, END])
    expect(await failureOf(peeked(from.events))).toBe(error)
    expect(from.left()).toBe(true)
  })

  it('rejects when there is nothing', async () => {
    expect(await failureOf(peeked(source([]).events))).toMatchObject({ code: 'empty_stream' })
  })

  it('rejects with what the source throws', async () => {
    const error = new GatewayError('timeout', 'late')
    const events = { [Symbol.asyncIterator]: () => ({ next: () => Promise.reject(error) }) }
    expect(await failureOf(peeked(events))).toBe(error)
  })

  it('leaves the source when nobody reads on', async () => {
    const from = source([START, END])
    const events = await peeked(from.events)
    await events[Symbol.asyncIterator]().return?.()
    expect(from.left()).toBe(true)
  })
})

describe('an opening', () => {
  it.each([
    ['is followed by an error', [START]],
    ['is followed by counts, frames of its own and an error', [START, USAGE, NATIVE]],
    ['stands behind pings', [{ type: 'ping' } as const, START, { type: 'ping' } as const]],
    ['begins an empty part', [START, PART]],
    ['begins a thought that has no words', [START, THOUGHT]],
    ['ends an empty part', [START, PART, { type: 'part-end', index: 0 } as const]],
    [
      'says a word without letters',
      [START, PART, { type: 'part-delta', index: 0, delta: { kind: 'text', text: '' } } as const],
    ],
  ])('that %s is an early failure', async (_, opening) => {
    const error = new GatewayError('overloaded', 'busy')
    const from = source([...opening, { type: 'error', error }])
    expect(await failureOf(peeked(from.events))).toBe(error)
    expect(from.left()).toBe(true)
  })

  it('that is followed by nothing is an empty stream', async () => {
    expect(await failureOf(peeked(source([START, USAGE, PART]).events))).toMatchObject({
      code: 'empty_stream',
    })
  })

  it.each([
    ['a word', [START, NATIVE, USAGE, PART, WORD, END]],
    ['its end, though nothing was said', [START, PART, END]],
    ['a call', [START, { ...PART, part: call() }, END]],
  ])('is given again with all that came behind it once there is %s', async (_, all) => {
    const events = await peeked(source(all).events)
    expect((await drain(events)).flat()).toEqual(all)
  })

  it('is not waited behind once something has been said: a later error stays in the stream', async () => {
    const failed: ChatEvent = { type: 'error', error: new GatewayError('quota', 'x') }
    const all: ChatEvent[] = [START, PART, WORD, failed]
    const events = await peeked(source(all).events)
    expect((await drain(events)).flat()).toEqual(all)
  })
})

function call(): Extract<ChatEvent, { type: 'part-start' }>['part'] {
  const args = { text: '' }
  return { type: 'tool-call', callId: 'c', kind: 'function', name: 'look', arguments: args }
}
