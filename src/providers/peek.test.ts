// The first event decides whether a stream begins at all.
import { describe, expect, it } from 'vitest'
import { drain, failureOf } from '../../test/context.ts'
import { GatewayError } from '../canonical/errors.ts'
import type { ChatEvent } from '../canonical/event.ts'
import { peeked } from './peek.ts'

const START: ChatEvent = { type: 'response-start', origin: { dialect: 'library' } }
const END: ChatEvent = { type: 'response-end' }

function source(events: readonly ChatEvent[]): {
  readonly events: AsyncIterable<ChatEvent>
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
  return { events: generate(), left: () => left }
}

describe('peeked', () => {
  it('gives every event, the first included', async () => {
    await expect(drain(await peeked(source([START, END]).events))).resolves.toEqual([START, END])
  })

  it('does not count pings as a beginning', async () => {
    const events = await peeked(source([{ type: 'ping' }, START, END]).events)
    await expect(drain(events)).resolves.toEqual([START, END])
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
