// Thinking and its signatures: off when told, whole and in place when it goes back, never in the wrong hands.
import { describe, expect, it } from 'vitest'
import { type Json, type JsonObject, isArray } from '../../src/wire/json.ts'
import { DONE, chunk } from './chunks.ts'
import { assembled, echo } from './echo.ts'
import { type Id, IDS, from as fromClient, to as toProvider } from './protocols.ts'
import { asked, said, sse, text, user, whole } from './said.ts'
import { type Told, datas, dig, useSwitchboard } from './switchboard.ts'

const board = useSwitchboard([
  { providerType: 'deepseek', name: 'deepseek' },
  { providerType: 'custom', name: 'account-b', settings: { dialect: 'openai-responses' } },
])
const ask = { messages: [{ role: 'user', content: 'go' }] }
const TOOLS = [
  {
    type: 'function',
    function: { name: 'f', parameters: { type: 'object', properties: { p: { type: 'string' } } } },
  },
]

const BLOCKS: readonly JsonObject[] = [
  { type: 'thinking', thinking: 'A', signature: 'sigA==' },
  { type: 'redacted_thinking', data: 'UkVEQUNURUQ=' },
  { type: 'thinking', thinking: '', signature: 'sigC==' },
  { type: 'tool_use', id: 'toolu_1', name: 'f', input: {} },
]

function claudeAnswer(shape: 'whole' | 'stream') {
  const message = {
    id: 'm',
    type: 'message',
    role: 'assistant',
    model: 'claude',
    stop_sequence: null,
  }
  const usage = { input_tokens: 1, output_tokens: 1 }
  if (shape === 'whole')
    return whole({ ...message, content: [...BLOCKS], stop_reason: 'tool_use', usage })
  const blocks = BLOCKS.flatMap((block, index): readonly Json[] => {
    const start = (content_block: JsonObject): Json => ({
      type: 'content_block_start',
      index,
      content_block,
    })
    const delta = (delta: JsonObject): Json => ({ type: 'content_block_delta', index, delta })
    const stop: Json = { type: 'content_block_stop', index }
    if (block['type'] === 'redacted_thinking') return [start(block), stop]
    if (block['type'] === 'tool_use')
      return [start(block), delta({ type: 'input_json_delta', partial_json: '{}' }), stop]
    const { thinking = '', signature = '' } = block
    return [
      start({ type: 'thinking', thinking: '', signature: '' }),
      ...(thinking === '' ? [] : [delta({ type: 'thinking_delta', thinking })]),
      delta({ type: 'signature_delta', signature }),
      stop,
    ]
  })
  return sse(
    { type: 'message_start', message: { ...message, content: [], stop_reason: null, usage } },
    ...blocks,
    {
      type: 'message_delta',
      delta: { stop_reason: 'tool_use', stop_sequence: null },
      usage: { output_tokens: 1 },
    },
    { type: 'message_stop' },
  )
}

function body(from: Id): JsonObject {
  return asked(from, { turns: [user(text('go'))] })
}

describe.each(['openai-chat', 'openai-responses', 'gemini'] as const)(
  'thinking of Claude, through a client of %s',
  (from) => {
    it('comes back with redacted blocks [PB-069], in one order with its signatures [PB-080], before the call [PB-079]', async () => {
      const to = 'anthropic-messages'
      const first = await board.ask({ from, to, body: body(from), reply: claudeAnswer('whole') })
      const second = await board.ask({ from, to, body: echo(from, first.json) })
      expect(second.status).toBe(200)
      const content = dig(second.sent[0], 'messages.1.content')
      expect(isArray(content) && content.slice(0, 3)).toEqual(BLOCKS.slice(0, 3))
      expect(dig(content, '3')).toMatchObject({ type: 'tool_use', name: 'f' })
    })

    it('comes back when it was streamed as it does when it was whole [PB-069] [PB-080]', async () => {
      const to = 'anthropic-messages'
      const first = await board.ask({
        from,
        to,
        stream: true,
        body: body(from),
        reply: claudeAnswer('stream'),
      })
      const second = await board.ask({ from, to, body: echo(from, assembled(from, datas(first))) })
      const content = dig(second.sent[0], 'messages.1.content')
      expect(isArray(content) && content.slice(0, 3)).toEqual(BLOCKS.slice(0, 3))
      expect(dig(content, '3')).toMatchObject({ type: 'tool_use', name: 'f' })
    })
  },
)

