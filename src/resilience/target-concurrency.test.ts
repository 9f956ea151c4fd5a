// A target gets as many calls at once as it takes; the others wait here, in turn, and not for ever.
import { describe, expect, it } from 'vitest'
import { OpenStream, chatExchange, readReply } from '../../test/chat-exchange.ts'
import { failureOf } from '../../test/context.ts'
import { FakeTime, settled } from '../../test/server-fakes.ts'
import { GatewayError } from '../canonical/errors.ts'
import type { Handler } from '../exchange/exchange.ts'
import type { ConcurrencyOptions } from './overload-options.ts'
import { targetConcurrency } from './target-concurrency.ts'

interface Stage {
  readonly time: FakeTime
  readonly streams: OpenStream[]
  readonly handle: Handler
}

function stage(concurrency: ConcurrencyOptions | undefined, answer?: Handler): Stage {
  const time = new FakeTime()
  const streams: OpenStream[] = []
  const { after, now: clock } = time
  const middleware = targetConcurrency({
    after,
    clock,
    isOverloaded: () => false,
    optionsOf: ({ provider }) => (provider === 'free' ? undefined : concurrency),
  })
  const handle = middleware(async (exchange) => {
    if (answer !== undefined) return answer(exchange)
    const stream = new OpenStream()
    streams.push(stream)
    return stream.reply()
  })
  return { time, streams, handle }
}

const failing: Handler = async () => Promise.reject(new GatewayError('timeout', 'Late.'))

const ONE = { initial: 1, max: 1, queueMs: 1000 }

describe('a target that takes one call at once', () => {
  it('gets the next when the one before has ended', async () => {
    const { handle, streams } = stage(ONE)
    const first = await handle(chatExchange())
    const second = handle(chatExchange())
    await settled()
    expect(streams).toHaveLength(1)
    streams[0]?.end()
    await readReply(first)
    await second
    expect(streams).toHaveLength(2)
  })

  it('is busy for who has waited long enough, or has no time', async () => {
    const { handle, time } = stage(ONE)
    await handle(chatExchange())
    const waiting = failureOf(handle(chatExchange()))
    await time.pass(1000)
    expect(await waiting).toMatchObject({ kind: 'overloaded', code: 'target_busy' })
    const late = await failureOf(handle(chatExchange({ deadlineMs: 1000 })))
    expect(late).toMatchObject({ code: 'target_busy' })
    expect(time.waiting).toBe(0)
  })

  it('does not hold back calls to others', async () => {
    const { handle, streams } = stage(ONE)
    await handle(chatExchange())
    await handle(chatExchange({ target: { provider: 'b', model: 'm' } }))
    await handle(chatExchange({ target: { provider: 'free', model: 'm' } }))
    await handle(chatExchange({ target: { provider: 'free', model: 'm' } }))
    expect(streams).toHaveLength(4)
  })

  it('F091 is never asked for a client that left while it waited', async () => {
    const { handle, streams, time } = stage(ONE)
    const first = await handle(chatExchange())
    const leaving = new AbortController()
    const waiting = failureOf(handle(chatExchange({ signal: leaving.signal })))
    leaving.abort(new GatewayError('cancelled', 'Gone.', { code: 'client_gone' }))
    expect(await waiting).toMatchObject({ code: 'client_gone' })
    streams[0]?.end()
    await readReply(first)
    await handle(chatExchange())
    expect(streams).toHaveLength(2)
    expect(time.waiting).toBe(0)
  })

  it('is free again after a failure', async () => {
    const { handle } = stage(ONE, failing)
    for (let count = 0; count < 3; count += 1) {
      expect(await failureOf(handle(chatExchange()))).toMatchObject({ kind: 'timeout' })
    }
  })
})

it('a target that shows to take more gets it while calls wait', async () => {
  const { handle, streams } = stage({ initial: 1, max: 9, queueMs: 1000 })
  const first = handle(chatExchange())
  const second = handle(chatExchange())
  await Promise.all([first, second])
  expect(streams).toHaveLength(2)
})
