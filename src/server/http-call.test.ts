// A client that keeps up costs no timer and one write for a whole answer; one that does not is waited for.
import { Socket } from 'node:net'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { RawClient, head } from '../../test/raw-client.ts'
import { FakeTime, settled } from '../../test/server-fakes.ts'
import type { Application, Inbound } from './message.ts'
import { type NodeServer, createNodeServer } from './node.ts'

const opened: { server?: NodeServer; client?: RawClient } = {}

afterEach(async () => {
  vi.restoreAllMocks()
  opened.client?.socket.destroy()
  await opened.server?.close()
})

interface Asking {
  readonly client: RawClient
  /** How many timers were ever set. */
  readonly timers: () => number
}

async function open(application: Application): Promise<Asking> {
  const time = new FakeTime()
  let timers = 0
  const server = createNodeServer({
    application,
    after: (milliseconds, run) => {
      timers += 1
      return time.after(milliseconds, run)
    },
  })
  const client = new RawClient(await server.listen('127.0.0.1', 0))
  Object.assign(opened, { server, client })
  return { client, timers: () => timers }
}

/** Answers with what it was sent. */
const echo: Application = async (inbound) => {
  const bytes = await inbound.readBody(100_000)
  return { status: 200, headers: { 'x-a': 'b' }, body: Buffer.from(bytes).toString() }
}

function post(body: string): string {
  return `${head('POST', [`Content-Length: ${body.length}`])}${body}`
}

describe('a whole call of a client that keeps up', () => {
  it('sets no timer, neither for its body nor for its answer', async () => {
    const { client, timers } = await open(echo)
    await client.send(post('hello there')).until(/hello there/)
    await client.send(post('once more')).until(/once more/)
    expect(timers()).toBe(0)
  })

  it('is answered in one write, head and body together', async () => {
    const { client } = await open(echo)
    await client.send(post('hello there')).until(/hello there/)
    const write = vi.spyOn(Socket.prototype, '_write')
    const writev = vi.spyOn(Socket.prototype, '_writev')
    await client.send(post('once more')).until(/once more/)
    const ours = write.mock.contexts.filter((socket) => socket !== client.socket)
    expect([ours.length, writev.mock.contexts.length]).toEqual([1, 0])
    expect(client.text).toMatch(/x-a: b\r\ncontent-length: 9\r\n[^]*\r\n\r\nonce more$/)
  })
})

describe('a body that is not there with its head', () => {
  it('is timed while it comes, and not after', async () => {
    const { client, timers } = await open(echo)
    client.send(head('POST', ['Content-Length: 6']))
    while (timers() === 0) await settled()
    client.send('abc')
    await settled()
    await client.send('def').until(/abcdef/)
    expect(timers()).toBeGreaterThan(2)
  })

  it('of a client that leaves is an error, for nobody to hear but the application', async () => {
    const failed = Promise.withResolvers<unknown>()
    const { client, timers } = await open(async (inbound) => {
      await inbound.readBody(100).catch(failed.resolve)
      return { status: 200, headers: {}, body: '' }
    })
    client.send(`${head('POST', ['Content-Length: 6'])}abc`)
    while (timers() === 0) await settled()
    client.socket.destroy()
    expect(await failed.promise).toBeInstanceOf(Error)
  })
})

describe('a request', () => {
  it('has a signal also where nobody asked for it before its client left', async () => {
    const seen = Promise.withResolvers<Inbound>()
    const gate = Promise.withResolvers<void>()
    const { client } = await open(async (inbound) => {
      seen.resolve(inbound)
      await gate.promise
      return { status: 200, headers: {}, body: '' }
    })
    client.send(head('GET'))
    const inbound = await seen.promise
    client.socket.destroy()
    while (opened.server?.calls === 1 && !inbound.signal.aborted) await settled()
    gate.resolve()
    expect(inbound.signal.reason).toMatchObject({ code: 'client_gone' })
  })

  it('without a body is read as one of no bytes', async () => {
    const { client } = await open(async (inbound) => {
      const bytes = await inbound.readBody(10)
      return { status: 200, headers: {}, body: `${bytes.length} bytes` }
    })
    await client.send(head('GET')).until(/0 bytes/)
  })
})

describe('an answer', () => {
  it('to several requests at once comes in their order', async () => {
    const gates = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
    const { client } = await open(async ({ url }) => {
      await gates[Number(url.slice(1))]?.promise
      return { status: 200, headers: {}, body: `answer ${url};` }
    })
    client.send(`${head('GET', [], '/0')}${head('GET', [], '/1')}`)
    while ((opened.server?.calls ?? 0) < 2) await settled()
    gates[1]?.resolve()
    for (let turn = 0; turn < 10; turn += 1) await settled()
    expect(client.text).toBe('')
    gates[0]?.resolve()
    expect(await client.until(/answer \/1;/)).toMatch(/answer \/0;[^]*answer \/1;$/)
    while ((opened.server?.calls ?? 0) > 0) await settled()
  })

  it('that stands behind another ends with the connection, as that one does', async () => {
    const reasons: unknown[] = []
    const gate = Promise.withResolvers<void>()
    const { client } = await open(async ({ signal, url }) => {
      signal.addEventListener('abort', () => reasons.push(signal.reason))
      if (url === '/0') await gate.promise
      return { status: 200, headers: {}, body: 'x'.repeat(1000) }
    })
    client.send(`${head('GET', [], '/0')}${head('GET', [], '/1')}${head('GET', [], '/2')}`)
    while ((opened.server?.calls ?? 0) < 3) await settled()
    client.socket.destroy()
    while (reasons.length < 3) await settled()
    expect(reasons).toMatchObject(Array.from({ length: 3 }, () => ({ code: 'client_gone' })))
    gate.resolve()
    while ((opened.server?.calls ?? 0) > 0) await settled()
  })

  it('that refuses a request without a body leaves its connection open', async () => {
    const { client } = await open(async () => ({ status: 404, headers: {}, body: 'nothing here' }))
    expect(await client.send(head('GET')).until(/here/)).toMatch(/connection: keep-alive/i)
    expect(await client.send(head('GET')).until(/here[^]*here/)).not.toMatch(/connection: close/i)
  })

  it('without a body has its head all the same', async () => {
    const { client } = await open(async () => ({ status: 204, headers: {}, body: '' }))
    expect(await client.send(head('GET')).until(/\r\n\r\n/)).not.toMatch(/content-length/i)
  })

  it('to HEAD says how long the body would be', async () => {
    const { client } = await open(async () => ({ status: 200, headers: {}, body: 'twelve bytes' }))
    const text = await client.send(head('HEAD')).until(/\r\n\r\n/)
    expect(text).toMatch(/content-length: 12\r\n/)
    expect(text).not.toContain('twelve')
  })
})
