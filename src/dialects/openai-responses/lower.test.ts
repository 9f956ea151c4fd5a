// What becomes of other clients' requests on this wire, and of this wire's requests elsewhere.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fixturesOf } from '../../../test/fixtures.ts'
import type { Note } from '../../canonical/note.ts'
import type { Part, ToolCallPart } from '../../canonical/part.ts'
import type { ChatRequest } from '../../canonical/request.ts'
import { type JsonObject, ObjectReader } from '../../wire/json.ts'
import { plain } from '../dialect.contract.ts'
import { requestArbitrary } from '../lowering/request.arbitrary.ts'
import { wrapSeal } from '../lowering/seal.ts'
import { dialects } from '../registry.ts'
import { openaiResponses } from './dialect.ts'

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
  return openaiResponses.request.decode({
    method: 'POST',
    path: '',
    headers: {},
    body: { model: 'm', input: [], ...body },
  })
}

function sent(request: ChatRequest, flags: JsonObject = {}) {
  const { value, notes } = openaiResponses.lower(request, profile(flags))
  const { body } = openaiResponses.request.encode(value, profile(flags))
  return { body: ObjectReader.of(plain(body), '').source, notes }
}

function words(notes: readonly Note[]): readonly string[] {
  return notes.map(({ action, feature, weight }) => `${action} ${feature} ${weight}`)
}

const call = (name: string, callId = 'c1'): ToolCallPart => ({
  type: 'tool-call',
  kind: 'function',
  callId,
  name,
  arguments: { text: '{}', json: {} },
})

describe('laws', () => {
  const flags = fc.record(
    { customTools: fc.boolean(), reasoningEfforts: fc.constant(['low', 'high']) },
    { requiredKeys: [] },
  )

  it('whatever came in, it is printed once it is lowered, and lowering it again changes nothing', () => {
    fc.assert(
      fc.property(requestArbitrary, flags, (request, rules) => {
        const once = openaiResponses.lower(request, profile(rules))
        const twice = openaiResponses.lower(once.value, profile(rules))
        expect(twice.value).toEqual(once.value)
        expect(twice.notes).toEqual([])
        openaiResponses.request.encode(once.value, profile(rules))
      }),
      { numRuns: 300 },
    )
  })

  it('what is sent says the same when it is read', () => {
    fc.assert(
      fc.property(requestArbitrary, (request) => {
        const { body } = sent(request)
        expect(sent(own(body)).body).toEqual(body)
      }),
      { numRuns: 200 },
    )
  })

  it('no state of another provider reaches the host', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 8 }), (secret) => {
        const seal = { payload: `S${secret}S`, format: 'x', origin: { dialect: 'elsewhere' } }
        const parts: readonly Part[] = [{ type: 'reasoning', text: 'hidden thought', seal }]
        const { body } = sent(foreign({ turns: [{ role: 'assistant', parts }] }))
        expect(JSON.stringify(body)).not.toContain(JSON.stringify(seal.payload).slice(1, -1))
        expect(JSON.stringify(body)).not.toContain('hidden thought')
      }),
    )
  })

  it.each(dialects.filter(({ id }) => id !== openaiResponses.id))(
    'every request of this wire can be said in $id, and lowered twice is lowered once',
    (target) => {
      for (const { name, request } of fixturesOf('openai-responses')) {
        if (request === undefined) continue
        const asked = openaiResponses.request.decode({
          method: 'POST',
          path: '',
          headers: {},
          body: request,
        })
        const once = target.lower(asked, profile())
        const twice = target.lower(once.value, profile())
        expect({ name, value: twice.value }).toEqual({ name, value: once.value })
        expect(() => target.request.encode(once.value, profile())).not.toThrow()
      }
    },
  )

  const others = dialects.filter(({ id }) => id !== openaiResponses.id)

  it.each(others)('every request of $id can be said on this wire', (source) => {
    for (const { name, request } of fixturesOf(source.id)) {
      const path = source.endpoints.find(({ operation }) => operation === 'chat')?.path ?? ''
      if (request === undefined || name.startsWith('generate')) continue
      const asked = source.request.decode({ method: 'POST', path, headers: {}, body: request })
      const { body } = sent(asked)
      expect({ name, model: typeof body['model'] }).toEqual({ name, model: 'string' })
    }
  })
})

