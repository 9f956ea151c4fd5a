// Token counts: what a provider counts, in the words and the sums of each client's protocol.
import { describe, expect, it } from 'vitest'
import { type Json, isObject } from '../../src/wire/json.ts'
import type { ScriptedReply } from '../fake-upstream.ts'
import { DONE, chunk } from './chunks.ts'
import { type Id, IDS, from as fromClient } from './protocols.ts'
import { asked, sse, text, user, whole } from './said.ts'
import { type Told, datas, dig, useSwitchboard } from './switchboard.ts'

const board = useSwitchboard()
const ask = { messages: [{ role: 'user', content: 'go' }] }
const MESSAGE = {
  id: 'm',
  type: 'message',
  role: 'assistant',
  model: 'claude',
  content: [{ type: 'text', text: 'Hi' }],
  stop_reason: 'end_turn',
  stop_sequence: null,
}

/** Input, read from the cache, output, and the sum, as a client of the protocol finds them. */
function countsOf(from: Id, told: Told): readonly (Json | undefined)[] {
  const { input, output, total } = told.heard.usage ?? {}
  expect(from).toBeDefined()
  return [input?.total, input?.cacheRead, output?.total, total]
}

describe("Anthropic's cached tokens, which it counts apart", () => {
  const usage = {
    input_tokens: 7,
    cache_read_input_tokens: 9800,
    cache_creation_input_tokens: 200,
    output_tokens: 50,
  }
  it.each(fromClient('openai-chat').filter(({ to }) => to === 'anthropic-messages'))(
    'are part of the prompt for a Chat client [PB-083]',
    async ({ to }) => {
      const told = await board.ask({
        from: 'openai-chat',
        to,
        body: ask,
        reply: whole({ ...MESSAGE, usage }),
      })
      expect(dig(told.json, 'usage')).toMatchObject({
        prompt_tokens: 10_007,
        completion_tokens: 50,
        total_tokens: 10_057,
        prompt_tokens_details: { cached_tokens: 9800 },
      })
    },
  )

  it.each(IDS)('are counted once for a client of %s [PB-083]', async (from) => {
    const body = asked(from, { turns: [user(text('go'))] })
    const told = await board.ask({
      from,
      to: 'anthropic-messages',
      body,
      reply: whole({ ...MESSAGE, usage }),
    })
    expect(countsOf(from, told)[0]).toBe(10_007)
    if (from === 'anthropic-messages') expect(dig(told.json, 'usage')).toEqual(usage)
    if (from === 'ollama') return
    expect(countsOf(from, told)[1]).toBe(9800)
  })

  it('are not added where the provider counts them within [PB-083]', async () => {
    const counted = {
      prompt_tokens: 100,
      completion_tokens: 5,
      total_tokens: 105,
      prompt_tokens_details: { cached_tokens: 80 },
    }
    const reply = whole({
      id: 'c',
      object: 'chat.completion',
      created: 1,
      model: 'm',
      choices: [{ index: 0, message: { role: 'assistant', content: 'Hi' }, finish_reason: 'stop' }],
      usage: counted,
    })
    const told = await board.ask({
      from: 'anthropic-messages',
      to: 'openai-chat',
      body: ask,
      reply,
    })
    expect(dig(told.json, 'usage')).toMatchObject({
      input_tokens: 20,
      cache_read_input_tokens: 80,
      output_tokens: 5,
    })
  })
})

function events(first: Json, ...deltas: readonly Json[]): ScriptedReply {
  return sse(
    {
      type: 'message_start',
      message: { ...MESSAGE, content: [], stop_reason: null, usage: first },
    },
    { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } },
    { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'Hi' } },
    { type: 'content_block_stop', index: 0 },
    ...deltas.map((usage): Json => ({
      type: 'message_delta',
      delta: { stop_reason: 'end_turn', stop_sequence: null },
      usage,
    })),
    { type: 'message_stop' },
  )
}

function withUsage(value: Json, usage: Json): Json {
  return isObject(value) ? { ...value, usage } : value
}

