// What is schema-valid on the wire of OpenAI's Responses API.
import fc from 'fast-check'
import { omit } from '../../../src/dialects/lowering/rewrite.ts'
import { type Json, type JsonObject, isObject } from '../../../src/wire/json.ts'
import {
  type WireFailure,
  type WireGrammar,
  argumentText,
  count,
  flag,
  free,
  list,
  nullable,
  object,
  one,
  schema,
  sentence,
  sprinkled,
  typed,
  word,
} from './grammar.ts'

const annotation = fc.oneof(
  typed('url_citation', {
    url: one('https://a.example'),
    title: word,
    start_index: count,
    end_index: count,
  }),
  typed('file_citation', { file_id: word, filename: word, index: count }),
  typed('container_file_citation', {
    container_id: word,
    file_id: word,
    start_index: count,
    end_index: count,
  }),
  typed('file_path', { file_id: word, index: count }),
  typed('unheard_of_citation', {}),
)
const logprob = object({
  token: word,
  logprob: one(-0.5, 0),
  bytes: list(fc.nat(255)),
  top_logprobs: list(object({ token: word, logprob: one(-1), bytes: list(fc.nat(255)) })),
})

const spoken = fc.oneof(
  typed('output_text', { text: word, annotations: list(annotation) }, { logprobs: list(logprob) }),
  typed('refusal', { refusal: word }),
  typed('unheard_of_content', {}),
)
const mark = { prompt_cache_breakpoint: object({ mode: one('explicit') }) }
const heard = fc.oneof(
  typed('input_text', { text: word }, mark),
  typed(
    'input_image',
    { detail: one('auto', 'low', 'original') },
    { ...mark, image_url: one('https://a.example/b.png', 'data:image/png;base64,AAAA') },
  ),
  typed('input_image', { file_id: one('file-1') }, mark),
  typed('input_file', { file_id: one('file-1') }, mark),
  typed('input_file', { filename: word, file_data: one('data:application/pdf;base64,AAAA') }, mark),
  typed('input_file', { file_url: one('https://a.example/b.pdf') }, mark),
)

const status = { status: one('completed', 'incomplete', 'in_progress') }

/** What a model has made, with its place in the answer as its id. */
const madeAt = (at: number): fc.Arbitrary<JsonObject> =>
  fc.oneof(
    typed(
      'message',
      { id: one(`msg_${at}`), role: one('assistant'), content: list(spoken) },
      { ...status, phase: one('commentary', 'final_answer') },
    ),
    typed(
      'reasoning',
      { id: one(`rs_${at}`), summary: list(typed('summary_text', { text: word })) },
      {
        ...status,
        content: list(typed('reasoning_text', { text: word })),
        encrypted_content: fc.oneof(fc.constant(null), one('gAAAA')),
      },
    ),
    typed(
      'function_call',
      {
        id: one(`fc_${at}`),
        call_id: one(`call_${at}`),
        name: one('f', 'g'),
        arguments: argumentText,
      },
      {
        ...status,
        namespace: one('n'),
      },
    ),
    typed(
      'custom_tool_call',
      { id: one(`ctc_${at}`), call_id: one(`custom_${at}`), name: one('f'), input: word },
      status,
    ),
    typed('web_search_call', { id: one(`ws_${at}`), ...status }, { action: free }),
    typed('code_interpreter_call', {
      id: one(`ci_${at}`),
      ...status,
      code: nullable(word),
      container_id: word,
      outputs: nullable(list(free)),
    }),
    typed('unheard_of_item', { id: one(`x_${at}`) }, { content: fc.constant(null) }),
  )

const inputItem = fc.oneof(
  object(
    { role: one('user', 'system', 'developer'), content: fc.oneof(word, list(heard)) },
    { type: one('message'), ...status },
  ),
  object(
    { role: one('assistant'), content: fc.oneof(word, list(spoken)) },
    { type: one('message') },
  ),
  madeAt(1),
  madeAt(2),
  typed(
    'function_call_output',
    { call_id: one('call_1'), output: fc.oneof(word, list(heard)) },
    { id: nullable(word), ...status },
  ),
  typed('custom_tool_call_output', {
    call_id: one('custom_1'),
    output: fc.oneof(word, list(heard)),
  }),
  typed('item_reference', { id: word }),
)

const tool = fc.oneof(
  typed(
    'function',
    { name: one('f', 'g') },
    {
      description: nullable(word),
      parameters: nullable(schema),
      strict: nullable(flag),
      defer_loading: flag,
    },
  ),
  typed(
    'custom',
    { name: one('g') },
    {
      description: word,
      format: fc.oneof(
        typed('text', {}),
        typed('grammar', { syntax: one('lark', 'regex'), definition: word }),
      ),
    },
  ),
  typed('web_search', {}, { filters: nullable(free), search_context_size: one('low') }),
  typed(
    'mcp',
    { server_label: word },
    { allowed_tools: nullable(list(word)), require_approval: one('never') },
  ),
  typed('code_interpreter', { container: word }),
  typed('unheard_of_tool', {}),
)

