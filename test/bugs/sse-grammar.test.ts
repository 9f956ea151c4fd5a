// The grammar of our own streams, as strict clients hold us to it.
import { describe, expect, it } from 'vitest'
import { judge } from '../../src/dialects/anthropic-messages/message-automaton.arbitrary.ts'
import { emptyRequest } from '../../src/dialects/dialect.contract.ts'
import type { ChatEvent } from '../../src/canonical/event.ts'
import { singly } from '../../src/exchange/singly.ts'
import { type Json, parseJson } from '../../src/wire/json.ts'
import { PassedBody, StreamBody } from '../../src/server/stream-body.ts'
import { FakeTime } from '../server-fakes.ts'
import { DONE, chunk } from './chunks.ts'
import { dialectOf, from as fromClient } from './protocols.ts'
import { faultsOfResponses } from './responses-automaton.ts'
import { call, said, sse, text } from './said.ts'
import { datas, dig, useSwitchboard } from './switchboard.ts'

const board = useSwitchboard([
  { providerType: 'custom', name: 'translated', settings: { passThrough: false } },
])

describe.each(fromClient('openai-responses'))('a Responses stream, answered by $to', ({ to }) => {
  it('announces, fills and ends every item and part, and ends with all of them [PB-024]', async () => {
    const thought = { type: 'reasoning', text: 'Let me think.' } as const
    const parts = [
      thought,
      text('Both.'),
      call('callaaaa1', 'f', { p: 1 }),
      call('callbbbb2', 'g', {}),
    ]
    const told = await board.ask({
      from: 'openai-responses',
      to,
      stream: true,
      body: { input: 'go' },
      reply: said(to, { parts }, 'stream'),
    })
    expect(faultsOfResponses(datas(told))).toEqual([])
    expect(datas(told).map((frame) => dig(frame, 'type'))).toEqual(
      told.frames.map(({ event }) => event),
    )
    const last = dig(datas(told).at(-1), 'response')
    expect(last).toMatchObject({
      object: 'response',
      status: 'completed',
      model: 'model-x',
      output: [
        { type: 'reasoning' },
        { type: 'message', content: [{ type: 'output_text', text: 'Both.' }] },
        { type: 'function_call', name: 'f', arguments: '{"p":1}' },
        { type: 'function_call', name: 'g', arguments: '{}' },
      ],
      usage: { input_tokens: 7, output_tokens: 3, total_tokens: 10 },
    })
  })
})

it('the judge of Responses streams finds what is wrong with one [PB-024]', () => {
  const created = { type: 'response.created', sequence_number: 0 }
  const delta = {
    type: 'response.output_text.delta',
    sequence_number: 1,
    output_index: 0,
    content_index: 0,
  }
  expect(faultsOfResponses([created, delta])).toContain(
    'response.output_text.delta in item 0, which is not open',
  )
})

describe('thinking before text, from a host of the OpenAI protocol', () => {
  it('is one message with thinking in a thinking block and text in a text block [PB-029]', async () => {
    const told = await board.ask({
      from: 'anthropic-messages',
      to: 'openai-chat',
      stream: true,
      body: { messages: [{ role: 'user', content: 'go' }] },
      reply: sse(
        chunk({ role: 'assistant', content: '', reasoning_content: 'Let me ' }),
        chunk({ content: null, reasoning_content: 'think.' }),
        chunk({ role: 'assistant', content: 'Yes', reasoning_content: null }),
        chunk({ content: '.' }),
        chunk({}, 'stop'),
        DONE,
      ),
    })
    expect(judge(told.frames)).toMatchObject({ wrong: undefined, texts: ['Let me think.', 'Yes.'] })
    const starts = datas(told).filter((frame) => dig(frame, 'type') === 'message_start')
    expect(starts).toHaveLength(1)
    const blocks = datas(told).flatMap((frame) => dig(frame, 'content_block.type') ?? [])
    expect(blocks).toEqual(['thinking', 'text'])
  })
})