describe('thinking that a client has lost', () => {
  it('is off for the call that would need it, and that is told [PB-079]', async () => {
    const messages = [
      { role: 'user', content: 'go' },
      {
        role: 'assistant',
        content: 'Well.',
        tool_calls: [{ id: 'toolu_1', type: 'function', function: { name: 'f', arguments: '{}' } }],
      },
      { role: 'tool', tool_call_id: 'toolu_1', content: 'ok' },
    ]
    const told = await board.ask({
      from: 'openai-chat',
      to: 'anthropic-messages',
      body: { messages, tools: TOOLS, reasoning_effort: 'high' },
    })
    expect(told.status).toBe(200)
    expect(dig(told.sent[0], 'thinking.type')).not.toBe('enabled')
    expect(told.headers.get('x-patchbay-notes')).toContain('reasoning')
  })
})

describe('the wish not to think', () => {
  const OFF: Readonly<Record<string, JsonObject>> = {
    'openai-chat': { ...ask, reasoning_effort: 'none' },
    'openai-responses': { input: 'go', reasoning: { effort: 'none' } },
    'anthropic-messages': { ...ask, thinking: { type: 'disabled' } },
    gemini: {
      contents: [{ role: 'user', parts: [{ text: 'go' }] }],
      generationConfig: { thinkingConfig: { thinkingBudget: 0 } },
    },
    'mistral-chat': { ...ask, reasoning_effort: 'none' },
    ollama: { ...ask, think: false },
  }
  it.each(IDS)(
    'of a client of %s reaches every provider in its own words [PB-070]',
    async (from) => {
      const sent = async (to: string, model: string): Promise<Json | undefined> => {
        const told = await board.ask({ from, to, model, body: OFF[from] ?? {} })
        expect(told.status).toBe(200)
        return told.sent[0]
      }
      expect(dig(await sent('deepseek', 'deepseek-chat'), 'thinking.type')).toBe('disabled')
      expect(
        dig(
          await sent('gemini', 'gemini-2.5-flash'),
          'generationConfig.thinkingConfig.thinkingBudget',
        ),
      ).toBe(0)
      expect(dig(await sent('ollama', 'qwen3'), 'think')).toBe(false)
      if (from !== 'openai-chat')
        expect(dig(await sent('openai-chat', 'gpt-5.1'), 'reasoning_effort')).toBe('none')
      expect(dig(await sent('openai-responses', 'gpt-5.1'), 'reasoning.effort')).toBe('none')
      const claude = await sent('anthropic-messages', 'claude-sonnet-4-5')
      expect([undefined, 'disabled']).toContain(dig(claude, 'thinking.type'))
    },
  )

  it('is told where a model cannot stop [PB-070]', async () => {
    const told = await board.ask({
      from: 'openai-chat',
      to: 'ollama',
      model: 'gpt-oss:20b',
      body: { ...ask, reasoning_effort: 'none' },
    })
    expect(dig(told.sent[0], 'think')).toBe('low')
    expect(told.headers.get('x-patchbay-notes')).toContain('reasoning')
  })
})

describe('an answer that is all thinking', () => {
  it.each(IDS.filter((id) => id !== 'openai-chat'))(
    'is passed on as it is to %s, once, whole and streamed [PB-072]',
    async (from) => {
      const body = asked(from, { turns: [user(text('go'))] })
      const message = { role: 'assistant', content: null, reasoning_content: 'The answer is 4.' }
      const reply = whole({
        id: 'c',
        object: 'chat.completion',
        created: 1,
        model: 'm',
        choices: [{ index: 0, message, finish_reason: 'stop' }],
      })
      const streamed = sse(
        chunk({ reasoning_content: 'The answer is 4.' }),
        chunk({}, 'stop'),
        DONE,
      )
      for (const told of [
        await board.ask({ from, to: 'openai-chat', body, reply }),
        await board.ask({ from, to: 'openai-chat', body, reply: streamed, stream: true }),
      ]) {
        expect([told.status, told.sent.length]).toEqual([200, 1])
        expect(told.heard.candidates[0]).toMatchObject({
          parts: [{ type: 'reasoning', text: 'The answer is 4.' }],
          finish: { reason: 'stop' },
        })
      }
    },
  )

  it.each(toProvider('openai-chat'))(
    'keeps its thinking beside its text, for a client of $from [PB-072]',
    async ({ from }) => {
      const body = asked(from, { turns: [user(text('go'))] })
      const parts = [{ type: 'reasoning', text: 'Hm.' } as const, text('4')]
      const told = await board.ask({
        from,
        to: 'openai-chat',
        body,
        reply: said('openai-chat', { parts }, 'whole'),
      })
      expect(told.heard.candidates[0]?.parts).toMatchObject([{ text: 'Hm.' }, { text: '4' }])
    },
  )
})

