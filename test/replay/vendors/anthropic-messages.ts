// Anthropic, as an upstream that plays scenarios.
import { compact } from '../../../src/canonical/compact.ts'
import type { Json, JsonObject } from '../../../src/wire/json.ts'
import type { Answer, Call, Counts, FailureKind } from '../answer.ts'
import { pieces } from '../answer.ts'
import { fieldsOf, itemsOf, textIn, textOf } from '../json-walk.ts'
import { sign } from '../signature.ts'
import { checkAnthropicMessages } from '../strict/anthropic-messages.ts'
import { BROKEN_TEXT, FAILURE_TEXT, type Facts, type Vendor, jsonReply, sse } from '../vendor.ts'

const callId = ({ key }: Call): string => `toolu_${key}`
const ENDINGS = { stop: 'end_turn', length: 'max_tokens', tools: 'tool_use', filter: 'refusal' }

const FAILURES: Readonly<Record<FailureKind, readonly [number, string]>> = {
  invalid: [400, 'invalid_request_error'],
  auth: [401, 'authentication_error'],
  'rate-limit': [429, 'rate_limit_error'],
  internal: [500, 'api_error'],
  overloaded: [529, 'overloaded_error'],
}

export const anthropicVendor: Vendor = {
  id: 'anthropic-messages',
  provider: (url) => ({
    providerType: 'anthropic',
    name: 'anthropic',
    baseUrl: url,
    apiKey: 'sk-ant-replay',
  }),
  family: 'claude-sonnet-4-5',
  modelsPath: '/v1/models',
  contentType: 'text/event-stream; charset=utf-8',
  check: checkAnthropicMessages,
  facts,
  whole: (answer, model) => ({
    ...head(answer, model),
    content: contentOf(answer),
    ...ending(answer),
  }),
  stream: (answer, model) => [...begun(answer, model), ...ended(answer)],
  begun,
  broken: (answer, model) => [
    ...begun(answer, model),
    event({ type: 'error', error: { type: 'overloaded_error', message: BROKEN_TEXT } }),
  ],
  violation: ({ message }) => failure(400, 'invalid_request_error', message),
  failure: (kind) => failure(...FAILURES[kind], FAILURE_TEXT[kind]),
  models: (names) => ({
    data: names.map((id) => ({
      type: 'model',
      id,
      display_name: id,
      created_at: '2026-02-04T00:00:00Z',
    })),
    has_more: false,
    first_id: names[0] ?? null,
    last_id: names.at(-1) ?? null,
  }),
  callId,
  sealOf: ({ thinking }) => (thinking === undefined ? undefined : sign('anthropic', thinking)),
  tells: { filter: true, cached: true, thinkingCount: true },
}

function failure(status: number, type: string, message: string): ReturnType<Vendor['failure']> {
  const body = { type: 'error', error: { type, message }, request_id: 'req_replay' }
  return jsonReply(status, body, status === 429 ? { 'retry-after': '7' } : {})
}

function facts({ json }: Parameters<Vendor['facts']>[0]): Facts {
  const body = fieldsOf(json)
  const turns = itemsOf(body['messages']).map(({ role, content }) => ({
    role,
    blocks: typeof content === 'string' ? [{ type: 'text', text: content }] : itemsOf(content),
  }))
  const question = turns.findLastIndex(
    ({ role, blocks }) => role === 'user' && blocks.some(({ type }) => type !== 'tool_result'),
  )
  const blocks = turns.flatMap((turn) => turn.blocks)
  const last = turns.at(-1)?.blocks ?? []
  return {
    model: textOf(body['model']),
    stream: body['stream'] === true,
    turn: turns.slice(question + 1).filter(({ role }) => role === 'assistant').length,
    results: last
      .filter(({ type }) => type === 'tool_result')
      .map((block) => textIn(block['content'])),
    callIds: blocks.filter(({ type }) => type === 'tool_use').map((block) => textOf(block['id'])),
    system: textIn(body['system']),
    images: blocks.flatMap((block) =>
      block['type'] === 'image' ? [textOf(fieldsOf(block['source'])['data'])] : [],
    ),
    seals: blocks
      .filter(({ type }) => type === 'thinking')
      .map((block) => textOf(block['signature'])),
    tools: itemsOf(body['tools']).map((tool) => textOf(tool['name'])),
    ...schemaOf(fieldsOf(fieldsOf(body['output_config'])['format'])['schema']),
  }
}

