// Requests: what the model has of them, and what is refused with a path.
import { describe, expect, it } from 'vitest'
import type { ChatRequest } from '../../canonical/request.ts'
import { WireError } from '../../wire/errors.ts'
import type { Json, JsonObject } from '../../wire/json.ts'
import { plain } from '../dialect.contract.ts'
import { OPENAI_FILES } from '../openai-files.ts'
import { openaiResponses } from './dialect.ts'

function decoded(body: JsonObject): ChatRequest {
  return openaiResponses.request.decode({
    method: 'POST',
    path: '',
    headers: {},
    body: { model: 'm', ...body },
  })
}

const turnsOf = (input: Json) => decoded({ input }).turns

describe('input', () => {
  it('is one message of the user where it is a text', () => {
    expect(turnsOf('Hi')).toEqual([{ role: 'user', parts: [{ type: 'text', text: 'Hi' }] }])
  })

  it('is one turn an item, with the role of who speaks in it', () => {
    const items = [
      { role: 'developer', content: 'Rules.' },
      { type: 'reasoning', summary: [] },
      { type: 'function_call', call_id: 'c', name: 'f', arguments: '{}' },
      { type: 'function_call_output', call_id: 'c', output: 'ok' },
      { type: 'web_search_call', id: 'ws' },
      { type: 'computer_call_output', call_id: 'd', output: {} },
      { type: 'mcp_approval_request', id: 'e' },
      { type: 'mcp_approval_response', id: 'f' },
      { type: 'compaction', encrypted_content: 'x' },
      { id: 'msg_1' },
    ]
    expect(turnsOf(items).map(({ role, parts }) => `${role} ${parts[0]?.type}`)).toEqual([
      'developer text',
      'assistant reasoning',
      'assistant tool-call',
      'tool tool-result',
      'assistant opaque',
      'user opaque',
      'assistant opaque',
      'user opaque',
      'assistant opaque',
      'user opaque',
    ])
  })

  it('keeps arguments as text, with their JSON where they are an object', () => {
    const call = { type: 'function_call', call_id: 'c', name: 'f' }
    const argumentsOf = (text: string) => {
      const [part] = turnsOf([{ ...call, arguments: text }])[0]?.parts ?? []
      return part?.type === 'tool-call' ? part.arguments : undefined
    }
    expect(argumentsOf('{ "a": 1 }')).toEqual({ text: '{ "a": 1 }', json: { a: 1 } })
    expect(argumentsOf('')).toEqual({ text: '', json: {} })
    expect(argumentsOf('{"a')).toEqual({ text: '{"a' })
  })

  it('reads images and files in each of their forms', () => {
    const [turn] = turnsOf([
      {
        role: 'user',
        content: [
          { type: 'input_image', image_url: 'https://a.example/b.png', detail: 'low' },
          { type: 'input_image', image_url: 'data:image/png;base64,AA' },
          { type: 'input_image', file_id: 'file-1' },
          { type: 'input_file', file_data: 'data:application/pdf;base64,AA', filename: 'a.pdf' },
          { type: 'input_file', file_data: 'AA' },
          { type: 'input_file', file_url: 'https://a.example/b.pdf' },
        ],
      },
    ])
    expect(turn?.parts).toMatchObject([
      { source: { kind: 'url', url: 'https://a.example/b.png' }, detail: 'low' },
      { source: { kind: 'base64', data: 'AA', mediaType: 'image/png' } },
      { source: { kind: 'file', id: 'file-1', dialect: OPENAI_FILES } },
      { source: { kind: 'base64', mediaType: 'application/pdf' }, filename: 'a.pdf' },
      { source: { kind: 'base64', data: 'AA' } },
      { source: { kind: 'url' } },
    ])
  })

  it.each([
    [{}, 'input'],
    [{ input: 5 }, 'input'],
    [{ input: ['Hi'] }, 'input[0]'],
    [{ input: [{}] }, 'input[0].type'],
    [{ input: [{ role: 'tool', content: 'x' }] }, 'input[0].role'],
    [{ input: [{ role: 'user', content: [{ text: 'x' }] }] }, 'input[0].content[0].type'],
    [{ input: [{ type: 'function_call_output', output: 'x' }] }, 'input[0].call_id'],
    [{ input: 'Hi', model: 5 }, 'model'],
    [{ input: 'Hi', model: null }, 'model'],
    [{ input: 'Hi', instructions: 5 }, 'instructions'],
    [{ input: 'Hi', tools: [{ type: 'function' }] }, 'tools[0].name'],
    [{ input: 'Hi', text: { format: { type: 'json_schema' } } }, 'text.format.schema'],
  ])('refuses %o at its path', (body, path) => {
    const thrown = catching(() => decoded(body))
    expect(thrown instanceof WireError ? thrown.path : thrown).toEqual(
      thrown instanceof WireError ? path : expect.objectContaining({ param: path }),
    )
  })
})

