// What becomes of other clients' requests on this wire: the strict history rules of Mistral hold for all of them.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Note } from '../../canonical/note.ts'
import type { Part } from '../../canonical/part.ts'
import type { ChatRequest, Turn } from '../../canonical/request.ts'
import { type Json, type JsonObject, ObjectReader, isArray, isObject } from '../../wire/json.ts'
import { plain } from '../dialect.contract.ts'
import { requestArbitrary, requestWith, text } from '../lowering/request.arbitrary.ts'
import { mistralChat } from './dialect.ts'

const profile = (flags: JsonObject = {}) => ({ provider: 'host', flags })

function sent(request: ChatRequest, flags: JsonObject = {}) {
  const { value, notes } = mistralChat.lower(request, profile(flags))
  const { body } = mistralChat.request.encode(value, profile(flags))
  return { body: ObjectReader.of(plain(body), '').source, notes }
}

function own(body: JsonObject): ChatRequest {
  const whole = { model: 'm', messages: [], ...body }
  return mistralChat.request.decode({ method: 'POST', path: '', headers: {}, body: whole })
}

function words(notes: readonly Note[]): readonly string[] {
  return notes.map(({ action, feature, weight }) => `${action} ${feature} ${weight}`)
}

function call(name: string, callId = 'aB3dE6gH9'): Part {
  const json = {}
  return { type: 'tool-call', kind: 'function', callId, name, arguments: { text: '{}', json } }
}

function result(callId: string, said: string, more: object = {}): Part {
  return { type: 'tool-result', callId, content: [text(said)], ...more }
}

const turn = (role: Turn['role'], ...parts: readonly Part[]): Turn => ({ role, parts })

/** Every top-level field of Mistral's own schema; anything else is answered with 422. */
const FIELDS = new Set([
  'model',
  'messages',
  'temperature',
  'top_p',
  'max_tokens',
  'stream',
  'stop',
  'random_seed',
  'presence_penalty',
  'frequency_penalty',
  'n',
  'metadata',
  'response_format',
  'tools',
  'tool_choice',
  'parallel_tool_calls',
  'prediction',
  'reasoning_effort',
  'prompt_mode',
  'prompt_cache_key',
])
const MESSAGE_FIELDS: Readonly<Record<string, readonly string[]>> = {
  system: ['role', 'content'],
  user: ['role', 'content'],
  assistant: ['role', 'content', 'tool_calls', 'prefix'],
  tool: ['role', 'content', 'tool_call_id', 'name'],
}

/** What the vendor would refuse, worked out without the dialect's own code. */
function faults(body: JsonObject, flags: JsonObject): readonly string[] {
  const messages = isArray(body['messages']) ? body['messages'].filter((one) => isObject(one)) : []
  const unknown = Object.keys(body).filter((key) => !FIELDS.has(key))
  return [
    ...unknown.map((key) => `extra field ${key}`),
    ...messages.flatMap((message, at) => messageFaults(message, `messages[${at}]`)),
    ...orderFaults(messages, flags),
    ...countFaults(messages),
  ]
}

function messageFaults(message: JsonObject, path: string): readonly string[] {
  const allowed = MESSAGE_FIELDS[String(message['role'])] ?? []
  const { content, tool_calls: calls, tool_call_id: id } = message
  const ids = [...(isArray(calls) ? calls : [])].map((one) => isObject(one) && one['id'])
  const empty = content === '' || content === null || content === undefined
  return [
    ...Object.keys(message).flatMap((key) => (allowed.includes(key) ? [] : [`${path}.${key}`])),
    ...[...ids, ...(message['role'] === 'tool' ? [id] : [])].flatMap((one) =>
      /^[A-Za-z0-9]{9}$/.test(String(one)) ? [] : [`${path}: id ${String(one)}`],
    ),
    ...(message['role'] === 'assistant' && empty && !isArray(calls) ? [`${path} is empty`] : []),
    ...(isArray(content) ? content : []).flatMap((chunk) => chunkFaults(chunk, path)),
  ]
}

const CHUNKS = new Set<Json | undefined>([
  'text',
  'image_url',
  'document_url',
  'input_audio',
  'thinking',
  'file',
  'reference',
])

function chunkFaults(chunk: Json, path: string): readonly string[] {
  const type = isObject(chunk) ? chunk['type'] : undefined
  return CHUNKS.has(type) ? [] : [`${path}: chunk ${String(type)}`]
}

