// What single vendors' protocols ask for: Ollama's lines and options, Gemini's order of turns, Mistral's ids and chunks.
import { describe, expect, it } from 'vitest'
import { type Json, type JsonObject, isArray } from '../../src/wire/json.ts'
import { type Id, IDS, from as fromClient, to as toProvider } from './protocols.ts'
import { asked, assistant, call, result, results, said, sse, text, user, whole } from './said.ts'
import { datas, dig, useSwitchboard } from './switchboard.ts'

const board = useSwitchboard([
  { providerType: 'ollama', name: 'kept', settings: { flags: { keepAlive: '10m' } } },
  { providerType: 'ollama', name: 'plain', settings: { flags: { thinking: false } } },
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

describe('what Gemini says beside the text, before its last chunk', () => {
  const grounding = {
    webSearchQueries: ['x'],
    groundingChunks: [{ web: { uri: 'https://e.com', title: 'E' } }],
    groundingSupports: [
      { segment: { startIndex: 0, endIndex: 2, text: 'Hi' }, groundingChunkIndices: [0] },
    ],
  }
  const all = {
    candidates: [
      {
        content: { role: 'model', parts: [{ text: 'Hi' }] },
        groundingMetadata: grounding,
        finishReason: 'STOP',
      },
    ],
  }
  it.each(['openai-chat', 'openai-responses', 'anthropic-messages'] as const)(
    'reaches a client of %s as it does when it is whole [PB-199]',
    async (from) => {
      const body = asked(from, { turns: [user(text('go'))] })
      const one = await board.ask({ from, to: 'gemini', body, reply: whole(all) })
      const streamed = sse(
        { candidates: [{ content: { role: 'model', parts: [{ text: 'H' }] } }] },
        {
          candidates: [
            { content: { role: 'model', parts: [{ text: 'i' }] }, groundingMetadata: grounding },
          ],
        },
        {
          candidates: [{ content: { role: 'model', parts: [{ text: '' }] }, finishReason: 'STOP' }],
          usageMetadata: {
            promptTokenCount: 1,
            candidatesTokenCount: 1,
            totalTokenCount: 2,
            serviceTier: 'standard',
          },
        },
      )
      const other = await board.ask({ from, to: 'gemini', stream: true, body, reply: streamed })
      const cited = (heard: typeof one.heard): unknown =>
        heard.candidates[0]?.parts.flatMap((part) =>
          part.type === 'text' ? (part.citations?.map(({ url }) => url) ?? []) : [],
        )
      expect(cited(other.heard)).toEqual(cited(one.heard))
      if (from !== 'anthropic-messages') expect(cited(one.heard)).toEqual(['https://e.com'])
    },
  )
})

describe('a conversation cut anywhere, before Gemini', () => {
  const turns = [
    user(text('a')),
    assistant(text('b'), call('callaaaa1', 'f', {}), call('callbbbb2', 'g', {})),
    results(result('callaaaa1', '1')),
    results(result('callbbbb2', '2')),
    assistant(text('c')),
    user(text('d')),
    assistant(text('e')),
  ]
  const cuts = turns.flatMap((_, from) =>
    turns.slice(from).map((__, length) => [from, from + length + 1] as const),
  )
  it.each(['openai-chat', 'openai-responses', 'mistral-chat'] as const)(
    'from a client of %s has an order that it takes [PB-201]',
    async (from) => {
      for (const [start, end] of cuts) {
        const told = await board.ask({
          from,
          to: 'gemini',
          body: asked(from, { turns: turns.slice(start, end) }),
        })
        expect(told.status).toBe(200)
        expect(faults(dig(told.sent[0], 'contents'))).toEqual([])
      }
    },
  )

  it('is not asked again when it is refused all the same [PB-201]', async () => {
    const reply = whole(
      {
        error: {
          code: 400,
          message: 'Please ensure that function call turn comes immediately after a user turn',
          status: 'INVALID_ARGUMENT',
        },
      },
      400,
    )
    const told = await board.ask({ from: 'openai-chat', to: 'gemini', body: ask, reply })
    expect([told.status, told.sent.length]).toEqual([400, 1])
  })
})

function faults(contents: Json | undefined): readonly string[] {
  if (!isArray(contents)) return ['no contents']
  const roles = contents.map((content) => dig(content, 'role'))
  const counts = (at: number, key: string): number => {
    const parts = dig(contents[at], 'parts')
    return isArray(parts) ? parts.filter((part) => dig(part, key) !== undefined).length : 0
  }
  return [
    ...(roles[0] === 'user' ? [] : ['the model speaks first']),
    ...(roles.at(-1) === 'user' ? [] : ['the model speaks last']),
    ...roles.flatMap((role, at) =>
      role === roles[at + 1] ? [`${String(role)} speaks twice`] : [],
    ),
    ...contents.flatMap((_, at) => {
      const calls = at === 0 ? 0 : counts(at - 1, 'functionCall')
      return counts(at, 'functionResponse') === calls ? [] : [`${calls} calls, other results`]
    }),
  ]
}

describe('an answer of Gemini without words', () => {
  const SHAPES: readonly (readonly [string, JsonObject, RegExp])[] = [
    [
      'a blocked prompt',
      { candidates: [], promptFeedback: { blockReason: 'SAFETY' } },
      /content-filter|refusal/,
    ],
    [
      'MAX_TOKENS',
      {
        candidates: [{ finishReason: 'MAX_TOKENS' }],
        usageMetadata: { promptTokenCount: 3, totalTokenCount: 3 },
      },
      /length/,
    ],
    ['SAFETY', { candidates: [{ finishReason: 'SAFETY' }] }, /content-filter|refusal/],
    ['RECITATION', { candidates: [{ finishReason: 'RECITATION' }] }, /content-filter|refusal/],
    [
      'STOP',
      { candidates: [{ finishReason: 'STOP', content: { role: 'model', parts: [] } }] },
      /stop/,
    ],
  ]
  it.each(SHAPES)(
    'after %s is told by its reason, whole and streamed [PB-202]',
    async (_, answer, reason) => {
      for (const from of ['openai-chat', 'anthropic-messages', 'openai-responses'] as const) {
        const body = asked(from, { turns: [user(text('go'))] })
        for (const told of [
          await board.ask({ from, to: 'gemini', body, reply: whole(answer) }),
          await board.ask({ from, to: 'gemini', stream: true, body, reply: sse(answer) }),
        ]) {
          expect(told.status).toBe(200)
          expect(told.heard.candidates[0]?.finish?.reason ?? 'stop').toMatch(reason)
        }
      }
    },
  )

  it('for a call that went wrong is no clean end [PB-202]', async () => {
    const answer = {
      candidates: [{ finishReason: 'MALFORMED_FUNCTION_CALL', finishMessage: 'bad' }],
    }
    const told = await board.ask({
      from: 'anthropic-messages',
      to: 'gemini',
      body: ask,
      reply: whole(answer),
    })
    expect(told.heard.candidates[0]?.finish?.reason).not.toBe('tool-calls')
  })
})

describe.each(fromClient('gemini'))('a Gemini client before $to', ({ to }) => {
  it('that asks for no events gets one JSON array, whole also where the stream fails [PB-203]', async () => {
    const { url, key, upstream } = board.open()
    for (const reply of [
      said(to, { parts: [text('pong')] }, 'stream'),
      { ...said(to, { parts: [text('pong')] }, 'stream'), ending: 'cut' as const },
    ]) {
      upstream.answer(() => reply)
      const response = await fetch(`${url}/v1beta/models/${to}/m:streamGenerateContent`, {
        method: 'POST',
        headers: { 'x-goog-api-key': key, 'content-type': 'application/json' },
        body: JSON.stringify({ contents: [{ role: 'user', parts: [{ text: 'go' }] }] }),
      })
      expect(response.headers.get('content-type')).toContain('application/json')
      const list: Json = JSON.parse(await response.text())
      expect(isArray(list) && JSON.stringify(list)).toContain('pong')
    }
  })

  it('gets no part with empty text but the last one, which has to hold something [PB-203]', async () => {
    const told = await board.ask({
      from: 'gemini',
      to,
      stream: true,
      body: asked('gemini', { turns: [user(text('go'))] }),
    })
    expect(datas(told).length).toBeGreaterThan(0)
    for (const frame of datas(told)) {
      const empty = JSON.stringify(frame).includes('"text":""')
      expect(empty && dig(frame, 'candidates.0.finishReason') === undefined).toBe(false)
    }
  })
})

it.each(toProvider('gemini'))(
  'Gemini is always asked for events by $from [PB-203]',
  async ({ from }) => {
    await board.ask({
      from,
      to: 'gemini',
      stream: true,
      body: asked(from, { turns: [user(text('go'))] }),
    })
    expect(board.open().upstream.requests.at(-1)?.path).toMatch(/:streamGenerateContent\?alt=sse$/)
  },
)

describe.each(['openai-chat', 'openai-responses', 'anthropic-messages'] as const)(
  'results of a client of %s',
  (from) => {
    it('have the names of their calls for Gemini, as many as calls, in their order, as objects [PB-204]', async () => {
      const turns = [
        user(text('go')),
        assistant(
          call('callaaaa1', 'f', {}),
          call('callbbbb2', 'g', {}),
          call('callcccc3', 'h', {}),
        ),
        results(result('callcccc3', '3'), result('callaaaa1', '1')),
        user(text('and?')),
      ]
      const told = await board.ask({ from, to: 'gemini', body: asked(from, { turns }) })
      const parts = dig(told.sent[0], 'contents.2.parts')
      expect(
        isArray(parts) &&
          parts.map((part) => dig(part, 'functionResponse.name') ?? dig(part, 'text')),
      ).toEqual(['f', 'g', 'h', 'and?'])
      expect(
        isArray(parts) && parts.slice(0, 3).map((part) => dig(part, 'functionResponse.response')),
      ).toEqual([{ output: '1' }, { error: expect.any(String) }, { output: '3' }])
      expect(told.headers.get('x-patchbay-notes')).toContain('tool_result')
    })
  },
)

describe("Mistral's ids", () => {
  it.each(toProvider('mistral-chat').filter(({ from }) => from !== 'gemini' && from !== 'ollama'))(
    'have nine letters and digits, the same every time, and come back to $from as they were [PB-206]',
    async ({ from }) => {
      const ids = ['call_PTLP8xQ', 'toolu_01ABC', 'turn1_0', 'abcDEF123']
      const turns = [
        user(text('go')),
        assistant(...ids.map((id) => call(id, 'f', {}))),
        ...ids.map((id) => results(result(id, id))),
      ]
      const told = await board.ask({ from, to: 'mistral-chat', body: asked(from, { turns }) })
      const calls = dig(told.sent[0], 'messages.1.tool_calls')
      const sent = isArray(calls) ? calls.map((one) => String(dig(one, 'id'))) : []
      for (const id of sent) expect(id).toMatch(/^[A-Za-z0-9]{9}$/)
      expect([new Set(sent).size, sent[3]]).toEqual([4, 'abcDEF123'])
      expect(ids.map((_, at) => dig(told.sent[0], `messages.${at + 2}.tool_call_id`))).toEqual(sent)
      const reply = said('mistral-chat', { parts: [call('Zz9Zz9Zz9', 'f', {})] }, 'whole')
      const answer = await board.ask({
        from,
        to: 'mistral-chat',
        body: asked(from, { turns }),
        reply,
      })
      expect(answer.text).toContain('Zz9Zz9Zz9')
    },
  )
})

describe("Mistral's chunks of thinking", () => {
  const content = [
    { type: 'thinking', thinking: [{ type: 'text', text: 'Okay' }] },
    { type: 'text', text: 'Yes' },
    { type: 'reference', reference_ids: [1] },
  ]
  const choice = (fields: JsonObject): Json => ({
    id: 'c',
    object: 'chat.completion.chunk',
    created: 1,
    model: 'm',
    choices: [{ index: 0, finish_reason: null, ...fields }],
  })
  it.each(IDS.filter((id): id is Exclude<Id, 'mistral-chat'> => id !== 'mistral-chat'))(
    'are thinking and text for a client of %s, whole and streamed [PB-207]',
    async (from) => {
      const body = asked(from, { turns: [user(text('go'))] })
      const reply = whole({
        id: 'c',
        object: 'chat.completion',
        created: 1,
        model: 'm',
        choices: [{ index: 0, message: { role: 'assistant', content }, finish_reason: 'stop' }],
      })
      const streamed = sse(
        choice({ delta: { role: 'assistant', content: [content[0] ?? null] } }),
        choice({ delta: { content: 'Y' } }),
        choice({ delta: { content: [{ type: 'text', text: 'es' }] } }),
        choice({ delta: { content: '' }, finish_reason: 'stop' }),
        'data: [DONE]\n\n',
      )
      for (const told of [
        await board.ask({ from, to: 'mistral-chat', body, reply }),
        await board.ask({ from, to: 'mistral-chat', stream: true, body, reply: streamed }),
      ]) {
        const parts = told.heard.candidates[0]?.parts ?? []
        expect(
          parts
            .filter((part) => part.type === 'reasoning')
            .map((part) => part.text)
            .join(''),
        ).toBe('Okay')
        expect(parts.flatMap((part) => (part.type === 'text' ? [part.text] : [])).join('')).toBe(
          'Yes',
        )
        expect(told.text).not.toMatch(/object Object|reference_ids/)
      }
    },
  )
})
