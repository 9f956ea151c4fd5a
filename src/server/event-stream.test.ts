// What a listener of events is sent: what happens from then on, signs of life, and no more than it can take.
import { describe, expect, it } from 'vitest'
import { FakeTime, settled } from '../../test/server-fakes.ts'
import type { Happening } from '../exchange/happening.ts'
import { Happenings } from '../exchange/happenings.ts'
import { eventStream } from './event-stream.ts'

const OPEN: Happening = {
  type: 'target-state-changed',
  target: { provider: 'house', model: 'tiny' },
  from: 'closed',
  to: 'open',
  reason: 'timeout',
  waitMs: 5000,
}
const COUNTED: Happening = { type: 'stream-started', id: 'req_1' }

interface Listener {
  readonly happenings: Happenings
  readonly time: FakeTime
  readonly next: () => Promise<IteratorResult<string, unknown>>
  readonly leave: () => void
  readonly stop: () => void
}

async function listener(maxWaiting?: number): Promise<Listener> {
  const happenings = new Happenings()
  const time = new FakeTime()
  const client = new AbortController()
  const server = new AbortController()
  const stream = eventStream({
    happenings,
    now: time.now,
    after: time.after,
    keepAliveMs: 15_000,
    signal: client.signal,
    stopping: server.signal,
    ...(maxWaiting === undefined ? {} : { maxWaiting }),
  })
  const next = (): Promise<IteratorResult<string, unknown>> => stream.next()
  await next()
  const leave = (): void => client.abort()
  return { happenings, time, next, leave, stop: () => server.abort() }
}

const SENT = `event: target-state-changed
data: {"at":"1970-01-01T00:00:00.000Z","provider":"house","model":"tiny","from":"closed","to":"open","reason":"timeout","wait_ms":5000}

`

describe('eventStream', () => {
  it('sends what changes, and not what each call goes through', async () => {
    const { happenings, next } = await listener()
    const sent = next()
    happenings.tell(COUNTED)
    happenings.tell(OPEN)
    expect(await sent).toEqual({ done: false, value: SENT })
  })

  it('sends a sign of life in silence', async () => {
    const { time, next, happenings } = await listener()
    const sent = next()
    await time.pass(15_000)
    expect(await sent).toEqual({ done: false, value: ': alive\n\n' })
    const event = next()
    happenings.tell({ ...OPEN, to: 'half-open' })
    expect((await event).value).toContain('"to":"half-open"')
    expect(time.waiting).toBe(0)
  })

  it('drops the oldest for a listener that is too slow, and says how many', async () => {
    const { happenings, next } = await listener(2)
    for (const to of ['open', 'half-open', 'slow-start', 'closed'] as const) {
      happenings.tell({ ...OPEN, to })
    }
    expect((await next()).value).toBe('event: lost\ndata: {"events":2}\n\n')
    expect((await next()).value).toContain('"to":"slow-start"')
    expect((await next()).value).toContain('"to":"closed"')
  })

  it('ends at once for a listener that has gone, and hears nothing more', async () => {
    const { next, leave, time, happenings } = await listener()
    const sent = next()
    await settled()
    leave()
    expect(await sent).toEqual({ done: true, value: undefined })
    expect(time.waiting).toBe(0)
    happenings.tell(OPEN)
    expect((await next()).done).toBe(true)
  })

  it('sends what is waiting when the server stops, and ends', async () => {
    const { happenings, next, stop } = await listener()
    happenings.tell(OPEN)
    stop()
    expect((await next()).value).toBe(SENT)
    expect((await next()).done).toBe(true)
  })
})
