// Ollama, as an upstream that plays scenarios.
import type { JsonObject } from '../../../src/wire/json.ts'
import type { Answer, Call, Counts, FailureKind } from '../answer.ts'
import { pieces } from '../answer.ts'
import { fieldsOf, itemsOf, textOf } from '../json-walk.ts'
import { checkOllama } from '../strict/ollama.ts'
import { BROKEN_TEXT, FAILURE_TEXT, type Facts, type Vendor, jsonReply } from '../vendor.ts'

const callId = ({ key }: Call): string => `call_${key}abc`
const ENDINGS = { stop: 'stop', length: 'length', tools: 'stop', filter: 'stop' }
const STATUS: Readonly<Record<FailureKind, number>> = {
  invalid: 400,
  auth: 401,
  'rate-limit': 429,
  internal: 500,
  overloaded: 503,
}

export const ollamaVendor: Vendor = {
  id: 'ollama',
  provider: (url) => ({
    providerType: 'ollama',
    name: 'ollama',
    baseUrl: url,
    // Its native protocol alone.
    settings: { local: true, dialects: ['ollama'] },
  }),
  family: 'qwen3',
  modelsPath: '/api/tags',
  contentType: 'application/x-ndjson',
  check: checkOllama,
  facts,
  whole: (answer, model) => ({
    ...head(model),
    message: messageOf(answer),
    ...ended(answer),
  }),
  stream: (answer, model) => [
    ...begun(answer, model),
    line({ ...head(model), message: said({ content: '' }), ...ended(answer) }),
  ],
  begun,
  broken: (answer, model) => [...begun(answer, model), line({ error: BROKEN_TEXT })],
  violation: ({ message }) => jsonReply(400, { error: message }),
  failure: (kind) =>
    jsonReply(
      STATUS[kind],
      { error: FAILURE_TEXT[kind] },
      kind === 'rate-limit' ? { 'retry-after': '7' } : {},
    ),
  models: (names) => ({
    models: names.map((name) => ({
      name,
      model: name,
      modified_at: '2026-03-04T10:11:13.021450083Z',
      size: 1_321_098_329,
      digest: 'baf6a787fdffd633537aa2eb51cfd54cb93ff08e28040095462bb63daf552878',
      details: { format: 'gguf', family: 'qwen3', parameter_size: '8B', quantization_level: 'Q4' },
    })),
  }),
  callId,
  tells: { filter: false, cached: false, thinkingCount: false },
}

function facts({ json }: Parameters<Vendor['facts']>[0]): Facts {
  const body = fieldsOf(json)
  const messages = itemsOf(body['messages'])
  const question = messages.findLastIndex(({ role }) => role === 'user')
  const spoken = messages.findLastIndex(({ role }) => role === 'assistant')
  const { format } = body
  return {
    model: textOf(body['model']),
    stream: body['stream'] !== false,
    turn: messages.slice(question + 1).filter(({ role }) => role === 'assistant').length,
    results: messages
      .slice(spoken + 1)
      .filter(({ role }) => role === 'tool')
      .map(({ content }) => textOf(content)),
    callIds: [],
    system: messages
      .filter(({ role }) => role === 'system')
      .map(({ content }) => textOf(content))
      .join('\n'),
    images: messages.flatMap(({ images }) =>
      Array.isArray(images) ? images.map((image) => textOf(image)) : [],
    ),
    seals: [],
    tools: itemsOf(body['tools']).map((tool) => textOf(fieldsOf(tool['function'])['name'])),
    ...(typeof format === 'object' ? { schema: fieldsOf(format) } : {}),
  }
}

function head(model: string): JsonObject {
  return { model, created_at: '2026-03-04T10:11:13.021450083Z' }
}

function said(fields: JsonObject): JsonObject {
  return { role: 'assistant', ...fields }
}

function messageOf(answer: Answer): JsonObject {
  const { thinking, text = '' } = answer
  return said({
    content: text,
    ...(thinking === undefined ? {} : { thinking }),
    ...callsOf(answer),
  })
}

function callsOf({ calls = [] }: Answer): JsonObject {
  if (calls.length === 0) return {}
  return {
    tool_calls: calls.map((call, index) => ({
      id: callId(call),
      function: { index, name: call.name, arguments: call.input },
    })),
  }
}

function ended({ ending, counts }: Answer): JsonObject {
  return { done: true, done_reason: ENDINGS[ending], ...metrics(counts) }
}

function metrics({ input, output }: Counts): JsonObject {
  return {
    total_duration: 921_450_083,
    load_duration: 41_200_125,
    prompt_eval_count: input,
    prompt_eval_duration: 120_750_042,
    eval_count: output,
    eval_duration: 758_312_916,
  }
}

function line(value: JsonObject): string {
  return `${JSON.stringify(value)}\n`
}

function begun(answer: Answer, model: string): readonly string[] {
  const { thinking = '', text = '', calls = [] } = answer
  const messages = [
    ...pieces(thinking).map((piece) => ({ content: '', thinking: piece })),
    ...pieces(text).map((content) => ({ content })),
    ...(calls.length === 0 ? [] : [{ content: '', ...callsOf(answer) }]),
  ]
  return messages.map((message) => line({ ...head(model), message: said(message), done: false }))
}
