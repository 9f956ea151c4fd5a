// Refusals that say what to change: the call is made once more with that changed, and what was told of a model is remembered.
import { describe, expect, it } from 'vitest'
import type { JsonObject } from '../../src/wire/json.ts'
import { whole } from './said.ts'
import { type Told, dig, useSwitchboard } from './switchboard.ts'

const board = useSwitchboard([
  { providerType: 'custom', name: 'azure' },
  { providerType: 'custom', name: 'old-host' },
  { providerType: 'custom', name: 'set', settings: { flags: { maxTokensField: 'max_tokens' } } },
])
const ask = { messages: [{ role: 'user', content: 'go' }] }

/** The first answer is a refusal, and what comes after it is as usual. */
async function refusedOnce(
  body: JsonObject,
  asking: Parameters<typeof board.ask>[0],
): Promise<Told> {
  board.open().upstream.reply(whole(body, 400))
  return board.ask(asking)
}

function unsupported(field: string, other: string): JsonObject {
  const message = `Unsupported parameter: '${field}' is not supported with this model. Use '${other}' instead.`
  const error = { message, type: 'invalid_request_error', param: field }
  return { error: { ...error, code: 'unsupported_parameter' } }
}

const limits = (told: Told): readonly unknown[] =>
  told.sent.map((body) => [dig(body, 'max_tokens'), dig(body, 'max_completion_tokens')])

describe('a host that refuses how the output limit is spelled', () => {
  it('is asked again in its own spelling, and from then on at once [PB-107]', async () => {
    const asking = {
      from: 'openai-chat' as const,
      to: 'azure',
      model: 'my-deployment',
      body: { ...ask, max_tokens: 100 },
    }
    const refusal = unsupported('max_tokens', 'max_completion_tokens')
    const first = await refusedOnce(refusal, asking)
    expect(first.status).toBe(200)
    expect(limits(first)).toEqual([
      [100, undefined],
      [undefined, 100],
    ])
    expect(limits(await board.ask(asking))).toEqual([[undefined, 100]])
    const other = await board.ask({ ...asking, model: 'other-deployment' })
    expect(limits(other)).toEqual([[100, undefined]])
  })

  it('is asked again in the older one, though its refusal has no code [PB-107]', async () => {
    const message = 'Unrecognized request argument supplied: max_completion_tokens'
    const told = await refusedOnce(
      { error: { message, type: 'invalid_request_error', param: null, code: null } },
      {
        from: 'anthropic-messages',
        to: 'old-host',
        body: { ...ask, max_tokens: 100 },
        stream: true,
      },
    )
    expect(told.status).toBe(200)
    expect(limits(told)).toEqual([
      [undefined, 100],
      [100, undefined],
    ])
  })

  it('is not asked again where the operator has set the spelling [PB-107]', async () => {
    const told = await refusedOnce(unsupported('max_tokens', 'max_completion_tokens'), {
      from: 'openai-chat',
      to: 'set',
      body: { ...ask, max_tokens: 100 },
    })
    expect([told.status, told.sent.length]).toEqual([400, 1])
    expect(dig(told.json, 'error.param')).toBe('max_tokens')
  })

  it('is asked twice at most [PB-107]', async () => {
    const { upstream } = board.open()
    upstream.reply(whole(unsupported('max_tokens', 'max_completion_tokens'), 400))
    const reply = whole(unsupported('max_completion_tokens', 'max_tokens'), 400)
    const told = await board.ask({
      from: 'openai-chat',
      to: 'azure',
      model: 'undecided',
      body: { ...ask, max_tokens: 100 },
      reply: { ...reply, status: 400 },
    })
    expect([told.status, told.sent.length]).toEqual([400, 2])
  })
})

describe('any other refusal', () => {
  it.each([
    ['of another field', unsupported('temperature', 'the default')],
    ['without words', {}],
    ['of a value', { error: { message: 'max_tokens is too large: 9999', param: 'max_tokens' } }],
  ])('%s is told at once [PB-107] [PB-105]', async (_, body) => {
    const told = await refusedOnce(body, {
      from: 'openai-chat',
      to: 'azure',
      model: 'plain',
      body: { ...ask, max_tokens: 9999, temperature: 0.2 },
    })
    expect([told.status, told.sent.length]).toEqual([400, 1])
  })
})

