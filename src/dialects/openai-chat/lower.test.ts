// What becomes of other clients' requests on this wire, and of a chat client's where the host differs.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Note } from '../../canonical/note.ts'
import type { Part } from '../../canonical/part.ts'
import type { ChatRequest } from '../../canonical/request.ts'
import { type JsonObject, ObjectReader } from '../../wire/json.ts'
import { plain } from '../dialect.contract.ts'
import { requestArbitrary } from '../lowering/request.arbitrary.ts'
import { openaiChat } from './dialect.ts'

const profile = (flags: JsonObject = {}) => ({ provider: 'host', flags })

function foreign(more: Partial<ChatRequest>): ChatRequest {
  return {
    origin: { dialect: 'elsewhere' },
    model: 'm',
    turns: [],
    sampling: {},
    stream: { enabled: false },
    ...more,
  }
}

function own(body: JsonObject): ChatRequest {
  return openaiChat.request.decode({
    method: 'POST',
    path: '',
    headers: {},
    body: { model: 'm', messages: [], ...body },
  })
}

function sent(request: ChatRequest, flags: JsonObject = {}) {
  const { value, notes } = openaiChat.lower(request, profile(flags))
  const { body } = openaiChat.request.encode(value, profile(flags))
  return { body: ObjectReader.of(plain(body), '').source, notes }
}

function words(notes: readonly Note[]): readonly string[] {
  return notes.map(({ action, feature, weight }) => `${action} ${feature} ${weight}`)
}

const call = (name: string, callId = 'c1'): Part => ({
  type: 'tool-call',
  kind: 'function',
  callId,
  name,
  arguments: { text: '{}', json: {} },
})

describe('laws', () => {
  const flags = fc.record(
    {
      developerRole: fc.boolean(),
      contentArrays: fc.boolean(),
      jsonSchema: fc.boolean(),
      customTools: fc.boolean(),
      toolChoiceNamed: fc.boolean(),
      imageUrls: fc.boolean(),
      toolIds: fc.constantFrom('any', 'nine'),
      reasoningReplay: fc.constantFrom('never', 'always', 'tool-loop'),
      reasoningControl: fc.constantFrom('none', 'thinking', 'reasoning', 'reasoning_effort'),
      unsupportedFields: fc.subarray([
        'seed',
        'store',
        'user',
        'n',
        'verbosity',
        'reasoning_effort',
      ]),
    },
    { requiredKeys: [] },
  )

  it('is idempotent, and leaves a body that this dialect itself reads', () => {
    fc.assert(
      fc.property(requestArbitrary, flags, (request, flags) => {
        const once = openaiChat.lower(request, profile(flags))
        const twice = openaiChat.lower(once.value, profile(flags))
        expect(twice.notes).toEqual([])
        expect(twice.value).toEqual(once.value)
        const wire = openaiChat.request.encode(once.value, profile(flags))
        const body = plain(wire.body) ?? null
        expect(openaiChat.request.decode({ ...wire, body }).turns.length).toBeGreaterThanOrEqual(0)
      }),
      { numRuns: 400 },
    )
  })
})