describe('a request of another dialect', () => {
  it('is never stored', () => {
    expect(sent(foreign({})).body['store']).toBe(false)
    const { body, notes } = sent(foreign({ service: { store: true } }))
    expect(body['store']).toBe(false)
    expect(words(notes)).toEqual(['dropped store 1'])
    expect(sent(foreign({ service: { store: false } })).notes).toEqual([])
  })

  it('says that tools are not strict, which here must be said', () => {
    const { body } = sent(foreign({ tools: [{ kind: 'function', name: 'f' }] }))
    expect(body['tools']).toEqual([
      {
        type: 'function',
        name: 'f',
        parameters: { type: 'object', properties: {} },
        strict: false,
      },
    ])
  })

  it('becomes items: instructions outside, calls and results on their own, what was said between them in messages', () => {
    const { body } = sent(
      foreign({
        turns: [
          { role: 'system', place: 'top', parts: [{ type: 'text', text: 'One.' }] },
          { role: 'system', place: 'top', parts: [{ type: 'text', text: 'Two.' }] },
          { role: 'user', parts: [{ type: 'text', text: 'Weather?' }] },
          { role: 'assistant', parts: [{ type: 'text', text: 'I look.' }, call('weather')] },
          {
            role: 'user',
            parts: [
              { type: 'text', text: 'And?' },
              {
                type: 'tool-result',
                callId: 'c1',
                content: [{ type: 'text', text: 'rain' }],
                isError: true,
              },
            ],
          },
        ],
      }),
    )
    expect(body['instructions']).toBe('One.\n\nTwo.')
    expect(body['input']).toEqual([
      { role: 'user', content: [{ type: 'input_text', text: 'Weather?' }] },
      { role: 'assistant', content: [{ type: 'output_text', text: 'I look.', annotations: [] }] },
      { type: 'function_call', call_id: 'c1', name: 'weather', arguments: '{}' },
      { type: 'function_call_output', call_id: 'c1', output: 'Error: rain' },
      { role: 'user', content: [{ type: 'input_text', text: 'And?' }] },
    ])
  })

  it('gives back thinking that this wire has sealed, and none that it has only shown', () => {
    const origin = { dialect: 'openai-responses' }
    const sealed = (payload: string): Part => ({
      type: 'reasoning',
      text: payload,
      seal: { payload, format: 'openai.encrypted', origin },
    })
    const { body } = sent(
      foreign({ turns: [{ role: 'assistant', parts: [sealed('gAAAA'), sealed('')] }] }),
    )
    expect(body['input']).toEqual([
      {
        type: 'reasoning',
        summary: [{ type: 'summary_text', text: 'gAAAA' }],
        encrypted_content: 'gAAAA',
      },
    ])
  })

  it('answers a custom call with a custom result', () => {
    const custom: Part = { ...call('sql'), kind: 'custom', arguments: { text: 'SELECT 1' } }
    const { body } = sent(
      foreign({
        turns: [
          { role: 'assistant', parts: [custom] },
          { role: 'tool', parts: [{ type: 'tool-result', callId: 'c1', content: [] }] },
        ],
      }),
    )
    expect(body['input']).toEqual([
      { type: 'custom_tool_call', call_id: 'c1', name: 'sql', input: 'SELECT 1' },
      { type: 'custom_tool_call_output', call_id: 'c1', output: '' },
    ])
  })

  it('asks for sealed thinking where it asks for thinking, unless the host has none', () => {
    const thinking = foreign({ reasoning: { budgetTokens: 5000, show: 'summarized' } })
    const { body, notes } = sent(thinking)
    expect(body['reasoning']).toEqual({ effort: 'medium', summary: 'auto' })
    expect(body['include']).toEqual(['reasoning.encrypted_content'])
    expect(words(notes)).toContain('approximated reasoning_effort 2')
    expect(sent(thinking, { encryptedReasoning: false }).body['include']).toBeUndefined()
    const off = sent(foreign({ reasoning: { mode: 'off' } }))
    expect(off.body['reasoning']).toEqual({ effort: 'none' })
    expect(off.body['include']).toBeUndefined()
  })

  it('asks for probabilities where they are asked for here', () => {
    const { body } = sent(foreign({ sampling: { logprobs: true, topLogprobs: 2 } }))
    expect(body).toMatchObject({ top_logprobs: 2, include: ['message.output_text.logprobs'] })
  })

  it('has what this wire has no word for taken off with a note', () => {
    const { body, notes } = sent(
      foreign({
        maxOutputTokens: 5,
        sampling: { stop: ['X'], seed: 1, n: 2, temperature: 3 },
        caching: { auto: {}, key: 'k' },
        turns: [{ role: 'user', name: 'bo', parts: [{ type: 'text', text: 'Hi', cache: {} }] }],
        tools: [{ kind: 'function', name: 'f', cache: {} }],
      }),
    )
    expect(body).toMatchObject({ max_output_tokens: 16, temperature: 2, prompt_cache_key: 'k' })
    expect(words(notes)).toEqual([
      'synthesized store 0',
      'dropped seed 2',
      'dropped n 3',
      'dropped stop 3',
      'clamped temperature 2',
      'clamped max_tokens 1',
      'dropped cache_control 1',
      'dropped cache_control 1',
      'dropped cache_control 1',
      'dropped name 1',
    ])
  })

  it('keeps images and files in results, and puts search hits into words', () => {
    const { body, notes } = sent(
      foreign({
        turns: [
          { role: 'assistant', parts: [call('find')] },
          {
            role: 'tool',
            parts: [
              {
                type: 'tool-result',
                callId: 'c1',
                content: [
                  { type: 'image', source: { kind: 'base64', data: 'iVBORw0KGgo' } },
                  { type: 'search-result', source: 'u', title: 't', content: [] },
                ],
              },
            ],
          },
        ],
      }),
    )
    expect(body['input']).toMatchObject([
      { type: 'function_call' },
      {
        output: [
          { type: 'input_image', detail: 'auto', image_url: 'data:image/png;base64,iVBORw0KGgo' },
          { type: 'input_text', text: 't\nu' },
        ],
      },
    ])
    expect(words(notes)).toContain('approximated search-result 2')
  })
})

