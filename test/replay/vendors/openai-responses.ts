// OpenAI's Responses, as an upstream that plays scenarios.
import type { Json, JsonObject } from '../../../src/wire/json.ts'
import type { Answer, Call, Counts } from '../answer.ts'
import { pieces } from '../answer.ts'
import { dataOf, fieldsOf, itemsOf, textIn, textOf } from '../json-walk.ts'
import { sign } from '../signature.ts'
import { checkOpenaiResponses } from '../strict/openai-responses.ts'
import { BROKEN_TEXT, type Facts, type Vendor, sse } from '../vendor.ts'
import { openaiFailure, openaiModels, openaiViolation } from './openai-chat.ts'

const callId = ({ key }: Call): string => `call_${key}`

export const openaiResponsesVendor: Vendor = {
  id: 'openai-responses',
  provider: (url) => ({
    providerType: 'custom',
    name: 'responses',
    baseUrl: `${url}/v1`,
    apiKey: 'sk-replay',
    settings: { dialect: 'openai-responses' },
  }),
  family: 'gpt-5.2',
  modelsPath: '/v1/models',
  contentType: 'text/event-stream; charset=utf-8',
  check: checkOpenaiResponses,
  facts,
  whole: (answer, model) => responseOf(answer, model),
  stream: (answer, model) => {
    const type = isCut(answer) ? 'response.incomplete' : 'response.completed'
    return numbered([...begunEvents(answer, model), { type, response: responseOf(answer, model) }])
  },
  begun: (answer, model) => numbered(begunEvents(answer, model)),
  broken: (answer, model) => {
    const error = { code: 'server_is_overloaded', message: BROKEN_TEXT }
    const failed = { ...pending(model), status: 'failed', error }
    return numbered([
      ...begunEvents(answer, model),
      {
        type: 'error',
        error: { type: 'service_unavailable_error', param: null, ...error },
      },
      { type: 'response.failed', response: failed },
    ])
  },
  violation: openaiViolation,
  failure: openaiFailure,
  models: openaiModels,
  callId,
  sealOf: ({ thinking }) => (thinking === undefined ? undefined : sign('openai', thinking)),
  tells: { filter: true, cached: true, thinkingCount: true },
}

function facts({ json }: Parameters<Vendor['facts']>[0]): Facts {
  const body = fieldsOf(json)
  const { input } = body
  const items =
    typeof input === 'string' ? [{ role: 'user', content: input } as const] : itemsOf(input)
  const question = items.findLastIndex(({ role }) => role === 'user')
  const loop = items.slice(question + 1)
  const lastOther = items.findLastIndex((item) => item['type'] !== 'function_call_output')
  const format = fieldsOf(fieldsOf(body['text'])['format'])
  return {
    model: textOf(body['model']),
    stream: body['stream'] === true,
    // A turn of the model is a run of its items.
    turn: loop.filter((item, at) => ofModel(item) && !ofModel(loop[at - 1])).length,
    results: items.slice(lastOther + 1).map(({ output }) => textIn(output)),
    callIds: items
      .filter((item) => item['type'] === 'function_call')
      .map((item) => textOf(item['call_id'])),
    system: [
      textOf(body['instructions']),
      ...items
        .filter(({ role }) => role === 'system' || role === 'developer')
        .map(({ content }) => textIn(content)),
    ].join(''),
    images: items.flatMap(({ content }) =>
      typeof content === 'string'
        ? []
        : itemsOf(content).flatMap((part) => dataOf(part['image_url'])),
    ),
    seals: items.flatMap((item) =>
      item['type'] === 'reasoning' ? [textOf(item['encrypted_content'])] : [],
    ),
    tools: itemsOf(body['tools']).map((tool) => textOf(tool['name'])),
    ...(format['schema'] === undefined ? {} : { schema: fieldsOf(format['schema']) }),
  }
}

function ofModel(item: JsonObject | undefined): boolean {
  return item !== undefined && item['type'] !== 'function_call_output' && item['role'] !== 'user'
}

function isCut({ ending }: Answer): boolean {
  return ending === 'length' || ending === 'filter'
}

function pending(model: string): JsonObject {
  return {
    id: 'resp_replay',
    object: 'response',
    created_at: 1_790_000_000,
    status: 'in_progress',
    background: false,
    error: null,
    incomplete_details: null,
    instructions: null,
    max_output_tokens: null,
    model,
    output: [],
    parallel_tool_calls: true,
    previous_response_id: null,
    reasoning: { effort: null, summary: null },
    store: false,
    temperature: 1,
    text: { format: { type: 'text' } },
    tool_choice: 'auto',
    tools: [],
    top_p: 1,
    truncation: 'disabled',
    usage: null,
    metadata: {},
  }
}