/** What is sealed, in order; a stream may tell of a seal behind the words that it is about. */
function seals({ heard }: Told): readonly unknown[] {
  return heard.candidates[0]?.parts.flatMap(({ seal }) => seal?.payload ?? []) ?? []
}

describe('signatures of Gemini', () => {
  const signed = [
    { text: 'Hm.', thought: true, thoughtSignature: 'c2lnMQ==' },
    { functionCall: { name: 'f', args: {} } },
    { text: '', thoughtSignature: 'c2lnMg==' },
  ]
  it.each(['openai-chat', 'openai-responses', 'anthropic-messages'] as const)(
    'come back through a client of %s in the parts that they came in [PB-073]',
    async (from) => {
      const answer = {
        candidates: [{ content: { role: 'model', parts: signed }, finishReason: 'STOP' }],
        modelVersion: 'gemini-3-pro',
      }
      const first = await board.ask({ from, to: 'gemini', body: body(from), reply: whole(answer) })
      const second = await board.ask({ from, to: 'gemini', body: echo(from, first.json) })
      const parts = dig(second.sent[0], 'contents.1.parts')
      const signatures = isArray(parts) ? parts.map((part) => dig(part, 'thoughtSignature')) : []
      expect(signatures).toEqual(expect.arrayContaining(['c2lnMQ==', 'c2lnMg==']))
      // A call that its model has not signed itself is not signed by us either, where the model has signed beside it.
      expect(JSON.stringify(parts)).not.toContain('skip_thought_signature_validator')
      const streamed = await board.ask({
        from,
        to: 'gemini',
        stream: true,
        body: body(from),
        reply: sse(answer),
      })
      expect(seals(streamed)).toEqual(seals(first))
    },
  )
})

describe('the reasoning items of a stateless Responses client', () => {
  it('go to the same protocol byte by byte, in their order [PB-076]', async () => {
    const input = [
      { role: 'user', content: 'go' },
      { type: 'reasoning', id: 'rs_1', summary: [], encrypted_content: 'ZW5j', status: null },
      { type: 'reasoning', summary: [], encrypted_content: 'ZW5jMg==' },
      {
        type: 'function_call',
        id: 'fc_1',
        call_id: 'callaaaa1',
        name: 'f',
        arguments: '{ }',
        status: 'completed',
      },
      { type: 'function_call_output', call_id: 'callaaaa1', output: 'ok' },
    ]
    const body = { input, store: false, include: ['reasoning.encrypted_content'] }
    const told = await board.ask({ from: 'openai-responses', to: 'openai-responses', body })
    expect(dig(told.sent[0], 'input')).toEqual(input)
    expect(told.headers.get('x-patchbay-lane')).toBe('patch')
  })

  it.each(fromClient('openai-responses'))(
    'go to no other provider, not even their ids: $to [PB-076]',
    async ({ to }) => {
      const input = [
        { role: 'user', content: 'go' },
        { type: 'reasoning', id: 'rs_1', summary: [], encrypted_content: 'ZW5j' },
        { role: 'assistant', content: [{ type: 'output_text', text: 'Hi.' }] },
        { role: 'user', content: 'on' },
      ]
      const told = await board.ask({ from: 'openai-responses', to, body: { input, store: false } })
      expect(told.status).toBe(200)
      expect(JSON.stringify(told.sent[0])).not.toMatch(/rs_1|ZW5j/)
    },
  )
})