function schemaOf(schema: Json | undefined): Pick<Facts, 'schema'> {
  return schema === undefined ? {} : { schema: fieldsOf(schema) }
}

function head({ counts }: Answer, model: string): JsonObject {
  return {
    id: 'msg_replay',
    type: 'message',
    role: 'assistant',
    model,
    stop_sequence: null,
    usage: usageOf(counts),
  }
}

function usageOf({ input, output, cached = 0, thinking }: Counts): JsonObject {
  return compact({
    input_tokens: input - cached,
    cache_creation_input_tokens: 0,
    cache_read_input_tokens: cached,
    output_tokens: output,
    output_tokens_details: thinking === undefined ? undefined : { thinking_tokens: thinking },
  })
}

function ending({ ending }: Answer): JsonObject {
  const detail = { type: 'refusal', category: 'cyber', explanation: null }
  return { stop_reason: ENDINGS[ending], ...(ending === 'filter' ? { stop_details: detail } : {}) }
}

function contentOf({ thinking, text, calls = [] }: Answer): readonly JsonObject[] {
  return [
    ...(thinking === undefined
      ? []
      : [{ type: 'thinking', thinking, signature: sign('anthropic', thinking) }]),
    ...(text === undefined ? [] : [{ type: 'text', text }]),
    ...calls.map((call) => ({
      type: 'tool_use',
      id: callId(call),
      name: call.name,
      input: call.input,
    })),
  ]
}

function event(value: JsonObject): string {
  return sse(value, textOf(value['type']))
}

function begun(answer: Answer, model: string): readonly string[] {
  const usage = { ...usageOf(answer.counts), output_tokens: 1 }
  const message = { ...head(answer, model), content: [], stop_reason: null, usage }
  return [
    event({ type: 'message_start', message }),
    event({ type: 'ping' }),
    ...contentOf(answer).flatMap((block, index) => blockEvents(block, index)),
  ]
}

function blockEvents(block: JsonObject, index: number): readonly string[] {
  const delta = (value: JsonObject): string =>
    event({ type: 'content_block_delta', index, delta: value })
  const start = (value: JsonObject): string =>
    event({ type: 'content_block_start', index, content_block: value })
  const stop = event({ type: 'content_block_stop', index })
  switch (block['type']) {
    case 'thinking':
      return [
        start({ type: 'thinking', thinking: '', signature: '' }),
        ...pieces(textOf(block['thinking'])).map((thinking) =>
          delta({ type: 'thinking_delta', thinking }),
        ),
        delta({ type: 'signature_delta', signature: block['signature'] ?? '' }),
        stop,
      ]
    case 'text':
      return [
        start({ type: 'text', text: '' }),
        ...pieces(textOf(block['text'])).map((text) => delta({ type: 'text_delta', text })),
        stop,
      ]
    default: {
      const input = fieldsOf(block['input'])
      const text = Object.keys(input).length === 0 ? '' : JSON.stringify(input)
      return [
        start({ ...block, input: {} }),
        ...['', ...pieces(text)].map((partial_json) =>
          delta({ type: 'input_json_delta', partial_json }),
        ),
        stop,
      ]
    }
  }
}

function ended(answer: Answer): readonly string[] {
  const delta = { ...ending(answer), stop_sequence: null }
  return [
    event({ type: 'message_delta', delta, usage: usageOf(answer.counts) }),
    event({ type: 'message_stop' }),
  ]
}