const format = fc.oneof(
  typed('text', {}),
  typed('json_object', {}),
  typed(
    'json_schema',
    { name: one('answer'), schema },
    { description: word, strict: nullable(flag) },
  ),
)

const request = object(
  { model: one('m'), input: fc.oneof(word, list(inputItem, 4)) },
  {
    background: nullable(flag),
    conversation: nullable(one('conv_1')),
    include: nullable(list(one('reasoning.encrypted_content', 'message.output_text.logprobs'))),
    instructions: nullable(word),
    max_output_tokens: nullable(count),
    max_tool_calls: nullable(count),
    metadata: nullable(fc.dictionary(word, word, { maxKeys: 2 })),
    parallel_tool_calls: nullable(flag),
    previous_response_id: fc.constant(null),
    prompt: nullable(object({ id: word })),
    prompt_cache_key: word,
    prompt_cache_retention: nullable(one('24h')),
    reasoning: nullable(
      object(
        {},
        {
          effort: nullable(one('none', 'low', 'high', 'xhigh', 'unheard_of')),
          summary: nullable(one('auto', 'concise')),
        },
      ),
    ),
    safety_identifier: word,
    service_tier: nullable(one('auto', 'flex')),
    store: nullable(flag),
    stream: nullable(flag),
    stream_options: nullable(object({}, { include_obfuscation: flag })),
    temperature: nullable(fc.double({ min: 0, max: 2, noNaN: true })),
    text: object({}, { format, verbosity: nullable(one('low', 'high')) }),
    tool_choice: fc.oneof(
      one('none', 'auto', 'required'),
      typed('function', { name: one('f') }),
      typed('custom', { name: one('g') }),
      typed('allowed_tools', {
        mode: one('auto', 'required'),
        tools: list(typed('function', { name: one('f') })),
      }),
      typed('web_search', {}),
    ),
    tools: list(tool),
    top_logprobs: nullable(fc.nat(20)),
    top_p: nullable(one(0, 1)),
    truncation: nullable(one('auto', 'disabled')),
    user: word,
  },
)

const usage = object({
  input_tokens: count,
  input_tokens_details: object({ cached_tokens: count }, { cache_write_tokens: count }),
  output_tokens: count,
  output_tokens_details: object({ reasoning_tokens: count }),
  total_tokens: count,
})

const output = fc
  .integer({ min: 0, max: 4 })
  .chain((length) => fc.tuple(...Array.from({ length }, (_, at) => madeAt(at))))

const ending = fc.oneof(
  object({
    status: one('completed'),
    error: fc.constant(null),
    incomplete_details: fc.constant(null),
  }),
  object({
    status: one('incomplete'),
    error: fc.constant(null),
    incomplete_details: object({
      reason: one('max_output_tokens', 'content_filter', 'unheard_of'),
    }),
  }),
)

const answer = fc
  .tuple(
    object(
      {
        id: one('resp_1'),
        object: one('response'),
        created_at: one(1_700_000_000),
        model: one('m-2026'),
        output,
        usage,
      },
      {
        instructions: nullable(word),
        max_output_tokens: nullable(count),
        metadata: nullable(fc.dictionary(word, word, { maxKeys: 1 })),
        parallel_tool_calls: flag,
        previous_response_id: fc.constant(null),
        reasoning: nullable(object({}, { effort: nullable(one('low')) })),
        service_tier: nullable(one('default', 'priority')),
        store: flag,
        temperature: nullable(one(1)),
        text: object({ format }),
        tool_choice: one('auto'),
        tools: list(tool),
        top_p: nullable(one(1)),
        truncation: one('disabled'),
        user: nullable(word),
      },
    ),
    ending,
  )
  .map(([said, end]): JsonObject => ({ ...said, ...end }))

type Step = readonly [type: string, more: JsonObject]

/** The events of one item, without what every event has. */
function steps(item: JsonObject): readonly Step[] {
  const { type, content, summary, arguments: text, input, encrypted_content: _, ...bare } = item
  const shut = {
    ...bare,
    type: type ?? null,
    ...(item['status'] === undefined ? {} : { status: 'in_progress' }),
  }
  switch (type) {
    case 'message': {
      const parts: readonly Json[] = Array.isArray(content) ? content : []
      return [
        ['response.output_item.added', { item: { ...shut, content: [] } }],
        ...parts.flatMap((part, at) => partSteps(part, at)),
      ]
    }
    case 'reasoning': {
      const parts: readonly Json[] = Array.isArray(summary) ? summary : []
      return [
        ['response.output_item.added', { item: { ...shut, summary: [] } }],
        ...parts.flatMap((part, at) => summarySteps(part, at)),
      ]
    }
    case 'function_call':
      return [
        ['response.output_item.added', { item: { ...shut, arguments: '' } }],
        ['response.function_call_arguments.delta', { delta: text ?? '' }],
        [
          'response.function_call_arguments.done',
          { arguments: text ?? '', name: item['name'] ?? '' },
        ],
      ]
    case 'custom_tool_call':
      return [
        ['response.output_item.added', { item: { ...shut, input: '' } }],
        ['response.custom_tool_call_input.delta', { delta: input ?? '' }],
        ['response.custom_tool_call_input.done', { input: input ?? '' }],
      ]
    default:
      return [['response.output_item.added', { item: shut }]]
  }
}

