// Requests: what is kept, what is refused, and how the flags of a host change the body.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fixturesOf } from '../../../test/fixtures.ts'
import type { ChatRequest } from '../../canonical/request.ts'
import { GatewayError } from '../../canonical/errors.ts'
import { WireError } from '../../wire/errors.ts'
import { type Json, type JsonObject, ObjectReader, isArray, isObject } from '../../wire/json.ts'
import { plain } from '../dialect.contract.ts'
import { openaiChat } from './dialect.ts'

const QUESTION = [{ role: 'user', content: 'hi' }]

function decoded(body: Json): ChatRequest {
  return openaiChat.request.decode({
    method: 'POST',
    path: '/v1/chat/completions',
    headers: {},
    body,
  })
}

function printed(request: ChatRequest, flags: JsonObject = {}): JsonObject {
  const { body } = openaiChat.request.encode(request, { provider: 'p', flags })
  return ObjectReader.of(plain(body), '').source
}

function again(body: JsonObject, flags: JsonObject = {}): JsonObject {
  return printed(decoded({ model: 'm', messages: QUESTION, ...body }), flags)
}

function refusal(body: Json): { readonly path: string | undefined; readonly message: string } {
  try {
    decoded(body)
  } catch (error) {
    if (error instanceof WireError) return error
    if (error instanceof GatewayError) return { path: error.param, message: error.message }
    throw error
  }
  throw new Error('was not refused')
}

/** Objects that the model takes as a whole or that are read as one word: nothing is added inside. */
const WHOLE = new Set(['parameters', 'schema', 'logit_bias', 'metadata'])

function withExtras(value: Json, extras: () => JsonObject): Json {
  if (isArray(value)) return value.map((item) => withExtras(item, extras))
  if (!isObject(value)) return value
  const inner = Object.entries(value).map(([key, item]) => [
    key,
    WHOLE.has(key) || item === undefined ? item : withExtras(item, extras),
  ])
  return { ...Object.fromEntries(inner), ...extras() }
}

