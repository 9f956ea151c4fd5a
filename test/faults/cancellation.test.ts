// A client that leaves: its provider's socket is closed, nobody else is asked, its place is free, and it is told where it was.
import { type Server, type Socket, createServer } from 'node:net'
import { once } from 'node:events'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import type { Happening } from '../../src/exchange/happening.ts'
import { IDS } from '../bugs/protocols.ts'
import { chunk } from '../bugs/chunks.ts'
import { type FakeUpstream, openUpstream } from '../fake-upstream.ts'
import { type OpenGateway, localHost, openGateway } from '../open-gateway.ts'
import { completion, frame, stream } from '../openai-replies.ts'
import { RawClient } from '../raw-client.ts'
import { requestIn } from './asks.ts'
import { HALF_FRAME } from './half-answer.ts'

let first: FakeUpstream
let second: FakeUpstream
let opened: OpenGateway
const facts: Happening[] = []
const clients: RawClient[] = []

beforeAll(async () => {
  first = await openUpstream()
  second = await openUpstream()
  opened = await openGateway({
    providers: [localHost('first', first), localHost('second', second)],
    config: {
      routes: [{ name: 'both', targets: [{ model: 'first/m' }, { model: 'second/m' }] }],
      limits: { maxBodyBytes: 10_000, rules: [{ scope: 'all', concurrency: 1 }] },
    },
  })
  opened.gateway.manager.happenings.listen((fact) => facts.push(fact))
})

afterEach(() => {
  for (const { socket } of clients.splice(0)) socket.destroy()
  facts.length = 0
})

afterAll(async () => {
  await opened.close()
  await first.close()
  await second.close()
})

function client(): RawClient {
  const made = RawClient.at(opened.url)
  clients.push(made)
  return made
}

const usage = { prompt_tokens: 7, completion_tokens: 1, total_tokens: 8 }

/** Half an answer, with what it has cost so far. */
const COUNTED = stream(
  [
    HALF_FRAME,
    frame({
      id: 'c1',
      object: 'chat.completion.chunk',
      created: 1,
      model: 'm',
      choices: [],
      usage,
    }),
  ],
  'stall',
)

const WHOLE = completion('pong')

/** The last fact of a call. */
async function ended(): Promise<Happening | undefined> {
  await vi.waitFor(() => expect(facts.some(({ type }) => type === 'call-ended')).toBe(true))
  return facts.find(({ type }) => type === 'call-ended')
}

/** The one place of the limit is free, for a client that comes right after. */
async function nextIsServed(): Promise<void> {
  first.reply(WHOLE)
  const next = client().send(requestIn('openai-chat', { model: 'both', shape: 'whole' }))
  expect(await next.until(/\r\n\r\n/)).toMatch(/^HTTP\/1\.1 200 /)
}

describe.each(IDS)('F092 a client of %s that leaves before the answer begins', (id) => {
  it.each(['whole', 'stream'] as const)('of a %s answer', async (shape) => {
    const before = second.requests.length
    first.reply({ ending: 'silent' })
    const leaving = client().send(requestIn(id, { model: 'both', shape }))
    const asked = await first.nextRequest()
    leaving.socket.destroy()
    await asked.closed
    expect(await ended()).toMatchObject({ outcome: 'abandoned' })
    const gone = facts.filter(({ type }) => type === 'client-gone')
    expect(gone).toMatchObject([{ phase: 'ttft' }])
    await nextIsServed()
    await first.nextRequest()
    expect(second.requests.length).toBe(before)
  })
})

describe.each(IDS)('F092 a client of %s that leaves within its answer', (id) => {
  it('ends the stream at its provider, and pays for what it got', async () => {
    first.reply(COUNTED)
    const leaving = client().send(requestIn(id, { model: 'both', shape: 'stream' }))
    const asked = await first.nextRequest()
    await leaving.until(/half/)
    leaving.socket.destroy()
    await asked.closed
    expect(await ended()).toMatchObject({ outcome: 'abandoned', usage: { total: 8 } })
    expect(facts).toContainEqual(expect.objectContaining({ type: 'client-gone', phase: 'stream' }))
    expect(facts).toContainEqual(expect.objectContaining({ type: 'stream-ended', end: 'client' }))
    await nextIsServed()
    await first.nextRequest()
  })
})

describe('F086 a provider that goes on sending after its client has gone', () => {
  let server: Server | undefined
  const sockets: Socket[] = []

  afterEach(() => {
    for (const socket of sockets.splice(0)) socket.destroy()
    server?.close()
  })

  it('has its socket destroyed, whatever it does', async () => {
    const asked = Promise.withResolvers<Socket>()
    server = createServer({ allowHalfOpen: true }, (socket) => {
      sockets.push(socket)
      socket.on('error', () => undefined)
      socket.once('data', () => {
        const head = 'HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\n'
        socket.write(`${head}data: ${JSON.stringify(chunk({ content: 'half' }))}\n\n`)
        asked.resolve(socket)
      })
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const address = server.address()
    const port = typeof address === 'object' ? address?.port : undefined
    opened.gateway.manager.registerProvider(localHost('deaf', { url: `http://127.0.0.1:${port}` }))
    const leaving = client().send(
      requestIn('anthropic-messages', { model: 'deaf/m', shape: 'stream' }),
    )
    const socket = await asked.promise
    await leaving.until(/half/)
    const closed = new Promise((resolve) => {
      socket.once('close', resolve)
    })
    const more = setInterval(() => socket.write(`data: ${'x'.repeat(1000)}\n\n`), 1)
    leaving.socket.destroy()
    await closed
    clearInterval(more)
    expect(await ended()).toMatchObject({ outcome: 'abandoned' })
    await opened.gateway.manager.unregisterProvider('deaf')
  })
})
