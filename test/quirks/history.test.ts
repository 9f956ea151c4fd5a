// Tool results and assistant turns as real clients spell them in histories (clients README §6.3, §6.8).
import { describe, expect, it } from 'vitest'
import type { Json, JsonObject } from '../../src/wire/json.ts'
import { type Id, IDS } from '../bugs/protocols.ts'
import { useSwitchboard } from '../bugs/switchboard.ts'

const board = useSwitchboard()
const input = { city: 'Paris' }
const schema = { type: 'object', properties: { city: { type: 'string' } } }
const functions: Json = [{ type: 'function', function: { name: 'weather', parameters: schema } }]
const go = { role: 'user', content: 'How is it?' }

function anthropic(result: JsonObject): JsonObject {
  return {
    tools: [{ name: 'weather', input_schema: schema }],
    messages: [
      go,
      { role: 'assistant', content: [{ type: 'tool_use', id: 'toolu_1', name: 'weather', input }] },
      { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'toolu_1', ...result }] },
    ],
  }
}

function gemini(ids: JsonObject): JsonObject {
  return {
    tools: [{ functionDeclarations: [{ name: 'weather', parameters: schema }] }],
    contents: [
      { role: 'user', parts: [{ text: 'How is it?' }] },
      { role: 'model', parts: [{ functionCall: { name: 'weather', args: input, ...ids } }] },
      {
        role: 'user',
        parts: [
          { functionResponse: { name: 'weather', response: { output: 'It is sunny' }, ...ids } },
        ],
      },
    ],
  }
}

function chat(assistant: JsonObject, result: JsonObject, args: Json): JsonObject {
  const call = { id: 'callaaaa1', type: 'function', function: { name: 'weather', arguments: args } }
  return {
    tools: functions,
    messages: [
      go,
      { role: 'assistant', tool_calls: [call], ...assistant },
      { role: 'tool', content: 'It is sunny', ...result },
    ],
  }
}

const CASES: readonly (readonly [what: string, from: Id, body: JsonObject])[] = [
  ['a string (Anthropic)', 'anthropic-messages', anthropic({ content: 'It is sunny' })],
  [
    'blocks (Anthropic)',
    'anthropic-messages',
    anthropic({ content: [{ type: 'text', text: 'It is sunny' }] }),
  ],
  [
    'a failure (Anthropic)',
    'anthropic-messages',
    anthropic({ content: 'It is sunny', is_error: true }),
  ],
  ['a functionResponse with an id', 'gemini', gemini({ id: 'call_7' })],
  ['a functionResponse without one', 'gemini', gemini({})],
  ['a tool_name (Ollama)', 'ollama', chat({ content: '' }, { tool_name: 'weather' }, input)],
  [
    'a tool_call_id (the AI SDK’s Ollama)',
    'ollama',
    chat({ content: '' }, { tool_call_id: 'callaaaa1' }, input),
  ],
  [
    'an assistant turn that echoes refusal and annotations',
    'openai-chat',
    chat(
      { content: null, refusal: null, annotations: [] },
      { tool_call_id: 'callaaaa1' },
      JSON.stringify(input),
    ),
  ],
  [
    'arguments that are an object (Mistral)',
    'mistral-chat',
    chat({ content: '', prefix: false }, { tool_call_id: 'callaaaa1', name: 'weather' }, input),
  ],
]

describe.each(CASES)('a result as %s', (_, from, body) => {
  it.each(IDS)('reaches %s with its call', async (to) => {
    const told = await board.ask({ from, to, body })
    expect(told.status).toBe(200)
    const sent = JSON.stringify(told.sent[0])
    expect(sent).toContain('It is sunny')
    expect(sent).toMatch(/\\?"city\\?":\s?\\?"Paris/)
    expect(sent.match(/weather/g)?.length).toBeGreaterThan(1)
    expect(told.headers.get('x-patchbay-notes') ?? '').not.toMatch(/tool_result|tool_call/)
  })
})

it('an image of Mistral’s client may be a bare string', async () => {
  const url = 'https://example.com/a.png'
  const content = [
    { type: 'text', text: 'what?' },
    { type: 'image_url', image_url: url },
  ]
  for (const from of ['mistral-chat', 'openai-chat'] as const) {
    const told = await board.ask({
      from,
      to: 'anthropic-messages',
      body: { messages: [{ role: 'user', content }] },
    })
    expect([from, told.status]).toEqual([from, 200])
    expect(JSON.stringify(told.sent[0])).toContain(url)
  }
})