function orderFaults(messages: readonly JsonObject[], flags: JsonObject): readonly string[] {
  const roles = messages.map((message) => String(message['role']))
  const last = messages.at(-1)
  const ends = ['user', 'tool', undefined].includes(roles.at(-1)) || last?.['prefix'] === true
  return [
    ...(ends ? [] : [`last role is ${roles.at(-1)}`]),
    ...roles.flatMap((role, at) => {
      const before = roles[at - 1]
      if (role === before && (role === 'user' || role === 'assistant')) return [`${role} twice`]
      const after = role === 'user' && before === 'tool' && flags['userAfterTool'] === false
      return after ? ['user after tool'] : []
    }),
  ]
}

/** Right after each assistant message, one result a call and no more. */
function countFaults(messages: readonly JsonObject[]): readonly string[] {
  let waiting: Json[] = []
  const found: string[] = []
  for (const message of [...messages, { role: 'end' }]) {
    if (message['role'] === 'tool') {
      const at = waiting.indexOf(message['tool_call_id'] ?? null)
      if (at === -1) found.push('result without call')
      else waiting.splice(at, 1)
      continue
    }
    if (waiting.length > 0) found.push('call without result')
    const calls = isArray(message['tool_calls']) ? message['tool_calls'] : []
    waiting = calls.map((one) => (isObject(one) ? (one['id'] ?? null) : null))
  }
  return found
}

describe('laws', () => {
  const flags: fc.Arbitrary<JsonObject> = fc.record(
    {
      userAfterTool: fc.boolean(),
      thinkingReplay: fc.boolean(),
      reasoningControl: fc.constantFrom('reasoning_effort', 'prompt_mode', 'none'),
      reasoningEfforts: fc.subarray(['none', 'low', 'high']),
      temperatureMax: fc.constantFrom(1, 1.5),
    },
    { requiredKeys: [] },
  )

  it('is idempotent, and leaves a body that Mistral takes and this dialect reads', () => {
    fc.assert(
      fc.property(requestArbitrary, flags, (request, flags) => {
        const once = mistralChat.lower(request, profile(flags))
        const twice = mistralChat.lower(once.value, profile(flags))
        expect(twice.notes).toEqual([])
        expect(twice.value).toEqual(once.value)
        const wire = mistralChat.request.encode(once.value, profile(flags))
        const body = ObjectReader.of(plain(wire.body), '').source
        expect(faults(body, flags)).toEqual([])
        const again = mistralChat.request.decode({ ...wire, body })
        expect(plain(mistralChat.request.encode(again, profile(flags)).body)).toEqual(body)
      }),
      { numRuns: 500 },
    )
  })

  it('lets no foreign seal out', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 8 }), (payload) => {
        const seal = { payload, format: 'x', origin: { dialect: 'alpha' } }
        const parts: readonly Part[] = [{ type: 'reasoning', text: 'hm', seal }, text('a')]
        const { body } = sent(
          requestWith({ turns: [turn('user', text('q')), turn('assistant', ...parts)] }),
        )
        expect(JSON.stringify(body)).not.toContain('signature')
      }),
    )
  })
})

