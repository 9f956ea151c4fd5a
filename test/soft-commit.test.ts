// What clients of streams see while nobody has answered: a held head, then words to wait by, then the answer or its failure.
import { request } from 'node:http'
import { once } from 'node:events'
import { afterEach, describe, expect, it } from 'vitest'
import { GatewayError } from '../src/canonical/errors.ts'
import type { ChatEvent } from '../src/canonical/event.ts'
import { explode } from '../src/canonical/explode.ts'
import type { ChatExchange, ChatReply } from '../src/exchange/exchange.ts'
import { type OpenGateway, openGateway } from './open-gateway.ts'
import { FakeProvider, FakeTime, settled } from './server-fakes.ts'
import { type WireClient, failureIn, wireClients } from './wire-clients.ts'
import { singly } from '../src/exchange/singly.ts'

/** Not asked again at the same place, so that nothing waits. */
const LOST = new GatewayError('upstream', 'The connection was lost.', {
  origin: 'upstream',
  code: 'upstream_disconnected',
})

/** Two targets; the first answers when the test says so, the second at once. */
class Bench {
  readonly time: FakeTime = new FakeTime()
  readonly asked: PromiseWithResolvers<ChatExchange> = Promise.withResolvers()
  readonly first: PromiseWithResolvers<ChatReply> = Promise.withResolvers()
  #second: () => Promise<ChatReply> = async () => this.words('From b.')
  #open: OpenGateway | undefined

  async open(): Promise<this> {
    this.#open = await openGateway({
      providers: [
        new FakeProvider({
          name: 'a',
          local: true,
          models: ['m'],
          answer: async (exchange) => {
            this.asked.resolve(exchange)
            return this.first.promise
          },
        }),
        new FakeProvider({ name: 'b', local: true, models: ['m'], answer: () => this.#second() }),
      ],
      config: { routes: [{ name: 'smart', targets: [{ model: 'a/m' }, { model: 'b/m' }] }] },
      now: this.time.now,
      after: this.time.after,
    })
    return this
  }

  get url(): string {
    return this.#open?.url ?? ''
  }

  /** The second target fails too. */
  failBoth(): void {
    this.#second = () => Promise.reject(LOST)
  }

  words(text: string): ChatReply {
    async function* events(): AsyncGenerator<ChatEvent> {
      yield* explode({
        origin: { dialect: 'fake' },
        model: 'm',
        candidates: [{ index: 0, parts: [{ type: 'text', text }], finish: { reason: 'stop' } }],
        usage: { input: { total: 1 }, output: { total: 1 } },
      })
    }
    return { kind: 'stream', events: singly(events()), notes: [] }
  }

  ask(client: WireClient): Promise<Response> {
    const question = { model: 'smart', text: 'Hi', streamed: true }
    return fetch(this.url + client.path(question), {
      method: 'POST',
      body: JSON.stringify(client.body(question)),
    })
  }

  async close(): Promise<void> {
    await this.#open?.close()
  }
}

let bench: Bench
afterEach(() => bench.close())

