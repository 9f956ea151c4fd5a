// What Ollama's protocol asks for: its lines, its options, its thinking, and what its own clients expect.
import { describe, expect, it } from 'vitest'
import type { Json } from '../../src/wire/json.ts'
import { from as fromClient, to as toProvider } from './protocols.ts'
import { asked, call, said, text, user } from './said.ts'
import { dig, useSwitchboard } from './switchboard.ts'

const board = useSwitchboard([
  {
    providerType: 'ollama',
    name: 'kept',
    settings: { dialects: ['ollama'], flags: { keepAlive: '10m' } },
  },
  {
    providerType: 'ollama',
    name: 'plain',
    settings: { dialects: ['ollama'], flags: { thinking: false } },
  },
])
const ask = { messages: [{ role: 'user', content: 'go' }] }

describe('lines of Ollama', () => {
  it.each(fromClient('openai-chat').filter(({ to }) => to === 'ollama'))(
    'are read in pieces, several at once, and the last without its break [PB-191]',
    async ({ to }) => {
      const { chunks = [], headers = {} } = said(
        'ollama',
        { parts: [text('Zdravo 🌍'), call('callaaaa1', 'f', {})] },
        'stream',
      )
      const bytes = Buffer.from(chunks.join('').trimEnd())
      for (const size of [1, 7, 64, bytes.length]) {
        const pieces = Array.from({ length: Math.ceil(bytes.length / size) }, (_, at) =>
          bytes.subarray(at * size, (at + 1) * size),
        )
        const told = await board.ask({
          from: 'openai-chat',
          to,
          stream: true,
          body: ask,
          reply: { headers, chunks: pieces },
        })
        expect(told.heard).toMatchObject({
          candidates: [{ parts: [{ text: 'Zdravo 🌍' }, { name: 'f' }] }],
        })
      }
    },
  )

  it('that tell of an error in the stream are an error in the stream [PB-191]', async () => {
    const lines = [
      '{"model":"m","created_at":"2026-01-01T00:00:00Z","message":{"role":"assistant","content":"Hi"},"done":false}\n',
      '{"error":"an error was encountered while running the model"}\n',
    ]
    const told = await board.ask({
      from: 'openai-chat',
      to: 'ollama',
      stream: true,
      body: ask,
      reply: { headers: { 'content-type': 'application/x-ndjson' }, chunks: lines },
    })
    expect(told.heard.error?.message).toContain('while running the model')
  })
})

describe('the context of Ollama', () => {
  it.each(toProvider('ollama'))(
    'is the server’s own, asked natively by $from: nothing is cut that the client did not cut [PB-192]',
    async ({ from }) => {
      const long = 'word '.repeat(8000)
      const told = await board.ask({
        from,
        to: 'ollama',
        body: asked(from, { turns: [user(text(long))] }),
      })
      expect(board.open().upstream.requests.at(-1)?.path).toBe('/api/chat')
      expect(JSON.stringify(told.sent[0])).toContain(long)
      expect(dig(told.sent[0], 'options.num_ctx')).toBeUndefined()
    },
  )

  it('is what a Chat client says beside its own fields [PB-192]', async () => {
    const told = await board.ask({
      from: 'openai-chat',
      to: 'ollama',
      body: { ...ask, num_ctx: 16_384, options: { num_ctx: 32_768 } },
    })
    expect([16_384, 32_768]).toContain(dig(told.sent[0], 'options.num_ctx'))
  })
})

describe('thinking on Ollama', () => {
  it.each([
    ['qwen3', 'low', true],
    ['qwen3', 'high', true],
    ['qwen3', 'none', false],
    ['gpt-oss:20b', 'low', 'low'],
    ['gpt-oss:20b', 'medium', 'medium'],
    ['gpt-oss:20b', 'high', 'high'],
  ])('%s at %s is %s [PB-194]', async (model, effort, think) => {
    const told = await board.ask({
      from: 'openai-chat',
      to: 'ollama',
      model,
      body: { ...ask, reasoning_effort: effort },
    })
    expect(dig(told.sent[0], 'think')).toBe(think)
  })

  it('is left out for a model that cannot, with a note [PB-194]', async () => {
    const told = await board.ask({
      from: 'openai-chat',
      to: 'plain',
      speaks: 'ollama',
      model: 'gemma3',
      body: { ...ask, reasoning_effort: 'high' },
    })
    expect(dig(told.sent[0], 'think')).toBeUndefined()
    expect(told.headers.get('x-patchbay-notes')).toContain('reasoning')
  })

  it('comes back as thinking [PB-194]', async () => {
    const reply = said(
      'ollama',
      { parts: [{ type: 'reasoning', text: 'Hm.' }, text('4')] },
      'whole',
    )
    expect(
      dig(
        (await board.ask({ from: 'openai-chat', to: 'ollama', body: ask, reply })).json,
        'choices.0.message.reasoning_content',
      ),
    ).toBe('Hm.')
    expect(
      dig(
        (await board.ask({ from: 'anthropic-messages', to: 'ollama', body: ask, reply })).json,
        'content.0.type',
      ),
    ).toBe('thinking')
  })
})

describe.each(fromClient('ollama'))('an Ollama client before $to', ({ to }) => {
  it('gets lines by default, the last with its counts in whole nanoseconds, and times that Go reads [PB-195]', async () => {
    const { url, key, upstream } = board.open()
    upstream.answer(() =>
      said(to, { parts: [text('pong'), call('callaaaa1', 'f', { p: 1 })] }, 'stream'),
    )
    const response = await fetch(`${url}/api/chat`, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      body: JSON.stringify({ ...ask, model: `${to}/m` }),
    })
    expect(response.headers.get('content-type')).toBe('application/x-ndjson')
    const lines = (await response.text())
      .trimEnd()
      .split('\n')
      .map((line): Json => JSON.parse(line))
    for (const line of lines)
      expect(dig(line, 'created_at')).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z$/)
    expect(
      lines.flatMap((line) => dig(line, 'message.tool_calls.0.function.arguments') ?? []),
    ).toEqual([{ p: 1 }])
    expect(lines.at(-1)).toMatchObject({
      done: true,
      done_reason: 'stop',
      prompt_eval_count: 7,
      eval_count: 3,
    })
    expect(Number.isInteger(dig(lines.at(-1), 'total_duration'))).toBe(true)
  })

  it('hears of errors as one string [PB-195]', async () => {
    const told = await board.ask({
      from: 'ollama',
      to,
      body: ask,
      reply: {
        status: 400,
        chunks: [
          '{"error":{"message":"no","code":400,"status":"INVALID_ARGUMENT"},"message":"no"}',
        ],
      },
    })
    expect([told.status, typeof dig(told.json, 'error')]).toEqual([400, 'string'])
  })
})

describe('how long Ollama keeps a model', () => {
  it.each(['10m', 300, -1, 0])(
    'is said by a Chat client as %j, and arrives as that [PB-197]',
    async (keep) => {
      const told = await board.ask({
        from: 'openai-chat',
        to: 'ollama',
        body: { ...ask, keep_alive: keep },
      })
      expect(dig(told.sent[0], 'keep_alive')).toBe(keep)
    },
  )

  it('is what the configuration says, else the server’s own affair [PB-197]', async () => {
    const kept = await board.ask({ from: 'openai-chat', to: 'kept', speaks: 'ollama', body: ask })
    expect(dig(kept.sent[0], 'keep_alive')).toBe('10m')
    const plain = await board.ask({ from: 'openai-chat', to: 'ollama', body: ask })
    expect(JSON.stringify(plain.sent[0])).not.toContain('keep_alive')
  })
})