describe('requests of other dialects', () => {
  it('say results one by one before what else the user said, their images after them', () => {
    const { body, notes } = sent(
      foreign({
        turns: [
          { role: 'assistant', parts: [call('f', 'a'), call('g', 'b')] },
          {
            role: 'user',
            parts: [
              {
                type: 'tool-result',
                callId: 'b',
                content: [{ type: 'image', source: { kind: 'url', url: 'u' } }],
              },
              {
                type: 'tool-result',
                callId: 'a',
                content: [{ type: 'text', text: 'no' }],
                isError: true,
              },
              { type: 'text', text: 'so?' },
            ],
          },
        ],
      }),
    )
    expect(body['messages']).toMatchObject([
      { role: 'assistant', content: null },
      { role: 'tool', tool_call_id: 'b', content: '[image: see the next user message]' },
      { role: 'tool', tool_call_id: 'a', content: 'Error: no' },
      {
        role: 'user',
        content: [
          { type: 'image_url', image_url: { url: 'u' } },
          { type: 'text', text: 'so?' },
        ],
      },
    ])
    expect(words(notes)).toEqual([
      'approximated tool_result_error 1',
      'approximated tool_result_media 2',
    ])
  })

  it('drop empty texts and turns of nothing', () => {
    const turns: ChatRequest['turns'] = [
      { role: 'user', parts: [{ type: 'text', text: '' }] },
      { role: 'assistant', parts: [{ type: 'text', text: '' }, call('f')] },
    ]
    expect(sent(foreign({ turns })).body['messages']).toMatchObject([
      { role: 'assistant', content: null },
      { role: 'tool', content: 'Error: No result was given.' },
    ])
  })

  it('shorten ids and clean names, alike in calls, results and tools', () => {
    const long = 'x'.repeat(70)
    const { body } = sent(
      foreign({
        turns: [
          { role: 'assistant', parts: [call('mcp.server/look', long)] },
          { role: 'tool', parts: [{ type: 'tool-result', callId: long, content: [] }] },
        ],
        tools: [{ kind: 'function', name: 'mcp.server/look' }],
      }),
    )
    const text = JSON.stringify(body)
    expect(text).not.toContain(long)
    expect(text).not.toContain('mcp.server/look')
    const ids = [...text.matchAll(/"(?:id|tool_call_id)":"([^"]+)"/g)].map(([, id]) => id)
    expect(new Set(ids).size).toBe(1)
    expect(ids[0]).toMatch(/^[0-9A-Za-z]{24}$/)
  })

  it('ask for usage in streams only', () => {
    const whole = { enabled: false, includeUsage: true }
    const stream = { enabled: true, includeUsage: true }
    expect(sent(foreign({ stream: whole })).body).not.toHaveProperty('stream_options')
    expect(sent(foreign({ stream })).body).toHaveProperty('stream_options')
  })

  it('drop settings beyond OpenAI’s, but not where the host takes them', () => {
    const request = foreign({ sampling: { topK: 5, minP: 0.1, temperature: 1 } })
    expect(words(sent(request).notes)).toEqual(['dropped top_k 2', 'dropped min_p 2'])
    const extraSampling = ['top_k', 'min_p']
    expect(sent(request, { extraSampling })).toMatchObject({
      body: { top_k: 5, min_p: 0.1 },
      notes: [],
    })
  })

  it('say a budget of thinking as an effort, off as none', () => {
    expect(sent(foreign({ reasoning: { mode: 'on', budgetTokens: 16_000 } })).body).toMatchObject({
      reasoning_effort: 'high',
    })
    expect(sent(foreign({ reasoning: { mode: 'off' } })).body).toMatchObject({
      reasoning_effort: 'none',
    })
  })

  it('keep thinking to themselves unless the host takes it back', () => {
    const turns: ChatRequest['turns'] = [
      { role: 'user', parts: [{ type: 'text', text: 'a' }] },
      {
        role: 'assistant',
        parts: [
          { type: 'reasoning', text: 'old' },
          { type: 'text', text: 'b' },
        ],
      },
      { role: 'user', parts: [{ type: 'text', text: 'c' }] },
      { role: 'assistant', parts: [{ type: 'reasoning', text: 'new' }, call('f')] },
    ]
    expect(JSON.stringify(sent(foreign({ turns })).body)).not.toMatch(/old|new/)
    const loop = JSON.stringify(sent(foreign({ turns }), { reasoningReplay: 'tool-loop' }).body)
    expect(loop).toContain('"reasoning_content":"new"')
    expect(loop).not.toContain('old')
    expect(JSON.stringify(sent(foreign({ turns }), { reasoningReplay: 'always' }).body)).toContain(
      'old',
    )
  })

  it('never hand a seal to someone who did not make it', () => {
    const seal = { payload: 'secret-state', format: 'f', origin: { dialect: 'elsewhere' } }
    const turns: ChatRequest['turns'] = [
      {
        role: 'assistant',
        parts: [
          { type: 'reasoning', text: 'r', seal },
          { type: 'text', text: 'x' },
        ],
      },
    ]
    const { body } = sent(foreign({ turns }), { reasoningReplay: 'always' })
    expect(JSON.stringify(body)).not.toContain('secret-state')
  })

  it('make text of search results and refuse what a role cannot hold', () => {
    const turns: ChatRequest['turns'] = [
      {
        role: 'user',
        parts: [
          {
            type: 'search-result',
            title: 'T',
            source: 's',
            content: [{ type: 'text', text: 'found' }],
          },
        ],
      },
      {
        role: 'assistant',
        parts: [
          { type: 'image', source: { kind: 'url', url: 'u' } },
          { type: 'text', text: 'x' },
        ],
      },
    ]
    const { body, notes } = sent(foreign({ turns }))
    expect(body['messages']).toEqual([
      { role: 'user', content: 'T\ns\nfound' },
      { role: 'assistant', content: 'x' },
    ])
    expect(words(notes)).toEqual([
      'approximated search-result 2',
      'dropped image 3',
      'approximated prefill 2',
    ])
  })

  it('keep every cache mark where the host has a word for it', () => {
    const turns: ChatRequest['turns'] = [
      { role: 'user', parts: [{ type: 'text', text: 'a', cache: {} }] },
    ]
    expect(words(sent(foreign({ turns })).notes)).toEqual(['dropped cache_control 1'])
    expect(sent(foreign({ turns }), { cacheMarks: 'cache_control' })).toMatchObject({
      body: { messages: [{ content: [{ cache_control: { type: 'ephemeral' } }] }] },
      notes: [],
    })
  })
})

