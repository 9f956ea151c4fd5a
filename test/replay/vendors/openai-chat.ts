// OpenAI's Chat Completions, as an upstream that plays scenarios. Thinking comes as compatible hosts give it.
import { compact } from '../../../src/canonical/compact.ts'
import type { Json, JsonObject } from '../../../src/wire/json.ts'
import type { Answer, Call, Counts, FailureKind } from '../answer.ts'
import { pieces } from '../answer.ts'
import { fieldsOf } from '../json-walk.ts'
import { checkOpenaiChat } from '../strict/openai-chat.ts'
import { BROKEN_TEXT, FAILURE_TEXT, type Vendor, jsonReply, sse } from '../vendor.ts'
import { chatFacts } from './chat-completions.ts'

const callId = ({ key }: Call): string => `call_${key}`
const ENDINGS = { stop: 'stop', length: 'length', tools: 'tool_calls', filter: 'content_filter' }

/** Status, type and code. */
const OPENAI_FAILURES: Readonly<Record<FailureKind, readonly [number, string, string]>> = {
  invalid: [400, 'invalid_request_error', 'invalid_value'],
  auth: [401, 'invalid_request_error', 'invalid_api_key'],
  'rate-limit': [429, 'requests', 'rate_limit_exceeded'],
  internal: [500, 'server_error', 'server_error'],
  overloaded: [503, 'service_unavailable_error', 'server_is_overloaded'],
}

export function openaiFailure(kind: FailureKind): ReturnType<Vendor['failure']> {
  const [status, type, code] = OPENAI_FAILURES[kind]
  const error = { message: FAILURE_TEXT[kind], type, param: null, code }
  return jsonReply(status, { error }, status === 429 ? { 'retry-after': '7' } : {})
}

export const openaiViolation: Vendor['violation'] = ({ message, path }) =>
  jsonReply(400, {
    error: { message, type: 'invalid_request_error', param: path, code: 'invalid_value' },
  })

export const openaiModels: Vendor['models'] = (names) => ({
  object: 'list',
  data: names.map((id) => ({ id, object: 'model', created: 1_790_000_000, owned_by: 'openai' })),
})

export const openaiChatVendor: Vendor = {
  id: 'openai-chat',
  provider: (url) => ({
    providerType: 'openai',
    name: 'openai',
    baseUrl: `${url}/v1`,
    apiKey: 'sk-replay',
    // This protocol alone: Responses have an upstream of their own.
    settings: { dialects: ['openai-chat'] },
  }),
  family: 'gpt-5.2',
  modelsPath: '/v1/models',
  contentType: 'text/event-stream; charset=utf-8',
  check: (request) => checkOpenaiChat(request, ['reasoning_content']),
  facts: ({ json }) => chatFacts(fieldsOf(json)),
  whole: (answer, model) => ({
    ...head(model),
    object: 'chat.completion',
    choices: [
      {
        index: 0,
        message: messageOf(answer),
        logprobs: null,
        finish_reason: ENDINGS[answer.ending],
      },
    ],
    usage: usageOf(answer.counts),
  }),
  stream: (answer, model) => [
    ...begun(answer, model),
    chunk(model, { choices: [choice({}, ENDINGS[answer.ending])], usage: null }),
    chunk(model, { choices: [], usage: usageOf(answer.counts) }),
    'data: [DONE]\n\n',
  ],
  begun,
  broken: (answer, model) => [
    ...begun(answer, model),
    sse({
      error: {
        message: BROKEN_TEXT,
        type: 'service_unavailable_error',
        param: null,
        code: 'server_is_overloaded',
      },
    }),
  ],
  violation: openaiViolation,
  failure: openaiFailure,
  models: openaiModels,
  callId,
  tells: { filter: true, cached: true, thinkingCount: true },
}

function head(model: string): JsonObject {
  return {
    id: 'chatcmpl-replay',
    created: 1_790_000_000,
    model,
    service_tier: 'default',
    system_fingerprint: 'fp_replay',
  }
}

function usageOf({ input, output, cached = 0, thinking = 0 }: Counts): JsonObject {
  return {
    prompt_tokens: input,
    completion_tokens: output,
    total_tokens: input + output,
    prompt_tokens_details: { cached_tokens: cached, audio_tokens: 0 },
    completion_tokens_details: { reasoning_tokens: thinking, audio_tokens: 0 },
  }
}

function messageOf({ thinking, text, calls }: Answer): JsonObject {
  return compact({
    role: 'assistant',
    content: text ?? null,
    refusal: null,
    reasoning_content: thinking,
    annotations: [],
    tool_calls: calls?.map((call) => ({
      id: callId(call),
      type: 'function',
      function: { name: call.name, arguments: JSON.stringify(call.input) },
    })),
  })
}

function choice(delta: JsonObject, finish: string | null = null): JsonObject {
  return { index: 0, delta, logprobs: null, finish_reason: finish }
}

function chunk(model: string, fields: { readonly [key: string]: Json }): string {
  return sse({ ...head(model), object: 'chat.completion.chunk', obfuscation: 'x9', ...fields })
}

function begun({ thinking = '', text = '', calls = [] }: Answer, model: string): readonly string[] {
  const deltas: readonly JsonObject[] = [
    { role: 'assistant', content: text === '' ? null : '', refusal: null },
    ...pieces(thinking).map((piece) => ({ reasoning_content: piece })),
    ...pieces(text).map((content) => ({ content })),
    ...calls.map((call, index) => ({
      tool_calls: [
        { index, id: callId(call), type: 'function', function: { name: call.name, arguments: '' } },
      ],
    })),
    ...interleaved(calls),
  ]
  return deltas.map((delta) => chunk(model, { choices: [choice(delta)], usage: null }))
}

/** Arguments of parallel calls arrive in turns: allowed by this wire, forbidden on others. */
function interleaved(calls: readonly Call[]): readonly JsonObject[] {
  const texts = calls.map((call) => pieces(JSON.stringify(call.input)))
  const rounds = Math.max(0, ...texts.map((text) => text.length))
  return Array.from({ length: rounds }).flatMap((_, round) =>
    texts.flatMap((text, index) => {
      const piece = text[round]
      return piece === undefined
        ? []
        : [{ tool_calls: [{ index, function: { arguments: piece } }] }]
    }),
  )
}
