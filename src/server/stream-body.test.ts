// A stream on its way to the client: in order, kept alive, ended in words, and cancelled when nobody reads.
import { describe, expect, it, vi } from 'vitest'
import { GatewayError } from '../canonical/errors.ts'
import type { ChatEvent } from '../canonical/event.ts'
import type { StreamEncoder } from '../dialects/dialect.ts'
import type { PassedPiece } from '../exchange/exchange.ts'
import type { AnswerFraming, Frame } from '../wire/frame.ts'
import { FakeTime, settled } from '../../test/server-fakes.ts'
import { type StreamBodyOptions, PassedBody, StreamBody } from './stream-body.ts'

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

/** Steps of a stream that come when the test says so. */
class Pushed<T> implements AsyncIterableIterator<T> {
  #waiting: PromiseWithResolvers<IteratorResult<T>> | undefined
  cancelled = false

  next(): Promise<IteratorResult<T>> {
    this.#waiting = Promise.withResolvers()
    return this.#waiting.promise
  }

  async return(): Promise<IteratorResult<T>> {
    this.cancelled = true
    return { done: true, value: undefined }
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  push(value: T): void {
    this.#waiting?.resolve({ done: false, value })
  }

  end(): void {
    this.#waiting?.resolve({ done: true, value: undefined })
  }

  fail(error: unknown): void {
    this.#waiting?.reject(error)
  }
}

/** One event at once. */
class PushedEvents extends Pushed<readonly ChatEvent[]> {
  override push(event: ChatEvent | readonly ChatEvent[]): void {
    super.push('type' in event ? [event] : event)
  }
}

interface Desk {
  readonly time: FakeTime
  readonly gone: AbortController
}

interface Setup extends Desk {
  readonly events: PushedEvents
  readonly body: StreamBody
}

interface PassedSetup extends Desk {
  readonly pieces: Pushed<PassedPiece>
  readonly body: PassedBody
}

function optionsOf(
  { time, gone }: Desk,
  encoder: StreamEncoder,
  framing: AnswerFraming = 'sse',
): Omit<StreamBodyOptions, 'events'> {
  const { signal } = gone
  return { encoder, framing, keepAliveMs: 15_000, after: time.after, signal }
}

function setup(encoder: StreamEncoder = new TypeEncoder(), framing: AnswerFraming = 'sse'): Setup {
  const desk = { time: new FakeTime(), gone: new AbortController() }
  const events = new PushedEvents()
  return { ...desk, events, body: new StreamBody({ events, ...optionsOf(desk, encoder, framing) }) }
}

function passing(): PassedSetup {
  const desk = { time: new FakeTime(), gone: new AbortController() }
  const pieces = new Pushed<PassedPiece>()
  const body = new PassedBody({ pieces, ...optionsOf(desk, new TypeEncoder()) })
  return { ...desk, pieces, body }
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

  it('gives one piece for all that came at once', async () => {
    const { events, body } = setup()
    const first = body.next()
    events.push([ping, { type: 'usage-update', usage: {} }, { type: 'response-end' }])
    expect((await first).value).toBe('data: ping\n\ndata: response-end\n\n')
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
    await body.return()
    expect(events.cancelled).toBe(true)
    expect(time.waiting).toBe(0)
  })
})

const bytes = Uint8Array.of(1, 0, 255)
const cut = new GatewayError('upstream', 'Cut.', { code: 'upstream_truncated' })

describe('a passed stream', () => {
  it('gives the very bytes, and nothing at its end', async () => {
    const { pieces, body, time } = passing()
    const first = body.next()
    pieces.push({ bytes, events: [ping] })
    expect((await first).value).toBe(bytes)
    const second = body.next()
    pieces.push({ bytes: new Uint8Array(0), events: [ping] })
    await settled()
    pieces.end()
    expect((await second).done).toBe(true)
    expect(time.waiting).toBe(0)
  })

  it('is kept alive between frames and never inside one', async () => {
    const { pieces, body, time } = passing()
    const first = body.next()
    await time.pass(15_000)
    expect((await first).value).toBe(': alive\n\n')
    const second = body.next()
    pieces.push({ bytes, events: [], open: true })
    await second
    const third = body.next()
    await time.pass(15_000)
    await time.pass(15_000)
    pieces.push({ bytes, events: [], open: true })
    expect((await third).value).toBe(bytes)
  })

  it('tells a failure as going on from what the bytes have said', async () => {
    const encoder = new TypeEncoder()
    const heard = vi.spyOn(encoder, 'write')
    const desk = { time: new FakeTime(), gone: new AbortController() }
    const pieces = new Pushed<PassedPiece>()
    const body = new PassedBody({ pieces, ...optionsOf(desk, encoder) })
    const first = body.next()
    const start: readonly ChatEvent[] = [
      { type: 'response-start', origin: { dialect: 'test' }, id: 'a' },
      { type: 'part-start', index: 0, candidate: 0, part: { type: 'text', text: 'one ' } },
    ]
    pieces.push({ bytes, events: start })
    await first
    const second = body.next()
    const delta: ChatEvent = { type: 'part-delta', index: 0, delta: { kind: 'text', text: 'two' } }
    expect(heard).not.toHaveBeenCalled()
    pieces.push({ bytes, events: [delta, { type: 'error', error: cut }] })
    expect((await second).value).toBe(bytes)
    expect((await body.next()).value).toBe('data: error:upstream_truncated\n\n')
    expect(heard.mock.calls.map(([event]) => event)).toMatchObject([
      { type: 'response-start', id: 'a' },
      { type: 'part-start', part: { text: 'one two' } },
      { type: 'part-end' },
      { type: 'error' },
    ])
  })

  it('says an error that its bytes do not hold, and then no more', async () => {
    const { pieces, body } = passing()
    const first = body.next()
    pieces.push({ bytes, events: [ping, { type: 'error', error: cut }] })
    expect((await first).value).toBe(bytes)
    expect((await body.next()).value).toBe('data: error:upstream_truncated\n\n')
    expect((await body.next()).done).toBe(true)
    expect(pieces.cancelled).toBe(true)
  })

  it('breaks the connection where no word fits in', async () => {
    const { pieces, body } = passing()
    const first = body.next()
    pieces.push({ bytes, events: [], open: true })
    await first
    const second = body.next()
    pieces.push({ bytes: new Uint8Array(0), events: [{ type: 'error', error: cut }], open: true })
    await expect(second).rejects.toBe(cut)
    expect(pieces.cancelled).toBe(true)
  })

  it('is told in words that the server stops', async () => {
    const { pieces, body, gone } = passing()
    const piece = body.next()
    await settled()
    gone.abort(new GatewayError('overloaded', 'Stopping.', { code: 'gateway_draining' }))
    expect((await piece).value).toBe('data: error:gateway_draining\n\n')
    expect(pieces.cancelled).toBe(true)
  })

  it('cancels its upstream when the reader leaves', async () => {
    const { pieces, body, time } = passing()
    const piece = body.next()
    pieces.push({ bytes, events: [] })
    await piece
    await body.return()
    expect(pieces.cancelled).toBe(true)
    expect(time.waiting).toBe(0)
  })
})
