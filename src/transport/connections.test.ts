// Connections to one place, over real sockets: used again, the last one first, and forgotten when they are closed.
import { afterEach, beforeEach, expect, it } from 'vitest'
import { type FakeUpstream, type SeenRequest, openUpstream } from '../../test/fake-upstream.ts'
import { Connections } from './connections.ts'

let upstream: FakeUpstream
let connections: Connections

beforeEach(async () => {
  upstream = await openUpstream()
  connections = new Connections(upstream.url, { keepAliveTimeout: 60_000 })
})

afterEach(async () => {
  await connections.destroy()
  await upstream.close()
})

/** Resolves with the status, or the error, when the call is over. */
function call(): Promise<unknown> {
  return new Promise((resolve) => {
    let seen: unknown
    connections.dispatch(
      { method: 'GET', path: '/' },
      {
        onRequestStart: () => undefined,
        onResponseStart: (_controller, status) => {
          seen = status
        },
        onResponseData: () => undefined,
        onResponseEnd: () => resolve(seen),
        onResponseError: (_controller, error) => resolve(error),
      },
    )
  })
}

/** A connection is kept back for one turn, in case its other side closes it. */
async function turn(): Promise<void> {
  await new Promise((resolve) => {
    setImmediate(resolve)
  })
}

it('opens one for each call that is under way, and uses the last one first', async () => {
  upstream.answer(() => ({ chunks: ['ok'], ending: 'stall' }))
  const asked: { readonly seen: SeenRequest; readonly answered: Promise<unknown> }[] = []
  for (let count = 0; count < 3; count += 1) {
    const answered = call()
    asked.push({ seen: await upstream.nextRequest(), answered })
  }
  expect(upstream.connections).toBe(3)
  for (const at of [0, 2, 1]) {
    asked[at]?.seen.end()
    await asked[at]?.answered
    await turn()
  }
  upstream.answer(() => ({ chunks: ['ok'] }))
  expect(await call()).toBe(200)
  expect(upstream.requests.at(-1)?.connection).toBe(asked[1]?.seen.connection)
  expect(upstream.connections).toBe(3)
})

it('opens another for one that was closed while it was free', async () => {
  connections = new Connections(upstream.url, { keepAliveTimeout: 1 })
  upstream.answer(() => ({ chunks: ['ok'] }))
  expect(await call()).toBe(200)
  await upstream.requests[0]?.closed
  expect(await call()).toBe(200)
  expect(upstream.connections).toBe(2)
})

it('goes on after a connection that broke, and after one that could not be opened', async () => {
  upstream.reply({ ending: 'reset' })
  expect(await call()).toBeInstanceOf(Error)
  upstream.answer(() => ({ chunks: ['ok'] }))
  expect(await call()).toBe(200)

  let isOpen = false
  const nowhere = new Connections(upstream.url, {
    connect: (_target, callback) => {
      isOpen = true
      callback(new Error('no way there'), null)
    },
  })
  connections = nowhere
  for (let count = 0; count < 3; count += 1) {
    expect(await call()).toMatchObject({ message: 'no way there' })
  }
  expect(isOpen).toBe(true)
})

it('ends what is under way when it is destroyed', async () => {
  upstream.reply({ ending: 'silent' })
  const ended = call()
  const seen = await upstream.nextRequest()
  await connections.destroy()
  expect(await ended).toBeInstanceOf(Error)
  await seen.closed
})
