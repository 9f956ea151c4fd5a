// What is schema-valid on the wire of Anthropic's Messages API.
import fc from 'fast-check'
import type { Json, JsonObject } from '../../../src/wire/json.ts'
import {
  type WireFailure,
  type WireGrammar,
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

const cache = { cache_control: nullable(typed('ephemeral', {}, { ttl: one('5m', '1h') })) }

const citation = fc.oneof(
  typed('char_location', {
    cited_text: word,
    document_index: count,
    document_title: nullable(word),
    start_char_index: count,
    end_char_index: count,
  }),
  typed('page_location', {
    cited_text: word,
    document_index: count,
    document_title: nullable(word),
    start_page_number: count,
    end_page_number: count,
  }),
  typed('web_search_result_location', {
    cited_text: word,
    encrypted_index: one('e'),
    title: nullable(word),
    url: one('https://a.example'),
  }),
  typed('search_result_location', { cited_text: word, source: word, title: nullable(word) }),
  typed('unheard_of_location', {}),
)

const text = typed('text', { text: word }, { ...cache, citations: nullable(list(citation)) })
const plainText = typed('text', { text: word }, cache)
const image = typed(
  'image',
  {
    source: fc.oneof(
      typed('base64', { media_type: one('image/png', 'image/webp'), data: one('AAAA') }),
      typed('url', { url: one('https://a.example/b.png') }),
      typed('file', { file_id: one('file_1') }),
    ),
  },
  cache,
)
const document = typed(
  'document',
  {
    source: fc.oneof(
      typed('base64', { media_type: one('application/pdf'), data: one('AAAA') }),
      typed('text', { media_type: one('text/plain'), data: word }),
      typed('url', { url: one('https://a.example/b.pdf') }),
      typed('content', { content: fc.oneof(word, list(fc.oneof(plainText, image))) }),
      typed('file', { file_id: one('file_1') }),
    ),
  },
  {
    ...cache,
    title: nullable(word),
    context: nullable(word),
    citations: nullable(object({}, { enabled: flag })),
  },
)
const searchResult = typed(
  'search_result',
  {
    source: word,
    title: word,
    content: list(plainText),
  },
  { ...cache, citations: object({}, { enabled: flag }) },
)

const thinking = typed('thinking', { thinking: word, signature: one('EqRk', '') })
const redacted = typed('redacted_thinking', { data: one('ZW5j') })
const toolUse = typed(
  'tool_use',
  { id: one('toolu_1', 't2'), name: one('f', 'g'), input: free },
  {
    ...cache,
    caller: typed('direct', {}),
  },
)
const serverUse = typed('server_tool_use', {
  id: one('srvtoolu_1'),
  name: one('web_search'),
  input: free,
})
const serverResult = fc.oneof(
  typed('web_search_tool_result', {
    tool_use_id: one('srvtoolu_1'),
    content: fc.oneof(
      list(
        typed('web_search_result', {
          url: word,
          title: word,
          encrypted_content: word,
          page_age: nullable(word),
        }),
      ),
      typed('web_search_tool_result_error', { error_code: one('unavailable', 'unheard_of') }),
    ),
  }),
  typed('code_execution_tool_result', { tool_use_id: one('srvtoolu_1'), content: free }),
  typed('unheard_of_block', { content: free }),
)
const toolResult = typed(
  'tool_result',
  { tool_use_id: one('toolu_1', 't2') },
  {
    ...cache,
    content: fc.oneof(word, list(fc.oneof(plainText, image, searchResult, document))),
    is_error: flag,
  },
)

const message = fc.oneof(
  object({
    role: one('user'),
    content: fc.oneof(
      word,
      fc
        .tuple(list(toolResult), list(fc.oneof(text, image, document, searchResult)))
        .map((blocks) => blocks.flat()),
    ),
  }),
  object({
    role: one('assistant'),
    content: fc.oneof(
      word,
      list(fc.oneof(text, thinking, redacted, toolUse, serverUse, serverResult), 3),
    ),
  }),
  object({ role: one('system'), content: fc.oneof(word, list(plainText)) }),
)

const tool = fc.oneof(
  object(
    { name: one('f', 'g'), input_schema: schema.map((said) => ({ type: 'object', ...said })) },
    {
      ...cache,
      type: fc.oneof(one('custom'), fc.constant(null)),
      description: word,
      strict: flag,
      input_examples: list(free),
      defer_loading: flag,
      eager_input_streaming: nullable(flag),
      allowed_callers: list(one('direct')),
    },
  ),
  object(
    { type: one('web_search_20250305'), name: one('web_search') },
    {
      ...cache,
      max_uses: nullable(count),
      allowed_domains: nullable(list(word)),
      user_location: nullable(typed('approximate', {}, { city: nullable(word) })),
    },
  ),
  object({ type: one('bash_20250124'), name: one('bash') }, cache),
)

const parallel = { disable_parallel_tool_use: flag }
const request = object(
  { model: one('claude-m'), max_tokens: one(2048, 8192, 64_000), messages: list(message, 4) },
  {
    ...cache,
    container: nullable(one('container_1')),
    inference_geo: nullable(one('us')),
    metadata: object({}, { user_id: nullable(word) }),
    output_config: object(
      {},
      {
        effort: nullable(one('low', 'high', 'max', 'unheard_of')),
        format: nullable(typed('json_schema', { schema })),
        task_budget: typed('tokens', { total: count }),
      },
    ),
    service_tier: one('auto', 'standard_only'),
    stop_sequences: list(word, 4),
    stream: flag,
    system: fc.oneof(word, list(text)),
    temperature: fc.double({ min: 0, max: 1, noNaN: true }),
    thinking: fc.oneof(
      typed(
        'enabled',
        { budget_tokens: one(1024, 2000) },
        { display: nullable(one('summarized', 'omitted')) },
      ),
      typed('adaptive', {}, { display: nullable(one('summarized', 'omitted')) }),
      typed('disabled', {}),
    ),
    tool_choice: fc.oneof(
      typed('auto', {}, parallel),
      typed('any', {}, parallel),
      typed('tool', { name: one('f') }, parallel),
      typed('none', {}),
    ),
    tools: list(tool),
    top_k: count,
    top_p: one(0, 0.5, 1),
    mcp_servers: list(typed('url', { name: word, url: word })),
    context_management: nullable(object({ edits: list(free) })),
    speed: one('standard', 'fast'),
  },
)

const usage = object(
  { input_tokens: count, output_tokens: count },
  {
    cache_creation: nullable(
      object({ ephemeral_1h_input_tokens: count, ephemeral_5m_input_tokens: count }),
    ),
    cache_creation_input_tokens: nullable(count),
    cache_read_input_tokens: nullable(count),
    inference_geo: nullable(word),
    output_tokens_details: nullable(object({ thinking_tokens: count })),
    server_tool_use: nullable(
      object({ web_search_requests: count }, { web_fetch_requests: count }),
    ),
    service_tier: nullable(one('standard', 'priority')),
  },
)

const head = {
  id: one('msg_1'),
  type: one('message'),
  role: one('assistant'),
  model: one('claude-m-20260101'),
}
const block = fc.oneof(text, thinking, redacted, toolUse, serverUse, serverResult)
const ending = {
  stop_reason: one(
    'end_turn',
    'max_tokens',
    'stop_sequence',
    'tool_use',
    'pause_turn',
    'refusal',
    'unheard_of',
  ),
  stop_sequence: nullable(word),
  stop_details: nullable(
    typed('refusal', { category: nullable(one('cyber')), explanation: nullable(word) }),
  ),
}

const response = object(
  {
    ...head,
    content: list(block, 4),
    usage,
    stop_reason: ending.stop_reason,
    stop_sequence: ending.stop_sequence,
  },
  {
    stop_details: ending.stop_details,
    container: nullable(object({ id: word, expires_at: word })),
  },
)

/** What a block opens with, and the deltas in which the rest of it comes. */
function frames(whole: JsonObject, index: number): readonly JsonObject[] {
  const { text, thinking, signature, input, citations, ...open } = whole
  const cited: readonly Json[] = Array.isArray(citations) ? citations : []
  const delta = (said: JsonObject): JsonObject => ({
    type: 'content_block_delta',
    index,
    delta: said,
  })
  const deltas = [
    ...cited.map((citation) => delta({ type: 'citations_delta', citation })),
    ...(text === undefined ? [] : [delta({ type: 'text_delta', text })]),
    ...(thinking === undefined ? [] : [delta({ type: 'thinking_delta', thinking })]),
    ...(signature === undefined ? [] : [delta({ type: 'signature_delta', signature })]),
    ...(input === undefined
      ? []
      : [
          delta({ type: 'input_json_delta', partial_json: '' }),
          delta({ type: 'input_json_delta', partial_json: JSON.stringify(input) }),
        ]),
  ]
  const content_block = {
    ...open,
    ...(text === undefined ? {} : { text: '' }),
    ...(citations === undefined ? {} : { citations: citations === null ? null : [] }),
    ...(thinking === undefined ? {} : { thinking: '' }),
    ...(signature === undefined ? {} : { signature: '' }),
    ...(input === undefined ? {} : { input: {} }),
  }
  return [
    { type: 'content_block_start', index, content_block },
    ...deltas,
    { type: 'content_block_stop', index },
  ]
}

const stream = fc
  .record({
    head: object(head),
    opening: usage,
    // A message without a block is opened at its end, with the counts it ends with.
    blocks: fc.array(sprinkled(block), { minLength: 1, maxLength: 4 }),
    end: sprinkled(
      object({
        delta: object({ stop_reason: ending.stop_reason, stop_sequence: ending.stop_sequence }),
        usage,
      }),
    ),
  })
  .map(({ head, opening, blocks, end }): readonly JsonObject[] => [
    {
      type: 'message_start',
      message: { ...head, content: [], stop_reason: null, stop_sequence: null, usage: opening },
    },
    ...blocks.flatMap((whole, index) => frames(whole, index)),
    { type: 'message_delta', ...end },
    { type: 'message_stop' },
  ])

const pair = fc
  .record({
    head: object(head),
    content: fc.array(sprinkled(block), { minLength: 1, maxLength: 4 }),
    end: object({
      stop_reason: one('end_turn', 'max_tokens', 'refusal'),
      stop_sequence: fc.constant(null),
    }),
    usage,
  })
  .map(({ head, content, end, usage }) => ({
    whole: { ...head, content, ...end, usage },
    stream: [
      {
        type: 'message_start',
        message: { ...head, content: [], stop_reason: null, stop_sequence: null, usage },
      },
      ...content.flatMap((whole, index) => frames(whole, index)),
      { type: 'message_delta', delta: end, usage },
      { type: 'message_stop' },
    ],
  }))

const row = (status: number, type: string): fc.Arbitrary<WireFailure> =>
  object({ message: sentence, type: one(type) }).map((error) => ({
    status,
    body: { type: 'error', error, request_id: 'r' },
  }))

export const anthropicMessagesWire: WireGrammar = {
  requests: sprinkled(request),
  responses: sprinkled(response),
  streams: stream,
  pairs: pair,
  modelLists: list(
    sprinkled(
      object(
        {
          id: one('claude-a', 'claude-b'),
          type: one('model'),
          display_name: word,
          created_at: one('2026-06-29T00:00:00Z'),
        },
        {
          max_input_tokens: count,
          max_tokens: count,
          capabilities: object({
            image_input: object({ supported: flag }),
            thinking: object({ supported: flag }),
          }),
        },
      ),
    ),
  ).map((data) => ({
    data,
    has_more: false,
    first_id: data.at(0)?.['id'] ?? null,
    last_id: data.at(-1)?.['id'] ?? null,
  })),
  errors: fc.oneof(
    row(400, 'invalid_request_error'),
    row(404, 'not_found_error'),
    row(409, 'conflict_error'),
    row(413, 'request_too_large'),
    row(429, 'rate_limit_error'),
    row(500, 'api_error'),
    row(504, 'timeout_error'),
    row(529, 'overloaded_error'),
  ),
}