describe("this wire's own request", () => {
  it('gets its sealed thinking back, and nothing of anyone else', () => {
    const foreignSeal = { payload: 'p', format: 'f', origin: { dialect: 'elsewhere' } }
    const altered = `${wrapSeal(foreignSeal)}x`
    const mine = { type: 'reasoning', id: 'rs_1', summary: [], encrypted_content: 'gAAAA' }
    const { body, notes } = sent(
      own({
        input: [
          mine,
          { ...mine, encrypted_content: wrapSeal(foreignSeal) },
          { ...mine, encrypted_content: altered },
        ],
      }),
    )
    expect(body['input']).toEqual([mine])
    expect(words(notes)).toEqual(['dropped reasoning 1', 'dropped reasoning 1'])
  })

  it('is otherwise taken at its word, but for what the host declares', () => {
    const asked = own({
      max_output_tokens: 3,
      reasoning: { effort: 'minimal' },
      tools: [{ type: 'custom', name: 'sql' }],
    })
    expect(sent(asked).notes).toEqual([])
    const { body } = sent(asked, {
      reasoningEfforts: ['low', 'high'],
      customTools: false,
    })
    expect(body).toMatchObject({ reasoning: { effort: 'low' }, tools: [{ type: 'function' }] })
  })

  it('weighs state that only its server has as content wherever else it goes', () => {
    for (const target of dialects.filter(({ id }) => id !== openaiResponses.id)) {
      const { notes } = target.lower(own({ previous_response_id: 'resp_1' }), profile())
      expect(notes.find(({ feature }) => feature === 'previous_response_id')?.weight).toBe(3)
    }
  })
})

it('a model that takes settings as long as it does not reason loses them where it is to', () => {
  const flags = { refusedWhileReasoning: ['temperature'] }
  expect(sent(own({ temperature: 0.2 }), flags).body['temperature']).toBe(0.2)
  const { body, notes } = sent(own({ temperature: 0.2, reasoning: { effort: 'low' } }), flags)
  expect(body['temperature']).toBeUndefined()
  expect(words(notes)).toEqual(['dropped temperature 2'])
})

it('the word JSON stands among the messages where JSON is asked for', () => {
  const turns: ChatRequest['turns'] = [
    { role: 'system', place: 'top', parts: [{ type: 'text', text: 'JSON only.' }] },
    { role: 'user', parts: [{ type: 'text', text: 'Hi' }] },
  ]
  const { body, notes } = sent(foreign({ turns, output: { format: { type: 'json' } } }))
  expect(JSON.stringify(body['input'])).toContain('Answer in JSON.')
  expect(words(notes)).toContain('synthesized json_instruction 1')
})
