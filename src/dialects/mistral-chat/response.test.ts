// Whole answers: those in which Mistral's connectors ran, those that are none, and those of other providers.
import { describe, expect, it } from 'vitest'
import { GatewayError } from '../../canonical/errors.ts'
import type { Part } from '../../canonical/part.ts'
import type { ChatResponse } from '../../canonical/response.ts'
import type { Json, JsonObject } from '../../wire/json.ts'
import { emptyRequest, plain } from '../dialect.contract.ts'
import { mistralChat } from './dialect.ts'
import { faultsOfAnswer } from './strict-client.contract.ts'

const DECODING = {
  request: emptyRequest('mistral-chat'),
  profile: { provider: 'host', flags: {} },
}
const ENCODING = { request: DECODING.request, requestId: 'req_1', now: () => 1_700_000_000_000 }

function decode(body: Json): ChatResponse {
  return mistralChat.response.decode({ status: 200, headers: {}, body }, DECODING)
}

function body(...choices: readonly JsonObject[]): JsonObject {
  const usage = { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 }
  return { id: 'a', object: 'chat.completion', created: 1, model: 'm', choices, usage }
}

function answer(parts: readonly Part[], more: Partial<ChatResponse> = {}): ChatResponse {
  const candidates = [{ index: 0, parts, finish: { reason: 'stop' as const } }]
  return { origin: { dialect: 'alpha' }, model: 'alpha-1', candidates, ...more }
}

describe('steps of connectors', () => {
  const steps = [
    {
      role: 'assistant',
      content: '',
      tool_calls: [{ id: 'aaaaaaaaa', function: { name: 'web_search', arguments: '{}' } }],
    },
    { role: 'tool', tool_call_id: 'aaaaaaaaa', content: 'found', metadata: { a: 1 } },
    {
      role: 'assistant',
      content: 'It is so.',
      tool_calls: [{ id: 'bbbbbbbbb', function: { name: 'mine', arguments: '{}' } }],
    },
  ]
  const wire = body({ index: 0, messages: steps, finish_reason: 'tool_calls' })

  it('are kept for a client of Mistral', () => {
    const encoded = mistralChat.response.encode(decode(wire), ENCODING)
    expect(plain(encoded.value.body)).toEqual(wire)
    expect(encoded.notes).toEqual([])
  })

  it('give others what the model said, and the calls that nobody has answered yet', () => {
    const [candidate] = decode(wire).candidates
    expect(candidate?.parts.map(({ type }) => type)).toEqual(['opaque', 'text', 'tool-call'])
    expect(candidate?.parts).toMatchObject([{}, { text: 'It is so.' }, { callId: 'bbbbbbbbb' }])
    expect(candidate?.finish).toEqual({ reason: 'tool-calls', raw: 'tool_calls' })
  })
})

describe('reading', () => {
  it.each([
    [{ object: 'error', message: 'm', type: 'invalid_model', code: '1500' }, 'm'],
    [{ message: 'no route' }, 'no route'],
    [{ choices: 7 }, 'not a chat answer'],
    ['text', 'not a chat answer'],
  ])('refuses %j', (wire, words) => {
    expect(() => decode(wire)).toThrow(GatewayError)
    expect(() => decode(wire)).toThrow(words)
  })

  it.each([
    ['stop', 'stop'],
    ['length', 'length'],
    ['model_length', 'context-length'],
    ['error', 'error'],
    ['tool_calls', 'stop'],
    ['bored', 'other'],
  ])('takes the reason %s for %s, and says it again', (raw, reason) => {
    const wire = body({
      index: 0,
      message: { role: 'assistant', content: 'x' },
      finish_reason: raw,
    })
    const decoded = decode(wire)
    expect(decoded.candidates[0]?.finish).toEqual({ reason, raw })
    expect(plain(mistralChat.response.encode(decoded, ENCODING).value.body)).toEqual(wire)
  })

  it('gives every call an id and arguments', () => {
    const tool_calls = [{ id: 'null', function: { name: 'f', arguments: '' } }]
    const message = { role: 'assistant', content: '', tool_calls }
    const decoded = decode(body({ index: 0, message, finish_reason: 'stop' }))
    expect(decoded.candidates[0]?.finish?.reason).toBe('tool-calls')
    const encoded = plain(mistralChat.response.encode(decoded, ENCODING).value.body)
    expect(JSON.stringify(encoded)).toMatch(/"id":"[A-Za-z0-9]{9}".*"arguments":"{}"/)
  })
})

describe('writing what other providers said', () => {
  it('is a text where it is only text, else chunks, with numbered calls', () => {
    const call: Part = {
      type: 'tool-call',
      callId: 'call_1',
      kind: 'function',
      name: 'f',
      arguments: { text: '{}', json: {} },
    }
    const text: Part = { type: 'text', text: 'a' }
    const spoken = mistralChat.response.encode(answer([text, text, call]), ENCODING).value.body
    expect(faultsOfAnswer(spoken)).toEqual([])
    expect(spoken).toMatchObject({
      id: 'chatcmpl-req_1',
      created: 1_700_000_000,
      choices: [
        { message: { role: 'assistant', content: 'aa', tool_calls: [{ id: 'call_1', index: 0 }] } },
      ],
    })
    const thought = mistralChat.response.encode(
      answer([{ type: 'reasoning', text: 'hm' }, text]),
      ENCODING,
    )
    expect(thought.value.body).toMatchObject({
      choices: [
        {
          message: {
            content: [
              { type: 'thinking', thinking: [{ type: 'text', text: 'hm' }], closed: true },
              { type: 'text', text: 'a' },
            ],
          },
        },
      ],
    })
  })

  it('has counts, 0 where nothing is known, with a note', () => {
    const { value, notes } = mistralChat.response.encode(answer([]), ENCODING)
    expect(faultsOfAnswer(value.body)).toEqual([])
    expect(value.body).toMatchObject({ usage: { prompt_tokens: 0, completion_tokens: 0 } })
    expect(notes).toMatchObject([{ action: 'synthesized', feature: 'usage', weight: 0 }])
    const usage = { input: { total: 5 }, output: { total: 4, reasoning: 3 } }
    const counted = mistralChat.response.encode(answer([], { usage }), ENCODING)
    expect(counted.value.body).toMatchObject({
      usage: { total_tokens: 9, completion_tokens_details: { reasoning_tokens: 3 } },
    })
    expect(counted.notes).toEqual([])
  })

  it('is the error where the answer broke off', () => {
    const error = new GatewayError('upstream', 'cut')
    const { value } = mistralChat.response.encode(answer([], { error }), ENCODING)
    expect(value).toMatchObject({ status: 502, body: { object: 'error', message: 'cut' } })
  })
})
