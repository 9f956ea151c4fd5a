// Whole answers: what a client of this wire gets from any provider, and what other clients get from this wire's.
import { describe, expect, it } from 'vitest'
import { GatewayError } from '../../canonical/errors.ts'
import type { ChatResponse } from '../../canonical/response.ts'
import { type Json, type JsonObject, ObjectReader } from '../../wire/json.ts'
import { emptyRequest, plain } from '../dialect.contract.ts'
import { dialects } from '../registry.ts'
import { openaiResponses } from './dialect.ts'

const DECODING = {
  request: emptyRequest('openai-responses'),
  profile: { provider: 'host', flags: {} },
}

function asked(body: JsonObject = {}) {
  return openaiResponses.request.decode({
    method: 'POST',
    path: '',
    headers: {},
    body: { model: 'asked', input: 'Hi', ...body },
  })
}

function encoded(answer: Partial<ChatResponse>, body: JsonObject = {}) {
  const response: ChatResponse = {
    origin: { dialect: 'elsewhere' },
    model: 'm',
    candidates: [],
    ...answer,
  }
  const context = { request: asked(body), requestId: 'req_1', now: () => 1_700_000_000_900 }
  const { value, notes } = openaiResponses.response.encode(response, context)
  return { status: value.status, body: ObjectReader.of(plain(value.body), '').source, notes }
}

function decode(body: Json) {
  return openaiResponses.response.decode({ status: 200, headers: {}, body }, DECODING)
}

const token = (text: string) => ({ token: text, logprob: -1 })

describe('an answer of another provider', () => {
  it('has every key that strict clients look for, and says back what was asked', () => {
    const { body } = encoded(
      {
        id: 'chatcmpl-1',
        candidates: [
          { index: 0, parts: [{ type: 'text', text: 'Hi' }], finish: { reason: 'stop' } },
        ],
        usage: { input: { total: 3, cacheRead: 1 }, output: { total: 5, reasoning: 2 } },
        tier: 'flex',
      },
      {
        instructions: 'Be brief.',
        temperature: 0.5,
        reasoning: { effort: 'low' },
        tools: [{ type: 'web_search' }],
        store: true,
        user: null,
      },
    )
    expect(body).toEqual({
      id: 'resp_req_1',
      object: 'response',
      created_at: 1_700_000_000,
      completed_at: 1_700_000_000,
      status: 'completed',
      background: false,
      error: null,
      frequency_penalty: 0,
      incomplete_details: null,
      instructions: 'Be brief.',
      max_output_tokens: null,
      max_tool_calls: null,
      metadata: {},
      model: 'm',
      output: [
        {
          id: 'msg_req_1_0',
          type: 'message',
          role: 'assistant',
          status: 'completed',
          content: [{ type: 'output_text', text: 'Hi', annotations: [], logprobs: [] }],
        },
      ],
      parallel_tool_calls: true,
      presence_penalty: 0,
      previous_response_id: null,
      prompt_cache_key: null,
      reasoning: { effort: 'low', summary: null },
      safety_identifier: null,
      service_tier: 'flex',
      store: false,
      temperature: 0.5,
      text: { format: { type: 'text' } },
      tool_choice: 'auto',
      tools: [{ type: 'web_search' }],
      top_logprobs: 0,
      top_p: 1,
      truncation: 'disabled',
      usage: {
        input_tokens: 3,
        input_tokens_details: { cached_tokens: 1, cache_write_tokens: 0 },
        output_tokens: 5,
        output_tokens_details: { reasoning_tokens: 2 },
        total_tokens: 8,
      },
      user: null,
    })
  })

  it('becomes items in their order: thinking, messages, calls', () => {
    const { body } = encoded({
      candidates: [
        {
          index: 0,
          parts: [
            { type: 'reasoning', text: 'Hm' },
            { type: 'text', text: 'I look.' },
            { type: 'refusal', text: 'Not that.' },
            {
              type: 'tool-call',
              kind: 'function',
              callId: 'c1',
              name: 'f',
              arguments: { text: ' ' },
            },
            {
              type: 'tool-call',
              kind: 'custom',
              callId: 'c2',
              name: 'g',
              arguments: { text: 'SELECT' },
            },
          ],
          finish: { reason: 'tool-calls' },
        },
      ],
    })
    expect(body['output']).toMatchObject([
      { id: 'rs_req_1_0', type: 'reasoning', summary: [{ type: 'summary_text', text: 'Hm' }] },
      {
        id: 'msg_req_1_1',
        content: [
          { type: 'output_text', text: 'I look.' },
          { type: 'refusal', refusal: 'Not that.' },
        ],
      },
      { id: 'fc_req_1_2', type: 'function_call', arguments: '{}', status: 'completed' },
      { id: 'ctc_req_1_3', type: 'custom_tool_call', input: 'SELECT' },
    ])
  })

  it('marks the item that was cut, and only that one', () => {
    const { body } = encoded({
      candidates: [
        {
          index: 0,
          parts: [
            { type: 'text', text: 'Calling' },
            {
              type: 'tool-call',
              kind: 'function',
              callId: 'c',
              name: 'f',
              arguments: { text: '{"a' },
            },
          ],
          finish: { reason: 'length' },
        },
      ],
    })
    expect(body).toMatchObject({
      status: 'incomplete',
      completed_at: null,
      incomplete_details: { reason: 'max_output_tokens' },
      output: [{ status: 'completed' }, { status: 'incomplete', arguments: '{"a' }],
    })
  })

  it('deals one list of probabilities out to its texts, as far as each goes', () => {
    const { body } = encoded({
      candidates: [
        {
          index: 0,
          parts: [
            { type: 'text', text: 'ab' },
            { type: 'text', text: 'cd' },
          ],
          logprobs: ['a', 'b', 'c', 'd'].map(token),
          finish: { reason: 'stop' },
        },
      ],
    })
    expect(body['output']).toMatchObject([
      { content: [{ logprobs: ['a', 'b'].map(token) }, { logprobs: ['c', 'd'].map(token) }] },
    ])
  })

  it('notes what cannot be said: other candidates, media, counts that are unknown', () => {
    const source = { kind: 'base64', data: 'AA' } as const
    const { notes, body } = encoded({
      candidates: [
        { index: 0, parts: [{ type: 'image', source }] },
        { index: 1, parts: [] },
      ],
    })
    expect(notes.map(({ feature, weight }) => `${feature} ${weight}`)).toEqual([
      'image 3',
      'candidates 3',
      'usage 1',
      'usage 1',
    ])
    expect(body).toMatchObject({ output: [], usage: { total_tokens: 0 } })
  })

  it.each(['error', 'malformed-tool-call'] as const)(
    'is an error where it ended by %s',
    (reason) => {
      const { status, body } = encoded({
        candidates: [{ index: 0, parts: [], finish: { reason } }],
      })
      expect(status).toBe(502)
      expect(body).toMatchObject({ error: { type: 'server_error' } })
    },
  )

  it('is an error where it broke off', () => {
    const error = new GatewayError('overloaded', 'Busy.')
    expect(encoded({ error }).status).toBe(503)
  })
})