function partSteps(part: Json, content_index: number): readonly Step[] {
  const { type, text = '', refusal = '', annotations }: Record<string, Json> = Object(part)
  const added = (more: JsonObject): Step => [
    'response.content_part.added',
    { content_index, part: { type: type ?? null, ...more } },
  ]
  const done: Step = ['response.content_part.done', { content_index, part }]
  if (type === 'refusal') {
    return [
      added({ refusal: '' }),
      ['response.refusal.delta', { content_index, delta: refusal }],
      ['response.refusal.done', { content_index, refusal }],
      done,
    ]
  }
  if (type !== 'output_text')
    return [['response.content_part.added', { content_index, part }], done]
  const cited: readonly Json[] = Array.isArray(annotations) ? annotations : []
  return [
    added({ text: '', annotations: [], logprobs: [] }),
    ['response.output_text.delta', { content_index, delta: text, logprobs: [] }],
    ...cited.map((annotation, annotation_index): Step => [
      'response.output_text.annotation.added',
      { content_index, annotation_index, annotation },
    ]),
    ['response.output_text.done', { content_index, text, logprobs: [] }],
    done,
  ]
}

function summarySteps(part: Json, summary_index: number): readonly Step[] {
  const { text = '' }: Record<string, Json> = Object(part)
  return [
    [
      'response.reasoning_summary_part.added',
      { summary_index, part: { type: 'summary_text', text: '' } },
    ],
    ['response.reasoning_summary_text.delta', { summary_index, delta: text }],
    ['response.reasoning_summary_text.done', { summary_index, text }],
    ['response.reasoning_summary_part.done', { summary_index, part }],
  ]
}

/** The stream in which the vendor says an answer: reasoning by its summaries, no probabilities. */
function streamOf(whole: JsonObject): readonly JsonObject[] {
  const items: readonly JsonObject[] = JSON.parse(JSON.stringify(whole['output']))
  const open = {
    ...whole,
    status: 'in_progress',
    incomplete_details: null,
    output: [],
    usage: null,
  }
  const all: readonly Step[] = [
    ['response.created', { response: open }],
    ['response.in_progress', { response: open }],
    ...items.flatMap((item, output_index): readonly Step[] => [
      ...steps(item).map(([type, more]): Step => [
        type,
        withPlace(type, more, { output_index, item }),
      ]),
      ['response.output_item.done', { output_index, item }],
    ]),
    [`response.${String(whole['status'])}`, { response: whole }],
  ]
  return all
    .filter(([, more]) => more['delta'] !== '')
    .map(([type, more], sequence_number) => ({ type, ...more, sequence_number }))
}

function withPlace(
  type: string,
  more: JsonObject,
  { output_index, item }: { readonly output_index: number; readonly item: JsonObject },
): JsonObject {
  return type === 'response.output_item.added'
    ? { output_index, ...more }
    : { item_id: item['id'] ?? null, output_index, ...more }
}

/** In a stream every text has its list of probabilities, here an empty one, and thinking comes as summaries. */
const streamed = answer.map((whole) => {
  const items: readonly JsonObject[] = JSON.parse(
    JSON.stringify(whole['output']),
    (_, value: Json) =>
      isObject(value) && value['type'] === 'output_text' ? { ...value, logprobs: [] } : value,
  )
  return {
    ...whole,
    output: items.map((item) => (item['type'] === 'reasoning' ? spokenThought(item) : item)),
  }
})

/** By summaries that say something. */
function spokenThought(thought: JsonObject): JsonObject {
  const { summary, ...item } = omit(thought, ['content'])
  const parts: readonly Json[] = Array.isArray(summary) ? summary : []
  return { ...item, summary: parts.filter((part) => isObject(part) && part['text'] !== '') }
}

const row = (status: number, type: string, code: string | null): fc.Arbitrary<WireFailure> =>
  object({
    message: sentence,
    type: one(type),
    param: nullable(one('input[0].content')),
    code: fc.constant(code),
  }).map((error) => ({ status, body: { error } }))

export const openaiResponsesWire: WireGrammar = {
  requests: sprinkled(request),
  responses: sprinkled(answer),
  streams: streamed.map(streamOf),
  pairs: streamed.map((whole) => ({ whole, stream: streamOf(whole) })),
  modelLists: object({
    object: one('list'),
    data: list(
      sprinkled(
        object({ id: one('a', 'b/c'), object: one('model'), created: count, owned_by: word }),
      ),
    ),
  }),
  errors: fc.oneof(
    row(400, 'invalid_request_error', null),
    row(400, 'invalid_request_error', 'context_length_exceeded'),
    row(404, 'invalid_request_error', 'model_not_found'),
    row(429, 'tokens', 'rate_limit_exceeded'),
    row(500, 'server_error', null),
    row(503, 'service_unavailable_error', 'server_is_overloaded'),
  ),
}
