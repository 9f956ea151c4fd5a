// The caller's patience, on a clock that only the tests move.
import { describe, expect, it } from 'vitest'
import { chatExchange, wholeReply } from '../../test/chat-exchange.ts'
import type { ChatEvent } from '../canonical/event.ts'
import type { ChatExchange, Exchange, Reply } from '../exchange/exchange.ts'
import type { After } from '../canonical/after.ts'
import { deadline } from './deadline.ts'

class Time {
  nowMs = 1000
  readonly alarms = new Map<object, { readonly at: number; readonly run: () => void }>()
  readonly alarm: After = (ms, run) => {
    const key = {}
    this.alarms.set(key, { at: this.nowMs + ms, run })
    return () => void this.alarms.delete(key)
  }

  pass(ms: number): void {
    this.nowMs += ms
    for (const [key, { at, run }] of this.alarms) {
      if (at > this.nowMs) continue
      this.alarms.delete(key)
      run()
    }
  }
}

/** A call whose handler waits until it is told what to answer. */
function call(changes: Partial<ChatExchange> = {}): {
  readonly time: Time
  readonly seen: Exchange[]
  readonly answer: (reply: Reply) => void
  readonly reply: Promise<Reply>
} {
  const time = new Time()
  const seen: Exchange[] = []
  const held = Promise.withResolvers<Reply>()
  const middleware = deadline({ clock: () => time.nowMs, alarm: time.alarm, timeoutOf: () => 9000 })
  const reply = middleware((exchange) => {
    seen.push(exchange)
    return held.promise
  })(chatExchange(changes))
  reply.catch(() => undefined)
  return { time, seen, answer: held.resolve, reply }
}

const OVERDUE = { kind: 'timeout', status: 504, code: 'deadline_exceeded', origin: 'client' }

describe('deadline', () => {
  it.each<[string, Partial<ChatExchange>, number]>([
    ['the default', {}, 10_000],
    ['what the caller gives', { timeoutMs: 300 }, 1300],
    ['what the caller waits for the beginning', { beginMs: 200, timeoutMs: 300 }, 1200],
    ['a deadline from outside', { deadlineMs: 1100, timeoutMs: 300 }, 1100],
  ])('is the smallest: %s', (_what, changes, deadlineMs) => {
    expect(call(changes).seen[0]?.deadlineMs).toBe(deadlineMs)
  })

  it('tells whoever works by its signal, with the reason', async () => {
    const { time, seen, reply } = call({ timeoutMs: 300 })
    time.pass(299)
    expect(seen[0]?.signal.aborted).toBe(false)
    time.pass(1)
    expect(seen[0]?.signal.reason).toMatchObject(OVERDUE)
    time.pass(50)
    await expect(reply).rejects.toMatchObject(OVERDUE)
    expect(time.alarms.size).toBe(0)
  })

  it('leaves an answer that comes too late', async () => {
    const left = Promise.withResolvers<void>()
    const events: AsyncIterable<readonly ChatEvent[]> = {
      [Symbol.asyncIterator]: () => ({
        next: async () => ({ done: true, value: undefined }),
        return: async () => {
          left.resolve()
          return { done: true, value: undefined }
        },
      }),
    }
    const { time, answer, reply } = call({ timeoutMs: 300 })
    time.pass(300)
    time.pass(50)
    await expect(reply).rejects.toMatchObject(OVERDUE)
    answer({ kind: 'stream', events, notes: [] })
    await left.promise
  })

  it('is over once a whole answer is there', async () => {
    const { time, answer, reply, seen } = call()
    const whole = wholeReply()
    answer(whole)
    expect(await reply).toBe(whole)
    expect(time.alarms.size).toBe(0)
    time.pass(10_000)
    expect(seen[0]?.signal.aborted).toBe(false)
  })

  it('ends a stream that goes on for too long, but not for who waits only for its beginning', async () => {
    const held = Promise.withResolvers<IteratorResult<readonly ChatEvent[]>>()
    const events = { [Symbol.asyncIterator]: () => ({ next: () => held.promise }) }
    const { time, answer, reply, seen } = call({ beginMs: 200 })
    answer({ kind: 'stream', events, notes: [] })
    await reply
    time.pass(8999)
    expect(seen[0]?.signal.aborted).toBe(false)
    time.pass(1)
    expect(seen[0]?.signal.reason).toMatchObject(OVERDUE)
  })

  it('passes on that the client has gone', () => {
    const gone = new AbortController()
    const { seen } = call({ signal: gone.signal })
    gone.abort('gone')
    expect(seen[0]?.signal.reason).toBe('gone')
  })
})
