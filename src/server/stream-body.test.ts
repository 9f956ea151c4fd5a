// A stream on its way to the client: in order, kept alive, ended in words, and cancelled when nobody reads.
import { describe, expect, it } from 'vitest'
import { GatewayError } from '../canonical/errors.ts'
import type { ChatEvent } from '../canonical/event.ts'
import type { StreamEncoder } from '../dialects/dialect.ts'
import type { AnswerFraming, Frame } from '../wire/frame.ts'
import { FakeTime, settled } from '../../test/server-fakes.ts'
import { streamBody } from './stream-body.ts'

/** Prints the type of each event. */
class TypeEncoder implements StreamEncoder {
  readonly notes = []
  readonly #alive: Frame | undefined

  constructor(alive: Frame | undefined = { data: '', comment: 'alive' }) {
    this.#alive = alive
  }

  write(event: ChatEvent): readonly Frame[] {
    if (event.type === 'usage-update') return []
    return [{ data: event.type === 'error' ? `error:${event.error.code}` : event.type }]
  }

  finish(): readonly Frame[] {
    return [{ data: 'end' }]
  }

  keepAlive(): Frame | undefined {
    return this.#alive
  }
}

/** Events that come when the test says so. */
class Pushed implements AsyncIterableIterator<ChatEvent> {
  #waiting: PromiseWithResolvers<IteratorResult<ChatEvent>> | undefined
  cancelled = false

  next(): Promise<IteratorResult<ChatEvent>> {
    this.#waiting = Promise.withResolvers()
    return this.#waiting.promise
  }

  async return(): Promise<IteratorResult<ChatEvent>> {
    this.cancelled = true
    return { done: true, value: undefined }
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  push(value: ChatEvent): void {
    this.#waiting?.resolve({ done: false, value })
  }

  end(): void {
    this.#waiting?.resolve({ done: true, value: undefined })
  }

  fail(error: unknown): void {
    this.#waiting?.reject(error)
  }
}

interface Setup {
  readonly events: Pushed
  readonly time: FakeTime
  readonly gone: AbortController
  readonly body: AsyncGenerator<string>
}

function setup(encoder: StreamEncoder = new TypeEncoder(), framing: AnswerFraming = 'sse'): Setup {
  const events = new Pushed()
  const time = new FakeTime()
  const gone = new AbortController()
  const body = streamBody({
    events,
    encoder,
    framing,
    keepAliveMs: 15_000,
    after: time.after,
    signal: gone.signal,
  })
  return { events, time, gone, body }
}

const ping: ChatEvent = { type: 'ping' }

describe('a stream', () => {
  it('gives a piece for each event and ends with what the encoder still owes', async () => {
    const { events, body, time } = setup()
    const first = body.next()
    events.push(ping)
    expect((await first).value).toBe('data: ping\n\n')
    const second = body.next()
    events.end()
    expect((await second).value).toBe('data: end\n\n')
    expect((await body.next()).done).toBe(true)
    expect(time.waiting).toBe(0)
  })

  it('is one JSON array where the client wants that, kept alive and closed, after a failure too', async () => {
    const encoder = new (class extends TypeEncoder {
      override write(event: ChatEvent): readonly Frame[] {
        return super.write(event).map(({ data }) => ({ data: JSON.stringify(data) }))
      }
      override finish(): readonly Frame[] {
        return []
      }
    })()
    const { events, body, time } = setup(encoder, 'json-array')
    const pieces = [body.next()]
    await time.pass(15_000)
    await pieces[0]
    pieces.push(body.next())
    events.push(ping)
    await pieces[1]
    pieces.push(body.next())
    events.fail(new GatewayError('upstream', 'cut', { code: 'cut' }))
    const text = (await Promise.all(pieces)).map(({ value }) => value).join('')
    expect(text).toMatch(/^\n\[/)
    expect(JSON.parse(text)).toEqual(['ping', 'error:cut'])
    expect((await body.next()).done).toBe(true)
  })

  it('sends nothing for an event that says nothing', async () => {
    const { events, body } = setup()
    const piece = body.next()
    events.push({ type: 'usage-update', usage: {} })
    await settled()
    events.push(ping)
    expect((await piece).value).toBe('data: ping\n\n')
  })

  it('is kept alive after each silence, without losing the event that is awaited', async () => {
    const { events, body, time } = setup()
    const first = body.next()
    await time.pass(14_999)
    await time.pass(1)
    expect((await first).value).toBe(': alive\n\n')
    const second = body.next()
    await time.pass(15_000)
    expect((await second).value).toBe(': alive\n\n')
    const third = body.next()
    events.push(ping)
    expect((await third).value).toBe('data: ping\n\n')
  })

  it('stays silent where the framing has nothing harmless to say', async () => {
    const { events, body, time } = setup(
      new (class extends TypeEncoder {
        override keepAlive(): undefined {
          return undefined
        }
      })(),
    )
    const piece = body.next()
    await time.pass(15_000)
    await time.pass(15_000)
    events.push(ping)
    expect((await piece).value).toBe('data: ping\n\n')
  })

  it('that breaks ends in an error of its protocol', async () => {
    const { events, body } = setup()
    const piece = body.next()
    events.fail(new GatewayError('upstream', 'Cut.', { code: 'upstream_truncated' }))
    expect((await piece).value).toBe('data: error:upstream_truncated\n\ndata: end\n\n')
    expect((await body.next()).done).toBe(true)
  })

  it('that breaks for a reason of our own keeps that reason inside', async () => {
    const { events, body } = setup()
    const piece = body.next()
    events.fail(new TypeError('canary-secret'))
    expect((await piece).value).not.toContain('canary-secret')
  })

  it('is told in words that the server stops', async () => {
    const { events, body, gone } = setup()
    const piece = body.next()
    await settled()
    gone.abort(new GatewayError('overloaded', 'Stopping.', { code: 'gateway_draining' }))
    expect((await piece).value).toContain('data: error:gateway_draining\n\n')
    expect(events.cancelled).toBe(true)
  })

  it('ends at once when the client had gone before it began', async () => {
    const { body, gone, events } = setup()
    gone.abort(new GatewayError('cancelled', 'Gone.', { code: 'gone' }))
    expect((await body.next()).value).toContain('data: error:gone\n\n')
    expect(events.cancelled).toBe(true)
  })

  it('cancels its events when the reader leaves', async () => {
    const { events, body, time } = setup()
    const piece = body.next()
    events.push(ping)
    await piece
    await body.return(undefined)
    expect(events.cancelled).toBe(true)
    expect(time.waiting).toBe(0)
  })
})