describe('what a request keeps', () => {
  const requests = fixturesOf('openai-chat').flatMap((one) =>
    one.request === undefined ? [] : [{ name: one.name, request: one.request }],
  )
  const extra = fc.dictionary(
    fc.constantFrom('x_one', 'x_two', '__proto__', 'constructor'),
    fc.jsonValue(),
    {
      maxKeys: 2,
    },
  )

  it.each(requests)(
    '$name: unknown fields at every level come back as they were',
    ({ request }) => {
      fc.assert(
        fc.property(fc.array(extra, { minLength: 1, maxLength: 4 }), (pool) => {
          let at = 0
          const extras = (): JsonObject => {
            const chosen = pool[(at += 1) % pool.length]
            return ObjectReader.of(JSON.parse(JSON.stringify(chosen)), '').source
          }
          const body = withExtras(request, extras)
          expect(plain(printed(decoded(body)))).toEqual(plain(body))
        }),
        { numRuns: 40 },
      )
    },
  )

  it.each([
    { stop: [] },
    { stop: null, tools: null, tool_choice: null, max_tokens: null, stream_options: null },
    { tools: [], tool_choice: 'auto' },
    { stream: false },
    { stream: true, stream_options: {} },
    { stream: true, stream_options: { include_obfuscation: false } },
    { max_tokens: 5, max_completion_tokens: 6 },
    { user: 'u', safety_identifier: 's' },
    { safety_identifier: 's' },
    { logprobs: 1 },
    { reasoning_effort: 'default' },
    { reasoning_effort: 'max', thinking: { type: 'enabled' } },
    { enable_thinking: false, thinking_budget: 5 },
    { reasoning: { effort: 'low', exclude: true, summary: 'auto' } },
    { reasoning: { max_tokens: 100, enabled: true } },
    { reasoning: {} },
    { thinking: { type: 'adaptive', budget: 1 } },
    { tool_choice: 'any' },
    { tool_choice: 'some_day' },
    { tool_choice: { type: 'mystery' } },
    { function_call: 'none' },
    { functions: [{ name: 'f' }], function_call: 'auto' },
    { response_format: { type: 'json_object', schema: { type: 'object' } } },
    { response_format: { type: 'json_schema', json_schema: { schema: {} } } },
    { response_format: { type: 'json_schema', json_schema: { name: 'n' } } },
    { response_format: { type: 'regex', pattern: 'a' } },
    { prediction: { type: 'content', content: [{ type: 'text', text: 'a' }] } },
    { tools: [{ type: 'web_search' }, { type: 'custom', custom: { name: 'c' } }] },
    { prompt_cache_options: { mode: 'explicit', ttl: '30m' }, prompt_cache_retention: '24h' },
    { moderation: { model: 'm', policy: {} } },
    { top_k: 5, min_p: 0.1, repetition_penalty: 1.1 },
  ] satisfies readonly JsonObject[])('%j', (body) => {
    expect(again(body)).toEqual({ model: 'm', messages: QUESTION, ...body })
  })

  const call = { id: 'c1', type: 'function', function: { name: 'f', arguments: '{}' } }
  it.each([
    [{ role: 'assistant' }],
    [{ role: 'assistant', content: null, refusal: null, audio: null, tool_calls: [] }],
    [{ role: 'assistant', content: [], annotations: [], function_call: null }],
    [{ role: 'assistant', content: [{ type: 'text', text: '' }] }],
    [{ role: 'assistant', content: 'x', reasoning: { not: 'text' }, reasoning_details: [] }],
    [{ role: 'assistant', content: 'x', reasoning: 'a', reasoning_content: 'a' }],
    [{ role: 'assistant', content: 'x', reasoning: 'a', reasoning_content: 'b' }],
    [{ role: 'assistant', content: 'x', reasoning_content: '' }],
    [{ role: 'assistant', content: 'x', reasoning_details: [{ type: 'reasoning.new', blob: 1 }] }],
    [{ role: 'assistant', content: 'x', annotations: [{ type: 'file', file: { hash: 'h' } }] }],
    [
      {
        role: 'assistant',
        content: null,
        tool_calls: [{ ...call, index: 0, extra_content: { a: 1 } }],
      },
    ],
    [
      {
        role: 'assistant',
        tool_calls: [{ ...call, function: { name: 'f', arguments: { a: 1 } } }],
      },
    ],
    [{ role: 'assistant', tool_calls: [{ ...call, function: { name: 'f', arguments: null } }] }],
    [{ role: 'assistant', tool_calls: [{ ...call, function: { name: 'f' } }] }],
    [{ role: 'assistant', tool_calls: [{ id: 'm', type: 'mcp', mcp: { name: 'x' } }] }],
    [
      { role: 'assistant', tool_calls: [{ function: { name: 'f', arguments: '' }, id: '' }] },
      { role: 'tool', tool_call_id: '', content: 'r' },
    ],
    [
      { role: 'assistant', tool_calls: [call] },
      { role: 'tool', name: 'f', content: null },
    ],
    [
      {
        role: 'tool',
        tool_call_id: 'c1',
        content: [{ type: 'image_url', image_url: { url: 'u' } }],
      },
    ],
    [{ role: 'user', content: [{ type: 'image_url', image_url: 'https://example.com/bare.png' }] }],
    [{ role: 'user', content: [{ type: 'image_url', image_url: { url: 'data:;base64,AA==' } }] }],
    [
      {
        role: 'user',
        content: [{ type: 'image_url', image_url: { url: 'data:image/svg+xml,<svg/>' } }],
      },
    ],
    [{ role: 'user', content: [{ type: 'file', file: { file_data: 'JVBERg==', filename: 'a' } }] }],
    [{ role: 'user', content: [{ type: 'file', file: { file_data: 'data:;base64,JVBERg==' } }] }],
    [
      {
        role: 'user',
        content: [{ type: 'input_audio', input_audio: { data: 'AA', format: 'mp3' } }],
      },
    ],
    [
      {
        role: 'user',
        content: [{ type: 'input_audio', input_audio: { data: 'https://example.com/a' } }],
      },
    ],
    [{ role: 'user', content: [{ type: 'video_url', video_url: { url: 'v' } }] }],
    [
      {
        role: 'user',
        content: [{ type: 'text', text: 'a', cache_control: { type: 'ephemeral', ttl: '1h' } }],
      },
    ],
  ])('messages %j', (...messages: JsonObject[]) => {
    expect(again({ messages })['messages']).toEqual(messages)
  })

  it('keeps argument text byte for byte, valid or not', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', minLength: 1 }), (text) => {
        const tool_calls = [{ id: 'c', type: 'function', function: { name: 'f', arguments: text } }]
        const messages = [{ role: 'assistant', content: null, tool_calls }]
        expect(again({ messages })['messages']).toEqual(messages)
      }),
    )
  })
})