describe('a chat client’s requests to a host that differs', () => {
  it.each([
    [
      { messages: [{ role: 'developer', content: 'a' }] },
      { developerRole: false },
      'approximated developer_role 1',
    ],
    [
      { tools: [{ type: 'custom', custom: { name: 'c' } }] },
      { customTools: false },
      'approximated custom_tool 2',
    ],
    [{ temperature: 1.8 }, { temperatureMax: 1 }, 'clamped temperature 2'],
    [{ stop: ['a', 'b'] }, { stopMax: 1 }, 'clamped stop 3'],
    [{ seed: 5 }, { unsupportedFields: ['seed'] }, 'dropped seed 2'],
    [{ user: 'u' }, { unsupportedFields: ['user'] }, 'dropped user 1'],
    [{ store: true }, { unsupportedFields: ['store'] }, 'dropped store 1'],
    [{ x_own: 1 }, { unsupportedFields: ['x_own'] }, 'dropped x_own 1'],
    [{ verbosity: 'low' }, { unsupportedFields: ['verbosity'] }, 'dropped verbosity 2'],
    [{ reasoning_effort: 'low' }, { reasoningControl: 'none' }, 'dropped reasoning_effort 2'],
    [
      { reasoning_effort: 'max' },
      { reasoningEfforts: ['low', 'high'] },
      'approximated reasoning_effort 2',
    ],
    [
      { tool_choice: 'required', tools: [] },
      { toolChoiceRequired: false },
      'dropped tool_choice 3',
    ],
    [{ parallel_tool_calls: false }, { parallelToolCalls: false }, 'dropped parallel_tool_calls 0'],
    [
      { response_format: { type: 'json_schema', json_schema: { name: 'n', schema: {} } } },
      { jsonSchema: false },
      'approximated response_format 3',
    ],
    [
      {
        messages: [
          { role: 'user', content: [{ type: 'image_url', image_url: { url: 'https://e.com/a' } }] },
        ],
      },
      { imageUrls: false },
      'dropped image 3',
    ],
  ] satisfies readonly (readonly [JsonObject, JsonObject, string])[])(
    '%j under %j: %s',
    (body, flags, note) => {
      expect(words(sent(own(body), flags).notes)).toEqual([note])
      expect(words(sent(own(body)).notes)).toEqual([])
    },
  )

  it('says an effort beside the switch where the host takes both', () => {
    const flags = { reasoningControl: 'thinking', reasoningEfforts: ['high', 'max'] }
    expect(sent(own({ reasoning_effort: 'high' }), flags)).toEqual({
      body: { model: 'm', messages: [], thinking: { type: 'enabled' }, reasoning_effort: 'high' },
      notes: [],
    })
    expect(sent(own({ reasoning_effort: 'none' }), flags).body).toMatchObject({
      thinking: { type: 'disabled' },
    })
  })

  it('sends no image to a host that reads none, from no client', () => {
    const image: Part = { type: 'image', source: { kind: 'base64', data: 'AA' } }
    const request = foreign({ turns: [{ role: 'user', parts: [image] }] })
    expect(words(sent(request, { images: false }).notes)).toEqual(['dropped image 3'])
  })

  it('loses nothing by leaving out store: false where there is no store', () => {
    expect(sent(own({ store: false }), { unsupportedFields: ['store'] })).toEqual({
      body: { model: 'm', messages: [] },
      notes: [],
    })
  })

  it('renames ids for hosts whose templates want nine characters', () => {
    const messages = [
      {
        role: 'assistant',
        tool_calls: [{ id: 'call_1', type: 'function', function: { name: 'f', arguments: '{}' } }],
      },
      { role: 'tool', tool_call_id: 'call_1', content: 'r' },
    ]
    const text = JSON.stringify(sent(own({ messages }), { toolIds: 'nine' }).body)
    expect([...text.matchAll(/"(?:id|tool_call_id)":"[0-9A-Za-z]{9}"/g)]).toHaveLength(2)
  })
})

describe('a model that takes settings as long as it does not reason', () => {
  const flags = { refusedWhileReasoning: ['temperature', 'top_p'] }

  it('keeps them where nobody asks it to', () => {
    const { body, notes } = sent(own({ temperature: 0.2, reasoning_effort: 'none' }), flags)
    expect(body).toMatchObject({ temperature: 0.2, reasoning_effort: 'none' })
    expect(notes).toEqual([])
  })

  it('loses them with a note where it is to think', () => {
    const { body, notes } = sent(own({ temperature: 0.2, reasoning_effort: 'high' }), flags)
    expect(body['temperature']).toBeUndefined()
    expect(notes).toMatchObject([{ action: 'dropped', feature: 'temperature', weight: 2 }])
  })
})