describe('histories of other dialects', () => {
  it('say results one by one with their names, before what else the user said', () => {
    const { body, notes } = sent(
      requestWith({
        turns: [
          turn('user', text('both?')),
          turn('assistant', call('f', 'call_1'), call('g', 'call_2')),
          turn(
            'user',
            result('call_1', 'one'),
            result('call_2', 'two', { isError: true }),
            text('so?'),
          ),
        ],
      }),
    )
    const messages = ObjectReader.of(body, '').items('messages')
    const read = messages.map(({ value }) => (isObject(value) ? value : {}))
    expect(read.map(({ role, name, content }) => [role, name, content])).toEqual([
      ['user', undefined, 'both?'],
      ['assistant', undefined, ''],
      ['tool', 'f', 'one'],
      ['tool', 'g', 'Error: two'],
      ['user', undefined, 'so?'],
    ])
    expect(words(notes).filter((word) => !word.endsWith(' 0'))).toEqual([
      'approximated tool_result_error 1',
    ])
  })

  it('put an answer between results and user only where the model wants one', () => {
    const turns = [
      turn('user', text('q')),
      turn('assistant', call('f')),
      turn('user', result('aB3dE6gH9', 'r'), text('go on')),
    ]
    const roles = (flags: JsonObject) =>
      ObjectReader.of(sent(requestWith({ turns }), flags).body, '')
        .items('messages')
        .map(({ value }) => isObject(value) && value['role'])
    expect(roles({})).toEqual(['user', 'assistant', 'tool', 'user'])
    expect(roles({ userAfterTool: false })).toEqual([
      'user',
      'assistant',
      'tool',
      'assistant',
      'user',
    ])
  })

  it('give every call one result, and every result its call', () => {
    const { body, notes } = sent(
      requestWith({
        turns: [
          turn('user', text('q')),
          turn('assistant', call('f')),
          turn('tool', result('other', 'stray', { name: 'g' })),
        ],
      }),
    )
    expect(body['messages']).toEqual([
      { role: 'user', content: 'q' },
      expect.objectContaining({ role: 'assistant' }),
      { role: 'tool', tool_call_id: 'aB3dE6gH9', name: 'f', content: 'No result.' },
      { role: 'user', content: 'Result of g: stray' },
    ])
    expect(words(notes)).toEqual(['synthesized tool_result 1', 'approximated tool_result 2'])
  })

  it('merge neighbours of one role, and turn an instruction at the end into a question', () => {
    const { body, notes } = sent(
      requestWith({
        turns: [
          turn('developer', text('be brief')),
          turn('user', text('a')),
          turn('user', text('b')),
          turn('system', text('answer now')),
        ],
      }),
    )
    expect(body['messages']).toEqual([
      { role: 'system', content: 'be brief' },
      {
        role: 'user',
        content: ['a', 'b', 'answer now'].map((one) => ({ type: 'text', text: one })),
      },
    ])
    expect(words(notes)).toEqual([
      'approximated developer_role 1',
      'merged role_order 0',
      'approximated system_position 2',
      'merged role_order 0',
    ])
  })

  it('go on with an answer that was begun, and leave a Mistral client its own prefix', () => {
    const begun = [turn('user', text('q')), turn('assistant', text('The sky'))]
    expect(sent(requestWith({ turns: begun })).body['messages']).toEqual([
      { role: 'user', content: 'q' },
      { role: 'assistant', content: 'The sky', prefix: true },
    ])
    const messages = [
      { role: 'user', content: 'q' },
      { role: 'assistant', content: 'a' },
    ]
    expect(sent(own({ messages })).body['messages']).toEqual(messages)
  })

  it('say media as chunks, sound as a text, and move what results cannot hold', () => {
    const png = { kind: 'base64', data: 'iVBORw0KGgoAAAA' } as const
    const { body, notes } = sent(
      requestWith({
        turns: [
          turn(
            'user',
            { type: 'image', source: png, detail: 'high' },
            { type: 'audio', source: { kind: 'base64', data: 'AAAA', mediaType: 'audio/wav' } },
            {
              type: 'file',
              source: { kind: 'url', url: 'https://a.example/b.pdf' },
              filename: 'b',
            },
            { type: 'video', source: { kind: 'url', url: 'https://a.example/c.mp4' } },
          ),
        ],
      }),
    )
    expect(body['messages']).toEqual([
      {
        role: 'user',
        content: [
          {
            type: 'image_url',
            image_url: { url: 'data:image/png;base64,iVBORw0KGgoAAAA', detail: 'high' },
          },
          { type: 'input_audio', input_audio: 'AAAA' },
          { type: 'document_url', document_url: 'https://a.example/b.pdf', document_name: 'b' },
        ],
      },
    ])
    expect(words(notes)).toEqual(['dropped video 3'])
  })

  it('carry thinking as closed chunks, or not at all', () => {
    const turns = [
      turn('user', text('q')),
      turn('assistant', { type: 'reasoning', text: 'hm' }, text('a')),
      turn('user', text('and?')),
    ]
    const content = [
      { type: 'thinking', thinking: [{ type: 'text', text: 'hm' }], closed: true },
      { type: 'text', text: 'a' },
    ]
    expect(sent(requestWith({ turns })).body['messages']).toContainEqual({
      role: 'assistant',
      content,
    })
    const silent = sent(requestWith({ turns }), { thinkingReplay: false })
    expect(silent.body['messages']).toContainEqual({ role: 'assistant', content: 'a' })
    expect(words(silent.notes)).toEqual(['dropped reasoning 1'])
  })
})