describe('what the model sees', () => {
  it('reads no arguments as an empty object, in the history too', () => {
    const tool_calls = [{ id: 'c', type: 'function', function: { name: 'f', arguments: '  ' } }]
    const { turns } = decoded({ model: 'm', messages: [{ role: 'assistant', tool_calls }] })
    expect(turns[0]?.parts[0]).toMatchObject({ arguments: { text: '  ', json: {} } })
  })

  it('gives a result without an id to the first call that waits, by name where it has one', () => {
    const calls = ['a', 'b'].map((name) => ({
      id: `id_${name}`,
      type: 'function',
      function: { name },
    }))
    const { turns } = decoded({
      model: 'm',
      messages: [
        { role: 'assistant', tool_calls: calls },
        { role: 'tool', name: 'b', content: '1' },
        { role: 'tool', content: '2' },
      ],
    })
    const ids = turns.flatMap(({ parts }) =>
      parts.flatMap((part) => (part.type === 'tool-result' ? [part.callId] : [])),
    )
    expect(ids).toEqual(['id_b', 'id_a'])
  })

  it('pairs a deprecated function_call with its function message', () => {
    const [call, result] = decoded({
      model: 'm',
      messages: [
        { role: 'assistant', content: null, function_call: { name: 'f', arguments: '{}' } },
        { role: 'function', name: 'f', content: 'r' },
      ],
    }).turns.flatMap(({ parts }) => parts)
    expect(call).toMatchObject({ type: 'tool-call', name: 'f', callIdMinted: true })
    expect(result).toMatchObject({
      type: 'tool-result',
      callId: call?.type === 'tool-call' ? call.callId : '',
    })
  })

  it('takes the newer of two output limits', () => {
    const request = decoded({
      model: 'm',
      messages: QUESTION,
      max_tokens: 1,
      max_completion_tokens: 2,
    })
    expect(request.maxOutputTokens).toBe(2)
  })

  it('reads thinking said twice as one part', () => {
    const { turns } = decoded({
      model: 'm',
      messages: [
        {
          role: 'assistant',
          content: 'x',
          reasoning: 'because',
          reasoning_details: [
            { type: 'reasoning.text', text: 'because', signature: 's', index: 0 },
          ],
        },
      ],
    })
    expect(turns[0]?.parts.filter((part) => part.type === 'reasoning')).toMatchObject([
      { text: 'because', seal: { payload: 's', origin: { dialect: 'openai-chat' } } },
    ])
  })

  it('opens a foreign envelope, and gives away nothing of a broken one', () => {
    const envelope = 'pb1.broken.payload'
    const { turns } = decoded({
      model: 'm',
      messages: [
        {
          role: 'assistant',
          content: 'x',
          reasoning_details: [{ type: 'reasoning.text', text: 'b', signature: envelope }],
        },
      ],
    })
    expect(JSON.stringify(turns)).not.toContain('payload')
  })
})

