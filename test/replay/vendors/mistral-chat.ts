// Mistral, as an upstream that plays scenarios.
import type { Json, JsonObject } from '../../../src/wire/json.ts'
import type { Answer, Call, Counts, FailureKind } from '../answer.ts'
import { pieces } from '../answer.ts'
import { fieldsOf } from '../json-walk.ts'
import { checkMistralChat } from '../strict/mistral-chat.ts'
import { BROKEN_TEXT, FAILURE_TEXT, type Vendor, jsonReply, sse } from '../vendor.ts'
import { chatFacts } from './chat-completions.ts'

const callId = ({ key }: Call): string => `Pbay${key}`
// It has no word for a filter: a guardrail answers 403.
const ENDINGS = { stop: 'stop', length: 'length', tools: 'tool_calls', filter: 'stop' }

const FAILURES: Readonly<Record<FailureKind, readonly [number, JsonObject]>> = {
  invalid: [400, apiError('invalid', 'invalid_request_invalid_args', '3051')],
  auth: [401, { message: FAILURE_TEXT.auth, request_id: 'r-1' }],
  'rate-limit': [429, { message: FAILURE_TEXT['rate-limit'] }],
  internal: [500, apiError('internal', 'internal_server_error', '3000')],
  overloaded: [503, { message: FAILURE_TEXT.overloaded }],
}

function apiError(kind: FailureKind, type: string, code: string): JsonObject {
  return { object: 'error', message: FAILURE_TEXT[kind], type, param: null, code }
}

export const mistralVendor: Vendor = {
  id: 'mistral-chat',
  provider: (url) => ({
    providerType: 'mistral',
    name: 'mistral',
    baseUrl: `${url}/v1`,
    apiKey: 'mistral-replay',
  }),
  family: 'mistral-medium-3.5',
  modelsPath: '/v1/models',
  contentType: 'text/event-stream; charset=utf-8',
  check: checkMistralChat,
  facts: ({ json }) => chatFacts(fieldsOf(json)),
  whole: (answer, model) => ({
    ...head(model),
    object: 'chat.completion',
    choices: [{ index: 0, finish_reason: ENDINGS[answer.ending], message: messageOf(answer) }],
    usage: usageOf(answer.counts),
  }),
  stream: (answer, model) => [
    ...begun({ ...answer, calls: [] }, model),
    chunk(model, {
      choices: [choice({ content: '', ...callsOf(answer) }, ENDINGS[answer.ending])],
      usage: usageOf(answer.counts),
    }),
    'data: [DONE]\n\n',
  ],
  begun,
  broken: (answer, model) => [
    ...begun(answer, model),
    sse({
      object: 'error',
      message: BROKEN_TEXT,
      type: 'service_unavailable',
      param: null,
      code: '3505',
    }),
  ],
  violation: ({ message, path }) =>
    jsonReply(422, {
      detail: [{ type: 'value_error', loc: ['body', ...path.split('.')], msg: message }],
    }),
  failure: (kind) => {
    const [status, body] = FAILURES[kind]
    return jsonReply(status, body, status === 429 ? { 'retry-after': '7' } : {})
  },
  models: (names) => ({
    object: 'list',
    data: names.map((id) => ({
      id,
      object: 'model',
      created: 1_790_000_000,
      owned_by: 'mistralai',
      type: 'base',
      capabilities: { completion_chat: true, function_calling: true, vision: true },
    })),
  }),
  callId,
  tells: { filter: false, cached: true, thinkingCount: false },
}

function head(model: string): JsonObject {
  return { id: '5d1freplay', created: 1_790_000_000, model }
}

function usageOf({ input, output, cached }: Counts): JsonObject {
  return {
    prompt_tokens: input,
    completion_tokens: output,
    total_tokens: input + output,
    ...(cached === undefined ? {} : { prompt_tokens_details: { cached_tokens: cached } }),
  }
}

function thought(text: string): JsonObject {
  return { type: 'thinking', thinking: [{ type: 'text', text }] }
}

function messageOf(answer: Answer): JsonObject {
  const { thinking, text } = answer
  const said = text === undefined ? [] : [{ type: 'text', text }]
  const content: Json =
    thinking === undefined ? (text ?? '') : [{ ...thought(thinking), closed: true }, ...said]
  return { role: 'assistant', content, tool_calls: null, ...callsOf(answer) }
}

/** Native models give each call whole, and leave `type` and `index` out of whole answers. */
function callsOf({ calls = [] }: Answer): JsonObject {
  if (calls.length === 0) return {}
  return {
    tool_calls: calls.map((call, index) => ({
      id: callId(call),
      function: { name: call.name, arguments: JSON.stringify(call.input) },
      index,
    })),
  }
}

function choice(delta: JsonObject, finish: string | null = null): JsonObject {
  return { index: 0, delta, finish_reason: finish }
}

function chunk(model: string, fields: { readonly [key: string]: Json }): string {
  return sse({ ...head(model), object: 'chat.completion.chunk', ...fields, p: 'abc' })
}

function begun({ thinking = '', text = '' }: Answer, model: string): readonly string[] {
  const deltas: readonly JsonObject[] = [
    { role: 'assistant', content: '' },
    ...pieces(thinking).map((piece) => ({ content: [thought(piece)] })),
    ...pieces(text).map((content) => ({ content })),
  ]
  return deltas.map((delta) => chunk(model, { choices: [choice(delta)] }))
}