describe.each(wireClients)('a client of $name', (client) => {
  it('gets its head with the first word, when that comes in time', async () => {
    bench = await new Bench().open()
    const answered = bench.ask(client)
    await bench.asked.promise
    await bench.time.pass(9999)
    bench.first.reject(LOST)
    const head = await answered
    expect(head.status).toBe(200)
    expect(head.headers.get('x-patchbay-trail')).toBe('a/m=upstream_disconnected; b/m=ok')
    const bytes = await head.text()
    expect(bytes).not.toMatch(client.waiting)
    expect(client.hear(bytes)).toMatchObject({ text: 'From b.', finish: expect.any(String) })
  })

  it('gets the true status of a failure that comes in time', async () => {
    bench = await new Bench().open()
    bench.failBoth()
    const answered = bench.ask(client)
    await bench.asked.promise
    await bench.time.pass(9999)
    bench.first.reject(LOST)
    expect((await answered).status).toBe(502)
  })

  it('is told to wait after ten seconds and every ten after, and gets the answer of the next target', async () => {
    bench = await new Bench().open()
    const answered = bench.ask(client)
    await bench.asked.promise
    await bench.time.pass(10_000)
    const head = await answered
    expect(head.status).toBe(200)
    const reader = head.body?.pipeThrough(new TextDecoderStream()).getReader()
    const first = await reader?.read()
    expect(first?.value).toMatch(client.waiting)
    const second = reader?.read()
    await bench.time.pass(10_000)
    expect((await second)?.value).toMatch(client.waiting)
    bench.first.reject(LOST)
    let bytes = ''
    for (let step = await reader?.read(); step?.done === false; step = await reader?.read()) {
      bytes += step.value
    }
    expect(client.hear(bytes)).toMatchObject({ text: 'From b.', finish: expect.any(String) })
    expect(failureIn(bytes)).toBeUndefined()
  })

  it('is told in band, behind its head, when nobody answers', async () => {
    bench = await new Bench().open()
    bench.failBoth()
    const answered = bench.ask(client)
    await bench.asked.promise
    await bench.time.pass(10_000)
    const head = await answered
    bench.first.reject(LOST)
    const bytes = await head.text()
    expect(JSON.stringify(failureIn(bytes))).toContain('was lost')
    expect(client.hear(bytes)).toMatchObject({ text: '' })
    expect([undefined, 'failed']).toContain(client.hear(bytes).finish)
  })
})

const [openai] = wireClients

/** One streamed call over a plain connection: the response while it runs. */
async function dial(): Promise<{
  readonly leave: () => void
  readonly ended: Promise<{ readonly text: string; readonly trailers: NodeJS.Dict<string> }>
}> {
  const body = JSON.stringify(openai?.body({ model: 'smart', text: 'Hi', streamed: true }))
  const sent = request(`${bench.url}/v1/chat/completions`, { method: 'POST' })
  sent.on('error', () => undefined)
  sent.end(body)
  const ended = (async () => {
    const [response] = await once(sent, 'response')
    let text = ''
    for await (const chunk of response) text += String(chunk)
    return { text, trailers: response.trailers }
  })()
  ended.catch(() => undefined)
  return { leave: () => sent.destroy(), ended }
}

describe('behind a head that has gone out', () => {
  it('who answered, and what was tried, is told in a comment and in trailers', async () => {
    bench = await new Bench().open()
    const call = await dial()
    await bench.asked.promise
    await bench.time.pass(10_000)
    bench.first.reject(LOST)
    const { text, trailers } = await call.ended
    expect(text).toContain(': x-patchbay-provider: b; x-patchbay-model: m; ')
    expect(trailers).toMatchObject({
      'x-patchbay-provider': 'b',
      'x-patchbay-attempts': '2',
      'x-patchbay-trail': 'a/m=upstream_disconnected; b/m=ok',
    })
  })

  it('a client that leaves cancels the call, and an answer that comes all the same is let go', async () => {
    bench = await new Bench().open()
    const call = await dial()
    const { signal } = await bench.asked.promise
    await bench.time.pass(10_000)
    const aborted = once(signal, 'abort')
    call.leave()
    await aborted
    expect(signal.reason).toMatchObject({ kind: 'cancelled' })
    const reply = bench.words('Too late.')
    const left = Promise.withResolvers<void>()
    if (reply.kind !== 'stream') throw new Error('a stream was made')
    const { events } = reply
    bench.first.resolve({
      ...reply,
      events: {
        [Symbol.asyncIterator]: () => ({
          next: () => events[Symbol.asyncIterator]().next(),
          return: async () => {
            left.resolve()
            return { done: true, value: undefined }
          },
        }),
      },
    })
    await left.promise
  })
})

it('a call without a stream waits for its answer, however long that takes', async () => {
  bench = await new Bench().open()
  bench.failBoth()
  const question = { model: 'smart', text: 'Hi', streamed: false }
  const answered = fetch(`${bench.url}/v1/chat/completions`, {
    method: 'POST',
    body: JSON.stringify(openai?.body(question)),
  })
  await bench.asked.promise
  await bench.time.pass(60_000)
  await settled()
  bench.first.reject(LOST)
  const head = await answered
  expect(head.status).toBe(502)
})