describe('thinking that its own maker cannot read any more', () => {
  const error = {
    message: 'The encrypted content gAAA... could not be verified.',
    type: 'invalid_request_error',
    param: null,
    code: 'invalid_encrypted_content',
  }
  const call = { type: 'function_call', call_id: 'c1', name: 'f', arguments: '{}' }
  const input = [
    { role: 'user', content: 'go' },
    { type: 'reasoning', id: 'rs_1', summary: [], encrypted_content: 'ZW5jcnlwdGVk' },
    { type: 'reasoning', id: 'rs_2', summary: [{ type: 'summary_text', text: 'hm' }] },
    call,
    { type: 'function_call_output', call_id: 'c1', output: 'done' },
  ]

  it('is left out the second time, all of it, and words, calls and results stay [PB-081]', async () => {
    const told = await refusedOnce(
      { error },
      { from: 'openai-responses', to: 'openai-responses', body: { input, store: false } },
    )
    expect([told.status, told.sent.length]).toEqual([200, 2])
    expect(dig(told.sent[0], 'input')).toEqual(input)
    expect(dig(told.sent[1], 'input')).toEqual([input[0], input[3], input[4]])
    expect(told.headers.get('x-patchbay-notes')).toContain('dropped=reasoning_state')
  })

  it('is told as refused where the client’s policy allows no such loss [PB-081]', async () => {
    const told = await refusedOnce(
      { error },
      {
        from: 'openai-responses',
        to: 'openai-responses',
        body: { input, store: false },
        headers: { 'x-patchbay-policy': 'strict' },
      },
    )
    expect([told.status, told.sent.length]).toEqual([400, 1])
    expect(dig(told.json, 'error.code')).toBe('invalid_encrypted_content')
  })

  it('is told as refused where there was none to leave out [PB-081]', async () => {
    const told = await refusedOnce(
      { error },
      { from: 'openai-responses', to: 'openai-responses', body: { input: 'go' } },
    )
    expect([told.status, told.sent.length]).toEqual([400, 1])
  })

  it('goes the same way where Claude refuses a signature [PB-081]', async () => {
    const messages = [
      { role: 'user', content: 'go' },
      {
        role: 'assistant',
        content: [
          { type: 'thinking', thinking: 'hm', signature: 'c3RhbGU=' },
          { type: 'tool_use', id: 'toolu_1', name: 'f', input: {} },
        ],
      },
      { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'toolu_1', content: 'ok' }] },
    ]
    const message = 'messages.1.content.0: Invalid `signature` in `thinking` block'
    const told = await refusedOnce(
      { type: 'error', error: { type: 'invalid_request_error', message } },
      {
        from: 'anthropic-messages',
        to: 'anthropic-messages',
        body: {
          messages,
          tools: [{ name: 'f', input_schema: { type: 'object' } }],
          max_tokens: 4000,
          thinking: { type: 'enabled', budget_tokens: 2000 },
        },
      },
    )
    expect([told.status, told.sent.length]).toEqual([200, 2])
    expect(JSON.stringify(told.sent[1])).not.toContain('c3RhbGU')
    expect(dig(told.sent[1], 'messages.1.content.0.type')).toBe('tool_use')
    // A budget would demand the thinking that is gone.
    expect(dig(told.sent[1], 'thinking.type')).not.toBe('enabled')
  })
})

describe('an Ollama model that turns out not to think', () => {
  it('is asked again without, and from then on at once [PB-194]', async () => {
    const asking = {
      from: 'openai-chat' as const,
      to: 'ollama',
      model: 'gemma3:4b',
      body: { ...ask, reasoning_effort: 'high' },
    }
    const first = await refusedOnce({ error: '"gemma3:4b" does not support thinking' }, asking)
    expect(first.status).toBe(200)
    expect(first.sent.map((body) => dig(body, 'think'))).toEqual([true, undefined])
    expect(first.headers.get('x-patchbay-notes')).toContain('reasoning')
    const second = await board.ask(asking)
    expect(second.sent.map((body) => dig(body, 'think'))).toEqual([undefined])
    expect(second.headers.get('x-patchbay-notes')).toContain('reasoning')
  })

  it('says so itself to a client of its own [PB-194]', async () => {
    const error = '"gemma3" does not support thinking'
    const told = await refusedOnce(
      { error },
      { from: 'ollama', to: 'ollama', model: 'gemma3', body: { ...ask, think: true } },
    )
    expect([told.status, told.sent.length]).toEqual([400, 1])
    expect(told.json).toEqual({ error: expect.stringContaining('does not support thinking') })
  })
})