function responseOf(answer: Answer, model: string): JsonObject {
  const reason = answer.ending === 'length' ? 'max_output_tokens' : 'content_filter'
  return {
    ...pending(model),
    status: isCut(answer) ? 'incomplete' : 'completed',
    incomplete_details: isCut(answer) ? { reason } : null,
    output: itemsOfAnswer(answer),
    usage: usageOf(answer.counts),
  }
}

function usageOf({ input, output, cached = 0, thinking = 0 }: Counts): JsonObject {
  return {
    input_tokens: input,
    input_tokens_details: { cached_tokens: cached, cache_write_tokens: 0 },
    output_tokens: output,
    output_tokens_details: { reasoning_tokens: thinking },
    total_tokens: input + output,
  }
}

function itemsOfAnswer(answer: Answer): readonly JsonObject[] {
  const { thinking, text, calls = [] } = answer
  const status = isCut(answer) ? 'incomplete' : 'completed'
  return [
    ...(thinking === undefined
      ? []
      : [
          {
            id: 'rs_01',
            type: 'reasoning',
            summary: [{ type: 'summary_text', text: thinking }],
            encrypted_content: sign('openai', thinking),
          },
        ]),
    ...(text === undefined
      ? []
      : [
          {
            id: 'msg_01',
            type: 'message',
            status,
            role: 'assistant',
            content: [{ type: 'output_text', text, annotations: [], logprobs: [] }],
          },
        ]),
    ...calls.map((call) => ({
      id: `fc_${call.key}`,
      type: 'function_call',
      status: 'completed',
      call_id: callId(call),
      name: call.name,
      arguments: JSON.stringify(call.input),
    })),
  ]
}

function numbered(events: readonly JsonObject[]): readonly string[] {
  return events.map((event, at) => sse({ ...event, sequence_number: at }, textOf(event['type'])))
}

function begunEvents(answer: Answer, model: string): readonly JsonObject[] {
  const response = pending(model)
  return [
    { type: 'response.created', response },
    { type: 'response.in_progress', response },
    ...itemsOfAnswer(answer).flatMap((item, at) => itemEvents(item, at)),
  ]
}

function itemEvents(item: JsonObject, index: number): readonly JsonObject[] {
  const empty: { readonly [kind: string]: JsonObject } = {
    reasoning: { ...item, summary: [], encrypted_content: 'gAAAApart' },
    message: { ...item, status: 'in_progress', content: [] },
    function_call: { ...item, status: 'in_progress', arguments: '' },
  }
  const place = { item_id: item['id'] ?? '', output_index: index }
  return [
    {
      type: 'response.output_item.added',
      output_index: index,
      item: empty[textOf(item['type'])] ?? {},
    },
    ...bodyEvents(item, place),
    { type: 'response.output_item.done', output_index: index, item },
  ]
}

function bodyEvents(item: JsonObject, place: JsonObject): readonly JsonObject[] {
  switch (item['type']) {
    case 'reasoning':
      return itemsOf(item['summary']).flatMap((part, summary_index) => {
        const here = { ...place, summary_index }
        const text = part['text'] ?? ''
        const name = 'response.reasoning_summary'
        return [
          { type: `${name}_part.added`, ...here, part: { type: 'summary_text', text: '' } },
          ...pieces(textOf(text)).map((delta) => ({ type: `${name}_text.delta`, ...here, delta })),
          { type: `${name}_text.done`, ...here, text },
          { type: `${name}_part.done`, ...here, part },
        ]
      })
    case 'message':
      return itemsOf(item['content']).flatMap((part, content_index) => {
        const here = { ...place, content_index }
        const logprobs: readonly Json[] = []
        const text = part['text'] ?? ''
        return [
          { type: 'response.content_part.added', ...here, part: { ...part, text: '' } },
          ...pieces(textOf(text)).map((delta) => ({
            type: 'response.output_text.delta',
            ...here,
            delta,
            logprobs,
            obfuscation: 'x9',
          })),
          { type: 'response.output_text.done', ...here, text, logprobs },
          { type: 'response.content_part.done', ...here, part },
        ]
      })
    default: {
      const name = 'response.function_call_arguments'
      const args = textOf(item['arguments'])
      return [
        ...pieces(args).map((delta) => ({ type: `${name}.delta`, ...place, delta })),
        { type: `${name}.done`, ...place, name: item['name'] ?? '', arguments: args },
      ]
    }
  }
}
