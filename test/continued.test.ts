// A text that breaks off and is gone on with: what six clients read, and what is told of it.
import { request as httpRequest } from 'node:http'
import { once } from 'node:events'
import { afterEach, describe, expect, it } from 'vitest'
import { GatewayError } from '../src/canonical/errors.ts'
import type { ChatEvent } from '../src/canonical/event.ts'
import type { Part } from '../src/canonical/part.ts'
import type { ChatRequest } from '../src/canonical/request.ts'
import type { ChatExchange, ChatReply } from '../src/exchange/exchange.ts'
import type { Happening } from '../src/exchange/happening.ts'
import type { JsonObject } from '../src/wire/json.ts'
import { until } from './faults/invariants.ts'
import { type OpenGateway, openGateway } from './open-gateway.ts'
import { FakeProvider } from './server-fakes.ts'
import { type WireClient, failureIn, wireClients } from './wire-clients.ts'
import { singly } from '../src/exchange/singly.ts'

const LOST = new GatewayError('upstream', 'The connection was lost.', {
  origin: 'upstream',
  code: 'upstream_truncated',
})
const REFUSED = new GatewayError('content_policy', 'Not this.', { origin: 'upstream' })

/** One that goes on with a begun answer, as it declares. */
class GoingOn extends FakeProvider {
  override continues(): boolean {
    return true
  }
}

interface Said {
  readonly texts: readonly string[]
  /** What it ends in; absent: well. */
  readonly error?: GatewayError
  readonly part?: Part
}

const TEXT: Part = { type: 'text', text: '' }

function stream({ texts, error, part = TEXT }: Said): ChatReply {
  async function* events(): AsyncGenerator<ChatEvent> {
    yield { type: 'response-start', origin: { dialect: 'fake' }, model: 'm' }
    yield { type: 'usage-update', usage: { input: { total: 10 } } }
    yield { type: 'part-start', index: 0, candidate: 0, part }
    for (const text of texts) yield { type: 'part-delta', index: 0, delta: { kind: 'text', text } }
    if (error !== undefined) throw error
    yield { type: 'part-end', index: 0 }
    yield { type: 'candidate-end', candidate: 0, finish: { reason: 'stop' } }
    yield {
      type: 'usage-update',
      usage: { input: { total: 10 }, output: { total: 3 }, total: 13 },
    }
    yield { type: 'response-end' }
  }
  return { kind: 'stream', events: singly(events()), notes: [] }
}

class Bench {
  first: () => ChatReply = () => stream({ texts: ['One ', 'two '], error: LOST })
  second: (exchange: ChatExchange) => ChatReply = () => stream({ texts: ['three ', 'four.'] })
  readonly told: Happening[] = []
  a: FakeProvider = this.#provider(FakeProvider, 'a')
  b: FakeProvider = this.#provider(GoingOn, 'b')
  #open: OpenGateway | undefined

  #provider(Kind: typeof FakeProvider, name: 'a' | 'b'): FakeProvider {
    const answer = async (exchange: ChatExchange): Promise<ChatReply> =>
      name === 'a' ? this.first() : this.second(exchange)
    return new Kind({ name, local: true, models: ['m'], answer })
  }

  /** Nobody goes on. */
  without(): this {
    this.b = this.#provider(FakeProvider, 'b')
    return this
  }

  async open(): Promise<this> {
    this.#open = await openGateway({
      providers: [this.a, this.b],
      config: {
        routes: [
          {
            name: 'steady',
            targets: [{ model: 'a/m' }, { model: 'b/m' }],
            onStreamFailure: 'continue',
          },
          { name: 'plain', targets: [{ model: 'a/m' }, { model: 'b/m' }] },
        ],
      },
    })
    this.#open.gateway.manager.happenings.listen((happening) => this.told.push(happening))
    return this
  }

  async ask(client: WireClient, more: JsonObject = {}, model = 'steady'): Promise<string> {
    const question = { model, text: 'Count', streamed: true }
    const response = await fetch(`${this.#open?.url}${client.path(question)}`, {
      method: 'POST',
      body: JSON.stringify({ ...client.body(question), ...more }),
    })
    return response.text()
  }

  /** One streamed call with its trailers. */
  async dial(): Promise<{ readonly text: string; readonly trailers: NodeJS.Dict<string> }> {
    const [client] = wireClients
    const question = { model: 'steady', text: 'Count', streamed: true }
    const sent = httpRequest(`${this.#open?.url}/v1/chat/completions`, { method: 'POST' })
    sent.end(JSON.stringify(client?.body(question)))
    const [response] = await once(sent, 'response')
    let text = ''
    for await (const chunk of response) text += String(chunk)
    return { text, trailers: response.trailers }
  }

  /** What the second was asked. */
  get asked(): ChatRequest | undefined {
    return this.b.asked[0]?.request
  }

  async close(): Promise<void> {
    await this.#open?.close()
  }
}