function catching(run: () => unknown): unknown {
  try {
    run()
  } catch (error) {
    return error
  }
  return undefined
}

function choose(only: readonly string[], mode: 'auto' | 'required'): Json | undefined {
  const { body } = openaiResponses.request.encode(
    {
      ...decoded({ input: 'Hi' }),
      tools: [
        { kind: 'function', name: 'f' },
        { kind: 'custom', name: 'c' },
      ],
      toolChoice: { mode, only },
    },
    { provider: 'host', flags: {} },
  )
  return plain(body)
}

describe('settings', () => {
  it('are those of the model where it has a word for them', () => {
    const request = decoded({
      input: 'Hi',
      instructions: 'Be brief.',
      max_output_tokens: 64,
      temperature: 0.5,
      top_p: 0.9,
      top_logprobs: 3,
      include: ['message.output_text.logprobs'],
      reasoning: { effort: 'high', summary: 'concise' },
      text: { format: { type: 'json_object' }, verbosity: 'low' },
      parallel_tool_calls: false,
      metadata: { a: 'b' },
      safety_identifier: 'u',
      service_tier: 'flex',
      store: false,
      prompt_cache_key: 'k',
      prompt_cache_retention: '24h',
      stream: true,
    })
    expect(request).toMatchObject({
      turns: [{ role: 'system', place: 'top', parts: [{ text: 'Be brief.' }] }, { role: 'user' }],
      maxOutputTokens: 64,
      sampling: { temperature: 0.5, topP: 0.9, topLogprobs: 3, logprobs: true },
      reasoning: { effort: 'high', show: 'summarized' },
      output: { format: { type: 'json' }, verbosity: 'low' },
      parallelToolCalls: false,
      identity: { user: 'u', metadata: { a: 'b' } },
      service: { tier: 'flex', store: false },
      caching: { key: 'k', retention: '24h' },
      stream: { enabled: true },
    })
  })

  it('that only the server can fulfil stay as they came', () => {
    const { turns, extensions } = decoded({ previous_response_id: 'resp_1', background: true })
    expect(turns).toEqual([])
    expect(extensions?.['openai-responses']?.fields).toEqual({
      previous_response_id: 'resp_1',
      background: true,
    })
  })

  it.each([
    ['none', { mode: 'none' }],
    ['required', { mode: 'required' }],
    [
      { type: 'function', name: 'f' },
      { mode: 'required', only: ['f'] },
    ],
    [
      { type: 'custom', name: 'c' },
      { mode: 'required', only: ['c'] },
    ],
    [{ type: 'file_search' }, { mode: 'required', only: ['file_search'] }],
    [
      { type: 'allowed_tools', mode: 'auto', tools: [{ type: 'function', name: 'f' }] },
      { mode: 'auto', only: ['f'] },
    ],
  ] as const)('read the tool choice %o', (choice, expected) => {
    expect(decoded({ input: 'Hi', tool_choice: choice }).toolChoice).toMatchObject(expected)
  })

  it('print a choice of another dialect by the kind of its tools', () => {
    expect(choose(['c'], 'required')).toMatchObject({ tool_choice: { type: 'custom', name: 'c' } })
    expect(choose(['f', 'c'], 'auto')).toMatchObject({
      tool_choice: {
        type: 'allowed_tools',
        mode: 'auto',
        tools: [
          { type: 'function', name: 'f' },
          { type: 'custom', name: 'c' },
        ],
      },
    })
  })
})