describe("an answer of this wire's provider", () => {
  it('is an error where the response failed, though its status is 200', () => {
    const failed = { status: 'failed', output: [], error: { code: 'bio_policy', message: 'No.' } }
    expect(() => decode(failed)).toThrow(
      expect.objectContaining({ kind: 'content_policy', message: 'No.' }),
    )
  })

  it.each([null, 5, {}, { output: 1 }, 'x'])('is refused where it is no response: %o', (body) => {
    expect(() => decode(body)).toThrow(expect.objectContaining({ code: 'upstream_malformed' }))
  })

  it('keeps the date, the tier and what was counted', () => {
    const answer = decode({
      id: 'resp_1',
      created_at: 7,
      model: 'n',
      service_tier: 'flex',
      output: [],
      usage: { input_tokens: 3, input_tokens_details: { cached_tokens: 2 }, total_tokens: -1 },
    })
    expect(answer).toMatchObject({
      id: 'resp_1',
      createdMs: 7000,
      model: 'n',
      tier: 'flex',
      usage: { input: { total: 3, cacheRead: 2 } },
    })
    expect(answer.usage?.total).toBeUndefined()
  })

  it('mints an id for a call without one, the same each time', () => {
    const call = { type: 'function_call', name: 'f', arguments: '{}' }
    const [first, second] = [0, 1].map(
      () => decode({ id: 'resp_1', output: [call] }).candidates[0]?.parts[0],
    )
    expect(first).toMatchObject({ callIdMinted: true, callId: expect.stringMatching(/^\w{9}$/) })
    expect(second).toEqual(first)
  })

  it.each(dialects)('can be said in $id', (target) => {
    const answer = decode({
      id: 'resp_1',
      model: 'm',
      status: 'completed',
      output: [
        { id: 'rs', type: 'reasoning', summary: [], encrypted_content: 'gAAAA' },
        { id: 'ws', type: 'web_search_call', status: 'completed' },
        {
          id: 'm',
          type: 'message',
          role: 'assistant',
          content: [{ type: 'output_text', text: 'Found it.' }],
        },
      ],
    })
    const { value } = target.response.encode(answer, {
      request: emptyRequest(target.id),
      requestId: 'req_1',
      now: () => 0,
    })
    expect(JSON.stringify(value.body)).toContain('Found it.')
  })
})