describe('DeepSeek', () => {
  const parts = [
    { type: 'reasoning', text: 'Hm.' } as const,
    {
      type: 'tool-call',
      callId: 'callaaaa1',
      kind: 'function',
      name: 'f',
      arguments: { text: '{}', json: {} },
    } as const,
  ]
  it.each(['anthropic-messages', 'openai-responses', 'openai-chat'] as const)(
    'gets the thinking of turns with calls back from a client of %s, or an empty one [PB-077]',
    async (from) => {
      const first = await board.ask({
        from,
        to: 'deepseek',
        model: 'deepseek-v4',
        body: asked(from, { turns: [user(text('go'))] }),
        reply: said('openai-chat', { parts }, 'whole'),
      })
      const kept = first.heard.candidates[0]?.parts ?? []
      const answer = {
        role: 'tool' as const,
        parts: [{ type: 'tool-result' as const, callId: 'callaaaa1', content: [text('ok')] }],
      }
      for (const [said, expected] of [
        [kept, 'Hm.'],
        [kept.filter((part) => part.type === 'tool-call'), ''],
      ] as const) {
        const turns = [user(text('go')), { role: 'assistant' as const, parts: said }, answer]
        const second = await board.ask({
          from,
          to: 'deepseek',
          model: 'deepseek-v4',
          body: asked(from, { turns }),
        })
        expect(dig(second.sent[0], 'messages.1.reasoning_content')).toBe(expected)
      }
    },
  )
})

describe('a budget for thinking, on Anthropic', () => {
  const EFFORTS = ['minimal', 'low', 'medium', 'high', 'xhigh'] as const
  const LIMITS = [undefined, 50, 1024, 1025, 2048, 4096, 64_000] as const
  it.each(EFFORTS.flatMap((effort) => LIMITS.map((limit) => ({ effort, limit }))))(
    'is below the limit of the answer, or there is none: $effort of $limit [PB-078]',
    async ({ effort, limit }) => {
      const max = limit === undefined ? {} : { max_completion_tokens: limit }
      const chat = await board.ask({
        from: 'openai-chat',
        to: 'anthropic-messages',
        body: { ...ask, ...max, reasoning_effort: effort },
      })
      const output = limit === undefined ? {} : { max_output_tokens: limit }
      const responses = await board.ask({
        from: 'openai-responses',
        to: 'anthropic-messages',
        body: { input: 'go', ...output, reasoning: { effort } },
      })
      for (const { sent } of [chat, responses]) {
        const budget = dig(sent[0], 'thinking.budget_tokens')
        const total = Number(dig(sent[0], 'max_tokens'))
        if (limit !== undefined) expect(total).toBe(limit)
        if (limit !== undefined && limit <= 1024) expect(budget).toBeUndefined()
        else expect(Number(budget)).toBeGreaterThanOrEqual(1024)
        if (budget !== undefined) expect(Number(budget)).toBeLessThan(total)
      }
    },
  )
})

describe('thinking that an account has sealed', () => {
  const item = { type: 'reasoning', id: 'rs_1', summary: [], encrypted_content: 'ZW5jcnlwdGVk' }
  const call = {
    type: 'function_call',
    id: 'fc_1',
    call_id: 'callaaaa1',
    name: 'f',
    arguments: '{}',
    status: 'completed',
  }
  const reply = whole({
    id: 'r',
    object: 'response',
    created_at: 1,
    model: 'm',
    status: 'completed',
    output: [item, call],
  })

  it.each(['openai-chat', 'anthropic-messages', 'gemini'] as const)(
    'goes back to it through a client of %s, and to no other account [PB-081]',
    async (from) => {
      const first = await board.ask({ from, to: 'openai-responses', body: body(from), reply })
      const own = await board.ask({ from, to: 'openai-responses', body: echo(from, first.json) })
      expect(JSON.stringify(own.sent[0])).toContain('ZW5jcnlwdGVk')
      const other = await board.ask({
        from,
        to: 'account-b',
        speaks: 'openai-responses',
        body: echo(from, first.json),
      })
      expect(other.status).toBe(200)
      expect(JSON.stringify(other.sent[0])).not.toMatch(/ZW5jcnlwdGVk|rs_1/)
      expect(JSON.stringify(other.sent[0])).toContain('callaaaa1')
      expect(other.headers.get('x-patchbay-notes')).toContain('reasoning')
    },
  )
})