describe('settings of other dialects', () => {
  it('have their names here, or are dropped with a note', () => {
    const { body, notes } = sent(
      requestWith({
        sampling: { temperature: 2, seed: 3, topK: 4, stop: ['x'] },
        maxOutputTokens: 9,
        caching: { key: 'k', retention: '24h' },
        identity: { user: 'u', metadata: { a: '1' } },
        service: { tier: 'flex', store: false },
        output: { verbosity: 'low', prediction: [text('old')] },
        extensions: { alpha: { fields: { stream_options: { include_usage: true } } } },
      }),
    )
    expect(body).toEqual({
      model: 'm',
      messages: [],
      temperature: 1.5,
      random_seed: 3,
      stop: ['x'],
      max_tokens: 9,
      metadata: { a: '1' },
      prompt_cache_key: 'k',
      prediction: { type: 'content', content: 'old' },
    })
    expect(words(notes)).toEqual([
      'dropped stream_options 1',
      'dropped user 1',
      'dropped service_tier 1',
      'dropped caching 1',
      'dropped top_k 2',
      'clamped temperature 2',
      'dropped verbosity 2',
    ])
  })

  it.each([
    [{ effort: 'high' }, {}, { reasoning_effort: 'high' }, []],
    [{ effort: 'max' }, {}, { reasoning_effort: 'xhigh' }, ['approximated reasoning_effort 2']],
    [{ mode: 'off' }, {}, { reasoning_effort: 'none' }, []],
    [
      { effort: 'low' },
      { reasoningControl: 'prompt_mode' },
      { prompt_mode: 'reasoning' },
      ['approximated reasoning_effort 2'],
    ],
    [{ effort: 'low' }, { reasoningControl: 'none' }, {}, ['dropped reasoning_effort 2']],
    [{ effort: 'none' }, { reasoningControl: 'none' }, {}, ['dropped reasoning_effort 0']],
  ] as const)('%j is said as the model has it (%j)', (...[reasoning, flags, said, noted]) => {
    const { body, notes } = sent(requestWith({ reasoning }), flags)
    expect(body).toEqual({ model: 'm', messages: [], ...said })
    expect(words(notes)).toEqual(noted)
  })

  it('force a call with the word that every model knows, and give every tool a schema', () => {
    const tools = [
      { kind: 'function', name: 'f' },
      { kind: 'function', name: 'g' },
    ] as const
    const { body } = sent(requestWith({ tools, toolChoice: { mode: 'required' } }))
    expect(body['tool_choice']).toBe('any')
    expect(body['tools']).toContainEqual({
      type: 'function',
      function: { name: 'f', parameters: { type: 'object', properties: {} } },
    })
    const named = sent(requestWith({ tools, toolChoice: { mode: 'required', only: ['g'] } }))
    expect(named.body['tool_choice']).toEqual({ type: 'function', function: { name: 'g' } })
  })
})

function answeredCall(id: string): readonly JsonObject[] {
  return [
    { role: 'user', content: 'q' },
    { role: 'assistant', tool_calls: [{ id, function: { name: 'f', arguments: '{}' } }] },
    { role: 'tool', tool_call_id: id, name: 'f', content: 'r' },
  ]
}

describe("Mistral's own words elsewhere", () => {
  it('keep ids that are legal, and rewrite calls and results alike where they are not', () => {
    expect(sent(own({ messages: answeredCall('aB3dE6gH9') })).notes).toEqual([])
    const foreign = JSON.stringify(sent(own({ messages: answeredCall('call_1') })).body)
    const ids = [...foreign.matchAll(/_?id":"([^"]*)"/g)].map((match) => match[1])
    expect(ids[0]).toMatch(/^[A-Za-z0-9]{9}$/)
    expect(ids).toEqual([ids[0], ids[0]])
    const any = sent(own({ messages: answeredCall('call_1') }), { toolIds: 'any' })
    expect(any.body['messages']).toEqual(answeredCall('call_1'))
  })

  it('are kept on this wire, unknown ones too', () => {
    const body = { safe_prompt: true, guardrails: [{ block_on_error: true }], new_field: { a: 1 } }
    expect(sent(own(body))).toEqual({ body: { model: 'm', messages: [], ...body }, notes: [] })
  })
})