/** The events that the decoder of OpenAI's Python client makes of lines (openai-python, `_streaming.py`). */
function pythonEvents(stream: string): readonly string[] {
  const events: string[] = []
  let data: string[] = []
  let hasId = false
  let name = ''
  for (const line of stream.split('\n').slice(0, -1)) {
    if (line === '') {
      if (name !== '' || data.length > 0 || hasId) events.push(data.join('\n'))
      data = []
      name = ''
    } else if (line.startsWith('data:')) data.push(line.slice('data:'.length).trimStart())
    else if (line.startsWith('event:')) name = line.slice('event:'.length).trimStart()
    else if (line.startsWith('id:')) hasId = true
  }
  return events
}

async function* onePing(): AsyncGenerator<ChatEvent> {
  yield { type: 'ping' }
}

describe.each(['openai-chat', 'openai-responses'] as const)('a slow stream of %s', (id) => {
  const context = { request: emptyRequest(id), requestId: 'r', now: () => 0 }

  it('is kept alive by a comment that is no event, behind an id of the host too [PB-033]', async () => {
    const time = new FakeTime()
    const coming = Promise.withResolvers<void>()
    async function* pieces() {
      yield { bytes: new TextEncoder().encode('id: 7\ndata: {"a":1}\n\n'), events: [] }
      await coming.promise
      yield { bytes: new TextEncoder().encode('data: {"b":2}\n\n'), events: [] }
    }
    const body = new PassedBody({
      pieces: pieces(),
      encoder: dialectOf(id).stream.encoder(context),
      framing: 'sse',
      keepAliveMs: 15_000,
      after: time.after,
      signal: new AbortController().signal,
    })
    const first = await body.next()
    const second = body.next()
    await time.pass(15_000)
    const alive = await second
    coming.resolve()
    const third = await body.next()
    const stream = [first, alive, third]
      .map(({ value }) => Buffer.from(value ?? '').toString())
      .join('')
    expect(stream).toContain(': ping')
    const events = pythonEvents(stream)
    expect(events.map((event) => parseJson(event))).toEqual([{ a: 1 }, { b: 2 }])
  })

  it('has no id of ours [PB-033]', async () => {
    const body = new StreamBody({
      events: singly(onePing()),
      encoder: dialectOf(id).stream.encoder(context),
      framing: 'sse',
      keepAliveMs: 15_000,
      after: new FakeTime().after,
      signal: new AbortController().signal,
    })
    const texts: string[] = []
    for await (const piece of body) texts.push(String(piece))
    expect(texts.join('')).not.toMatch(/^id:/m)
  })
})

function odd(id: string, model: string | null, more: object): Json {
  const choices = [{ index: 0, ...more }]
  return parseJson(JSON.stringify({ id, object: 'chat.completion.chunk', model, choices }))
}

describe('a host whose chunks change id, model and index', () => {
  it('gives a client one id, one model, one time, and a role in the first delta alone [PB-034]', async () => {
    const told = await board.ask({
      from: 'openai-chat',
      to: 'translated',
      stream: true,
      body: { messages: [{ role: 'user', content: 'go' }] },
      reply: sse(
        odd('a', 'm', { delta: { role: 'assistant', content: 'Hel' } }),
        odd('b', null, { delta: { role: 'assistant', content: 'lo' }, message: { content: 'lo' } }),
        odd('c', 'm', { delta: { role: 'assistant' }, finish_reason: 'stop' }),
        DONE,
      ),
    })
    const frames = datas(told)
    for (const key of ['id', 'model', 'created', 'object']) {
      expect(new Set(frames.map((frame) => dig(frame, key))).size).toBe(1)
    }
    const roles = frames.map((frame) => dig(frame, 'choices.0.delta.role'))
    expect(roles.filter((role) => role !== undefined)).toEqual(['assistant'])
    expect(told.heard.candidates).toMatchObject([{ index: 0, parts: [{ text: 'Hello' }] }])
  })

  it('gives a client choices that count from 0 [PB-034]', async () => {
    const told = await board.ask({
      from: 'openai-chat',
      to: 'translated',
      stream: true,
      body: { messages: [{ role: 'user', content: 'go' }] },
      reply: sse(
        { id: 'a', choices: [{ index: 197, delta: { content: 'Hi' } }] },
        { id: 'a', choices: [{ index: 197, delta: {}, finish_reason: 'stop' }] },
        DONE,
      ),
    })
    const indexes = datas(told).map((frame) => dig(frame, 'choices.0.index'))
    expect(new Set(indexes)).toEqual(new Set([0]))
  })
})