describe('counts that grow with the stream', () => {
  const body = { ...ask, stream_options: { include_usage: true } }
  const asChat = { from: 'openai-chat', to: 'anthropic-messages', stream: true, body } as const

  it.each([
    [
      'the last count wins',
      events({ input_tokens: 25, output_tokens: 1 }, { output_tokens: 15 }),
      [25, 15],
    ],
    [
      'what is repeated is not added',
      events(
        { input_tokens: 25, output_tokens: 1, cache_read_input_tokens: 5 },
        { input_tokens: 25, output_tokens: 7, cache_read_input_tokens: 5 },
        { output_tokens: 15 },
      ),
      [30, 15],
    ],
    [
      'what comes late is taken',
      events({ input_tokens: 0, output_tokens: 0 }, { input_tokens: 25, output_tokens: 15 }),
      [25, 15],
    ],
  ])('of Anthropic: %s [PB-089]', async (_, reply, [input, output]) => {
    const told = await board.ask({ ...asChat, reply })
    const usage = datas(told)
      .map((frame) => dig(frame, 'usage'))
      .findLast((one) => one !== null && one !== undefined)
    expect(usage).toMatchObject({ prompt_tokens: input, completion_tokens: output })
  })

  it('of Gemini: the last of many wins [PB-089]', async () => {
    const counts = Array.from({ length: 20 }, (_, at): Json => ({
      candidates: [
        {
          content: { role: 'model', parts: [{ text: 'x' }] },
          ...(at === 19 ? { finishReason: 'STOP' } : {}),
        },
      ],
      usageMetadata: {
        promptTokenCount: 10,
        candidatesTokenCount: at + 1,
        totalTokenCount: at + 11,
      },
    }))
    const told = await board.ask({ ...asChat, to: 'gemini', reply: sse(...counts) })
    expect(dig(datas(told).at(-1), 'usage')).toMatchObject({
      prompt_tokens: 10,
      completion_tokens: 20,
    })
  })

  it('of a host that sends zeros until its last chunk: they hide nothing [PB-094]', async () => {
    const zero = { prompt_tokens: 0, completion_tokens: 0, total_tokens: 0 }
    const real = { prompt_tokens: 12, completion_tokens: 3, total_tokens: 15 }
    const reply = sse(
      withUsage(chunk({ content: 'Hi' }), zero),
      withUsage(chunk({}, 'stop'), real),
      withUsage({ id: 'c', choices: [] }, zero),
      withUsage({ id: 'c', choices: [] }, null),
      DONE,
    )
    const told = await board.ask({
      from: 'anthropic-messages',
      to: 'openai-chat',
      stream: true,
      body: ask,
      reply,
    })
    const usage = datas(told).find((frame) => dig(frame, 'type') === 'message_delta')
    expect(dig(usage, 'usage')).toMatchObject({ input_tokens: 12, output_tokens: 3 })
  })
})

describe('a stream that did not ask for counts', () => {
  it.each(IDS.filter((id) => id !== 'openai-chat'))(
    'is counted all the same, for a client of %s [PB-091]',
    async (from) => {
      const body = asked(from, { turns: [user(text('go'))] })
      const told = await board.ask({ from, to: 'openai-chat', stream: true, body })
      expect(dig(told.sent[0], 'stream_options.include_usage')).toBe(true)
    },
  )

  it('shows the client no counts that it did not ask for, and meters them [PB-091]', async () => {
    const { manager } = board.open().opened.gateway
    const tokens = (): number =>
      manager.getStatus().providers.find(({ name }) => name === 'openai-chat')?.stats.inputTokens ??
      0
    const before = tokens()
    const told = await board.ask({
      from: 'openai-chat',
      to: 'openai-chat',
      stream: true,
      body: ask,
    })
    expect(dig(told.sent[0], 'stream_options.include_usage')).toBe(true)
    expect(told.text).not.toContain('"usage":{')
    expect(tokens()).toBe(before + 7)
    const wanted = await board.ask({
      from: 'openai-chat',
      to: 'openai-chat',
      stream: true,
      body: { ...ask, stream_options: { include_usage: true } },
    })
    expect(wanted.text).toContain('"usage":{')
  })
})

describe('counts that cannot be', () => {
  it.each([-1_000_000, 1e300, 1.5, 'many', null])(
    '%j is no count: it is neither booked nor told [PB-093]',
    async (count) => {
      const of = () =>
        board
          .open()
          .opened.gateway.manager.getStatus()
          .providers.find(({ name }) => name === 'openai-chat')?.stats
      const before = of()?.inputTokens ?? 0
      const usage = { prompt_tokens: count, completion_tokens: 3, total_tokens: count }
      const reply = whole({
        id: 'c',
        object: 'chat.completion',
        created: 1,
        model: 'm',
        choices: [
          { index: 0, message: { role: 'assistant', content: 'Hi' }, finish_reason: 'stop' },
        ],
        usage,
      })
      const told = await board.ask({
        from: 'anthropic-messages',
        to: 'openai-chat',
        body: ask,
        reply,
      })
      expect(told.status).toBe(200)
      expect(dig(told.json, 'usage.input_tokens')).toBe(0)
      expect(of()?.inputTokens).toBe(before)
    },
  )
})

describe('a client that leaves a stream', () => {
  it('has what it was told until then on the books, and its upstream is left [PB-090]', async () => {
    const { url, key, upstream } = board.open()
    upstream.reply({
      ...sse(
        {
          type: 'message_start',
          message: {
            ...MESSAGE,
            content: [],
            stop_reason: null,
            usage: { input_tokens: 25, output_tokens: 1 },
          },
        },
        { type: 'content_block_start', index: 0, content_block: { type: 'text', text: 'Hi' } },
      ),
      ending: 'stall',
    })
    const of = () =>
      board
        .open()
        .opened.gateway.manager.getStatus()
        .providers.find(({ name }) => name === 'anthropic-messages')?.stats
    const before = of()?.inputTokens ?? 0
    const leave = new AbortController()
    const response = await fetch(`${url}/openai/v1/chat/completions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      body: JSON.stringify({ ...ask, model: 'anthropic-messages/claude-sonnet-4-5', stream: true }),
      signal: leave.signal,
    })
    await response.body?.getReader().read()
    leave.abort()
    await upstream.requests.at(-1)?.closed
    await expect.poll(() => of()?.inFlight).toBe(0)
    expect(of()?.inputTokens).toBe(before + 25)
    expect(of()?.errors).toBe(0)
  })
})