let bench: Bench
afterEach(() => bench.close())

describe.each(wireClients)('a client of $name', (client) => {
  it('reads one text, in order and once', async () => {
    bench = await new Bench().open()
    const bytes = await bench.ask(client)
    expect(failureIn(bytes)).toBeUndefined()
    expect(client.hear(bytes)).toMatchObject({
      text: 'One two three four.',
      finish: expect.any(String),
    })
  })

  it('reads no word twice where the second begins anew', async () => {
    bench = new Bench()
    bench.second = () => stream({ texts: ['One', ' two', ' three ', 'four.'] })
    await bench.open()
    expect(client.hear(await bench.ask(client)).text).toBe('One two three four.')
  })

  it('is told in band where the second breaks off too, behind all that was said', async () => {
    bench = new Bench()
    bench.second = () => stream({ texts: ['three '], error: LOST })
    await bench.open()
    const bytes = await bench.ask(client)
    expect(JSON.stringify(failureIn(bytes))).toContain('was lost')
    expect(client.hear(bytes).text).toBe('One two three ')
    expect(bench.a.asked).toHaveLength(1)
    expect(bench.b.asked).toHaveLength(1)
  })

  it.each([
    ['on a route that does not say so', {}, 'plain'],
    ['where nobody can', {}, 'nobody'],
  ])('is told in band %s', async (_, more, model) => {
    bench = new Bench()
    if (model === 'nobody') bench.without()
    await bench.open()
    const bytes = await bench.ask(client, more, model === 'plain' ? 'plain' : 'steady')
    expect(JSON.stringify(failureIn(bytes))).toContain('was lost')
    expect(client.hear(bytes).text).toBe('One two ')
    expect(bench.b.asked).toEqual([])
  })
})

const [openai] = wireClients
if (openai === undefined) throw new Error('there is a client')

describe('going on', () => {
  it('asks with what was said, and with what is left of the limit', async () => {
    bench = await new Bench().open()
    await bench.ask(openai, { max_tokens: 50 })
    expect(bench.asked?.turns.at(-1)).toEqual({
      role: 'assistant',
      parts: [{ type: 'text', text: 'One two' }],
    })
    expect(bench.asked?.maxOutputTokens).toBeGreaterThan(40)
    expect(bench.asked?.maxOutputTokens).toBeLessThan(50)
  })

  it('is told in a comment, in trailers and in the trail', async () => {
    bench = await new Bench().open()
    const { text, trailers } = await bench.dial()
    expect(text).toContain(': x-patchbay-continued: b/m\n')
    expect(trailers).toMatchObject({
      'x-patchbay-attempts': '2',
      'x-patchbay-trail': 'a/m=ok; b/m#continued=ok',
      'x-patchbay-continued': 'b/m',
      'x-patchbay-notes': expect.stringContaining('continued'),
    })
  })

  it('sums what both have used', async () => {
    bench = await new Bench().open()
    await bench.ask(openai)
    await until(() => bench.told.some(({ type }) => type === 'call-ended'))
    const ended = bench.told.find((happening) => happening.type === 'call-ended')
    // 10 read twice; 3 written by the second, and what the first wrote is guessed from its text.
    expect(ended?.usage?.input?.total).toBe(20)
    expect(ended?.usage?.output?.total).toBeGreaterThanOrEqual(5)
    expect(ended).toMatchObject({ outcome: 'succeeded', attempts: [{}, { as: 'continued' }] })
  })
})

describe('an answer is not gone on with', () => {
  const call: Part = {
    type: 'tool-call',
    callId: 'c',
    kind: 'function',
    name: 'look',
    arguments: { text: '' },
  }

  it.each([
    ['in the middle of a call', { texts: ['{"a":'], part: call, error: LOST }],
    [
      'in the middle of a thought',
      { texts: ['Hm'], part: { type: 'reasoning', text: '' }, error: LOST },
    ],
    ['that was refused', { texts: ['One'], error: REFUSED }],
  ] as const)('%s', async (_, said) => {
    bench = new Bench()
    bench.first = () => stream(said)
    await bench.open()
    const bytes = await bench.ask(openai)
    expect(failureIn(bytes)).toBeDefined()
    expect(openai.hear(bytes).finish).toBeUndefined()
    expect(bench.b.asked).toEqual([])
  })

  it.each([
    ['in JSON', { response_format: { type: 'json_object' } }],
    ['in two', { n: 2 }],
    ['with thinking', { reasoning_effort: 'high' }],
    ['that its provider keeps', { store: true }],
    ['with probabilities', { logprobs: true }],
    ['whose limit is reached', { max_tokens: 2 }],
  ])('%s', async (_, more) => {
    bench = await new Bench().open()
    const bytes = await bench.ask(openai, more)
    expect(JSON.stringify(failureIn(bytes))).toContain('was lost')
    expect(bench.b.asked).toEqual([])
  })
})