describe('thinking of a host that signs nothing', () => {
  it('comes back without the empty envelope that said whose it was', () => {
    const parts = [
      {
        type: 'reasoning' as const,
        text: 'Hm.',
        seal: { payload: '', format: 'none', origin: { dialect: 'openai-chat' } },
      },
      { type: 'text' as const, text: 'Yes.' },
    ]
    const request = { ...decoded({ model: 'm', messages: QUESTION }) }
    const body = printed({ ...request, turns: [...request.turns, { role: 'assistant', parts }] })
    expect(JSON.stringify(body)).not.toContain('reasoning_details')
  })
})

describe('what is refused', () => {
  it.each([
    [{}, 'model'],
    [{ model: 'm' }, 'messages'],
    [{ model: 'm', messages: [{ role: 'narrator', content: '' }] }, 'messages[0].role'],
    [{ model: 'm', messages: [{ role: 'user', content: 5 }] }, 'messages[0].content'],
    [
      { model: 'm', messages: [{ role: 'user', content: [{ type: 'text' }] }] },
      'messages[0].content[0].text',
    ],
    [{ model: 'm', messages: [{ role: 'tool', content: 'r' }] }, 'messages[0].tool_call_id'],
    [{ model: 'm', messages: [], temperature: 'hot' }, 'temperature'],
    [{ model: 'm', messages: [], tools: [{ type: 'function' }] }, 'tools[0].function'],
    [{ model: 'm', messages: [], stop: [1] }, 'stop[0]'],
  ] satisfies readonly (readonly [JsonObject, string])[])('%j at %s', (body, path) => {
    expect(refusal(body).path).toBe(path)
  })
})

describe('flags of a host', () => {
  it('sends one output limit under the name the host knows', () => {
    const both = { max_tokens: 5, max_completion_tokens: 6 }
    expect(again(both, { maxTokensField: 'max_tokens' })).not.toHaveProperty(
      'max_completion_tokens',
    )
    expect(again(both, { maxTokensField: 'max_tokens' })['max_tokens']).toBe(6)
    expect(again({ max_tokens: 5 }, { maxTokensField: 'max_completion_tokens' })).toEqual({
      model: 'm',
      messages: QUESTION,
      max_completion_tokens: 5,
    })
  })

  it('asks for usage in every stream, but never outside one', () => {
    const flags = { streamUsage: 'include_usage' }
    expect(again({ stream: true }, flags)['stream_options']).toEqual({ include_usage: true })
    expect(again({ stream: true, stream_options: { include_usage: false } }, flags)).toMatchObject({
      stream_options: { include_usage: true },
    })
    expect(again({}, flags)).not.toHaveProperty('stream_options')
  })

  it('leaves stream_options out for a host that refuses it', () => {
    const body = {
      stream: true,
      stream_options: { include_usage: true, include_obfuscation: true },
    }
    expect(again(body, { streamUsage: 'none' })).not.toHaveProperty('stream_options')
  })

  it('asks a host for usage on behalf of clients of other dialects', () => {
    const request = {
      ...decoded({ model: 'm', messages: [], stream: true }),
      origin: { dialect: 'x' },
    }
    expect(printed(request)['stream_options']).toEqual({ include_usage: true })
  })

  it('joins text for a host that takes strings only, and leaves images in arrays', () => {
    const content = [
      { type: 'text', text: 'a' },
      { type: 'text', text: 'b' },
    ]
    const image = [{ type: 'image_url', image_url: { url: 'u' } }]
    const messages = [
      { role: 'user', content },
      { role: 'user', content: image },
    ]
    expect(again({ messages }, { contentArrays: false })['messages']).toEqual([
      { role: 'user', content: 'a\n\nb' },
      { role: 'user', content: image },
    ])
  })

  it('writes thinking back under the name the host reads', () => {
    const messages = [{ role: 'assistant', content: 'x', reasoning_content: 'r' }]
    expect(again({ messages }, { reasoningField: 'reasoning' })['messages']).toEqual([
      { role: 'assistant', content: 'x', reasoning: 'r' },
    ])
  })

  it('never leaves thinking absent on turns with calls where the host insists on it', () => {
    const call = { id: 'c', type: 'function', function: { name: 'f', arguments: '{}' } }
    const messages = [{ role: 'assistant', content: null, tool_calls: [call] }]
    expect(again({ messages }, { reasoningReplay: 'always' })['messages']).toEqual([
      { role: 'assistant', content: null, tool_calls: [call], reasoning_content: '' },
    ])
    expect(again({ messages })['messages']).toEqual(messages)
  })

  it.each([
    ['reasoning_effort', 'none', { reasoning_effort: 'none' }],
    ['reasoning', 'high', { reasoning_effort: 'high' }],
    ['thinking', 'none', { thinking: { type: 'disabled' } }],
    ['thinking', 'high', { thinking: { type: 'enabled' } }],
    ['enable_thinking', 'none', { enable_thinking: false }],
    ['none', 'high', {}],
  ])('says how much to think as %s: %s', (reasoningControl, reasoning_effort, said) => {
    expect(again({ reasoning_effort }, { reasoningControl })).toEqual({
      model: 'm',
      messages: QUESTION,
      ...said,
    })
  })

  it("says another wire's effort in a host's own object", () => {
    const request: ChatRequest = {
      origin: { dialect: 'anthropic-messages' },
      model: 'm',
      turns: [],
      sampling: {},
      stream: { enabled: false },
      reasoning: { effort: 'high', budgetTokens: 9 },
    }
    const profile = { provider: 'p', flags: { reasoningControl: 'reasoning' } }
    const { body } = openaiChat.request.encode(request, profile)
    expect(body).toMatchObject({ reasoning: { effort: 'high', max_tokens: 9 } })
  })

  it('sends deprecated functions as tools to a host that has dropped them', () => {
    const body = { functions: [{ name: 'f' }], function_call: { name: 'f' } }
    expect(again(body, { legacyFunctions: false })).toEqual({
      model: 'm',
      messages: QUESTION,
      tools: [{ type: 'function', function: { name: 'f' } }],
      tool_choice: { type: 'function', function: { name: 'f' } },
    })
  })

  it.each([
    ['cache_control', { cache_control: { type: 'ephemeral' } }],
    ['prompt_cache_breakpoint', { prompt_cache_breakpoint: { mode: 'explicit' } }],
    ['none', {}],
  ])('writes cache marks as %s', (cacheMarks, mark) => {
    const content = [{ type: 'text', text: 'a', prompt_cache_breakpoint: { mode: 'explicit' } }]
    const [message] = decoded({ model: 'm', messages: [{ role: 'user', content }] }).turns
    expect(message?.parts[0]).toMatchObject({ cache: {} })
    const foreign = {
      ...decoded({ model: 'm', messages: [] }),
      turns: [{ role: 'user' as const, parts: [{ type: 'text' as const, text: 'a', cache: {} }] }],
    }
    const sent = printed(foreign, { cacheMarks })['messages']
    const text = { type: 'text', text: 'a', ...mark }
    expect(sent).toEqual([{ role: 'user', content: cacheMarks === 'none' ? 'a' : [text] }])
  })

  it('leaves out the fields a host refuses, whoever wrote them', () => {
    const flags = { unsupportedFields: ['seed', 'x_own', 'store'], parallelToolCalls: false }
    const body = { seed: 1, x_own: 1, store: false, parallel_tool_calls: true }
    expect(again(body, flags)).toEqual({ model: 'm', messages: QUESTION })
  })
})
