// What is schema-valid on the wire of OpenAI's Chat Completions.
import fc from 'fast-check'
import type { JsonObject } from '../../../src/wire/json.ts'
import {
  type Pair,
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
  saidArguments,
  schema,
  script,
  sentence,
  sprinkled,
  typed,
  word,
} from './grammar.ts'

const mark = { prompt_cache_breakpoint: object({ mode: one('explicit') }) }

const text = typed('text', { text: word }, mark)
const refusalPart = typed('refusal', { refusal: word })
const userPart = fc.oneof(
  text,
  typed(
    'image_url',
    {
      image_url: object(
        { url: one('https://a.example/b.png', 'data:image/png;base64,AAAA') },
        { detail: one('auto', 'low', 'high') },
      ),
    },
    mark,
  ),
  typed(
    'input_audio',
    { input_audio: object({ data: one('AAAA'), format: one('wav', 'mp3') }) },
    mark,
  ),
  typed(
    'file',
    {
      file: fc.oneof(
        object({ file_id: one('file-1') }),
        object({ file_data: one('data:application/pdf;base64,AAAA'), filename: word }),
      ),
    },
    mark,
  ),
)

const callWith = (input: fc.Arbitrary<string>): fc.Arbitrary<JsonObject> =>
  fc.oneof(
    typed('function', {
      id: one('call_1', 'c:2', 'x'.repeat(60)),
      function: object({ name: one('f', 'look up'), arguments: input }),
    }),
    typed('custom', { id: one('call_3'), custom: object({ name: one('g'), input: word }) }),
  )
const callsWith = (input: fc.Arbitrary<string>): fc.Arbitrary<JsonObject[]> =>
  fc.array(callWith(input), { minLength: 1, maxLength: 2 })

const citation = typed('url_citation', {
  url_citation: object({
    url: one('https://a.example'),
    title: word,
    start_index: count,
    end_index: count,
  }),
})

const said = {
  content: fc.oneof(fc.constant(null), word),
  refusal: fc.oneof(fc.constant(null), word),
  annotations: list(citation),
  reasoning_content: word,
}

const message = fc.oneof(
  object({ role: one('system', 'developer'), content: fc.oneof(word, list(text)) }, { name: word }),
  object({ role: one('user'), content: fc.oneof(word, list(userPart)) }, { name: word }),
  object(
    { role: one('assistant') },
    {
      ...said,
      tool_calls: callsWith(argumentText),
      content: fc.oneof(fc.constant(null), word, list(fc.oneof(text, refusalPart))),
      name: word,
      audio: nullable(object({ id: one('audio_1') })),
    },
  ),
  object({
    role: one('tool'),
    tool_call_id: one('call_1', 'c:2'),
    content: fc.oneof(word, list(text)),
  }),
)

/** The old way: a call without an id, and the message that answers it. */
const legacyCall = fc.tuple(
  object({
    role: one('assistant'),
    content: fc.constant(null),
    function_call: object({ name: one('f'), arguments: argumentText }),
  }),
  object({ role: one('function'), name: one('f'), content: fc.oneof(fc.constant(null), word) }),
)

const messages = list(
  fc.oneof({ weight: 5, arbitrary: message.map((said) => [said]) }, legacyCall),
  4,
).map((said) => said.flat())

const tool = fc.oneof(
  typed('function', {
    function: object(
      { name: one('f', 'look_up') },
      { description: word, parameters: schema, strict: nullable(flag) },
    ),
  }),
  typed('custom', {
    custom: object(
      { name: one('g') },
      {
        description: word,
        format: fc.oneof(
          typed('text', {}),
          typed('grammar', { grammar: object({ syntax: one('lark', 'regex'), definition: word }) }),
        ),
      },
    ),
  }),
)

const named = typed('function', { function: object({ name: one('f') }) })
const toolChoice = fc.oneof(
  one('none', 'auto', 'required'),
  named,
  typed('custom', { custom: object({ name: one('g') }) }),
  typed('allowed_tools', {
    allowed_tools: object({ mode: one('auto', 'required'), tools: list(named) }),
  }),
)

const responseFormat = fc.oneof(
  typed('text', {}),
  typed('json_object', {}),
  typed('json_schema', {
    json_schema: object(
      { name: one('answer') },
      { description: word, schema, strict: nullable(flag) },
    ),
  }),
)

const location = typed('approximate', {
  approximate: object({}, { city: word, country: word, region: word, timezone: word }),
})

const request = object(
  { model: one('m', 'gpt-5.2'), messages },
  {
    audio: nullable(object({ voice: one('ash'), format: one('wav', 'pcm16') })),
    frequency_penalty: nullable(one(0, 1.5, -2)),
    function_call: fc.oneof(one('none', 'auto'), object({ name: one('f') })),
    functions: list(object({ name: one('f') }, { description: word, parameters: schema })),
    logit_bias: nullable(fc.dictionary(one('1', '50256'), fc.integer({ min: -100, max: 100 }))),
    logprobs: nullable(flag),
    max_completion_tokens: nullable(count),
    max_tokens: nullable(count),
    metadata: nullable(fc.dictionary(word, word, { maxKeys: 2 })),
    modalities: nullable(fc.subarray(['text', 'audio'])),
    moderation: object({ model: one('omni') }),
    n: nullable(one(1, 3)),
    parallel_tool_calls: flag,
    prediction: nullable(typed('content', { content: fc.oneof(word, list(text)) })),
    presence_penalty: nullable(one(0, -1)),
    prompt_cache_key: word,
    prompt_cache_options: object({}, { mode: one('implicit', 'explicit'), ttl: one('30m') }),
    prompt_cache_retention: nullable(one('in_memory', '24h')),
    reasoning_effort: nullable(one('none', 'minimal', 'low', 'high', 'xhigh', 'max', 'unheard_of')),
    response_format: responseFormat,
    safety_identifier: word,
    seed: nullable(fc.maxSafeInteger()),
    service_tier: nullable(one('auto', 'flex', 'unheard_of')),
    stop: fc.oneof(fc.constant(null), word, list(word, 4)),
    store: nullable(flag),
    stream: nullable(flag),
    stream_options: nullable(object({}, { include_usage: flag, include_obfuscation: flag })),
    temperature: nullable(fc.double({ min: 0, max: 2, noNaN: true })),
    tool_choice: toolChoice,
    tools: list(tool),
    top_logprobs: nullable(fc.nat(20)),
    top_p: nullable(one(0, 0.5, 1)),
    user: word,
    verbosity: nullable(one('low', 'medium', 'high')),
    web_search_options: object(
      {},
      { search_context_size: one('low', 'high'), user_location: nullable(location) },
    ),
  },
)

const logprob = object({
  token: word,
  logprob: one(-0.5, 0),
  bytes: nullable(list(fc.nat(255))),
  top_logprobs: list(object({ token: word, logprob: one(-1), bytes: nullable(list(fc.nat(255))) })),
})
const logprobs = nullable(
  object({ content: nullable(list(logprob)), refusal: nullable(list(logprob)) }),
)

/** Hosts that say `stop` with calls are put right, and so are those that say `tool_calls` without. */
const FINISH = ['stop', 'length', 'content_filter', 'unheard_of'] as const

const usage: fc.Arbitrary<JsonObject> = object(
  { prompt_tokens: count, completion_tokens: count, total_tokens: count },
  {
    prompt_tokens_details: nullable(
      object({}, { cached_tokens: count, audio_tokens: count, cache_write_tokens: count }),
    ),
    completion_tokens_details: object(
      {},
      {
        reasoning_tokens: count,
        audio_tokens: count,
        accepted_prediction_tokens: count,
        rejected_prediction_tokens: count,
      },
    ),
  },
)

const audio = object({ id: one('audio_1'), data: one('AAAA'), transcript: word, expires_at: count })
const choice = fc.oneof(
  object(
    {
      message: object(
        { role: one('assistant'), content: said.content },
        { ...said, audio: nullable(audio) },
      ),
      finish_reason: one(...FINISH),
    },
    { logprobs },
  ),
  object({
    message: object(
      { role: one('assistant'), content: said.content, tool_calls: callsWith(saidArguments) },
      said,
    ),
    finish_reason: one('tool_calls', 'length', 'unheard_of'),
  }),
  object({
    message: object({
      role: one('assistant'),
      content: fc.constant(null),
      function_call: object({ name: one('f'), arguments: saidArguments }),
    }),
    finish_reason: one('function_call'),
  }),
)

const head = {
  id: one('chatcmpl-1'),
  created: fc.constant(1_700_000_000),
  model: one('gpt-5.2-2026-01-01'),
}
const about = {
  service_tier: nullable(one('default', 'priority')),
  system_fingerprint: nullable(one('fp_1')),
}

const response = object(
  {
    ...head,
    object: one('chat.completion'),
    choices: list(choice).map((choices) => choices.map((entry, index) => ({ index, ...entry }))),
  },
  { ...about, usage },
)

/** One delta of a choice, by what it adds. */
const delta = fc.oneof(
  object({ content: word }),
  object({ refusal: word }),
  object({ reasoning_content: word }),
  fc
    .nat(2)
    .chain((index) =>
      object({ tool_calls: fc.constant([{ index, function: { arguments: '}' } }]) }),
    ),
)

const stream = fc
  .record({
    head: object({ ...head, object: one('chat.completion.chunk') }, about),
    choices: fc.array(fc.record({ deltas: list(delta, 4), finish: one(...FINISH) }), {
      minLength: 1,
      maxLength: 2,
    }),
    usage: fc.option(usage, { nil: undefined }),
  })
  .map(({ head, choices, usage }): readonly JsonObject[] => {
    const chunk = (index: number, said: JsonObject, finish: string | null): JsonObject => ({
      ...head,
      choices: [{ index, delta: said, logprobs: null, finish_reason: finish }],
    })
    return [
      ...choices.flatMap(({ deltas, finish }, index) => {
        const opened = new Set<unknown>()
        return [
          chunk(index, { role: 'assistant', content: '' }, null),
          ...deltas.map((one) => chunk(index, opening(one, opened), null)),
          chunk(index, {}, opened.size > 0 && finish === 'stop' ? 'tool_calls' : finish),
        ]
      }),
      ...(usage === undefined ? [] : [{ ...head, choices: [], usage }]),
    ]
  })

/** Calls are counted from 0 in order of their first pieces, which have id and name. */
function opening(delta: JsonObject, opened: Set<unknown>): JsonObject {
  const calls = delta['tool_calls']
  if (!Array.isArray(calls)) return delta
  const asked: unknown = Object(calls[0]).index
  const known = [...opened].indexOf(asked)
  opened.add(asked)
  if (known !== -1) return { tool_calls: [{ index: known, function: { arguments: '}' } }] }
  const index = opened.size - 1
  const fresh = { index, id: `call_${index}`, type: 'function' }
  return { tool_calls: [{ ...fresh, function: { name: 'f', arguments: '{' } }] }
}

const pair = fc
  .tuple(script, object(head), usage)
  .map(([{ thinking, text, calls }, about, usage]): Pair => {
    const chunk = (delta: JsonObject, finish: string | null = null): JsonObject => ({
      ...about,
      object: 'chat.completion.chunk',
      choices: [{ index: 0, delta, finish_reason: finish }],
    })
    const finish = calls.length === 0 ? 'stop' : 'tool_calls'
    const message = {
      role: 'assistant',
      content: text.length === 0 ? null : text.join(''),
      ...(thinking.length === 0 ? {} : { reasoning_content: thinking.join('') }),
      ...(calls.length === 0
        ? {}
        : {
            tool_calls: calls.map(({ id, name, pieces }) => ({
              id,
              type: 'function',
              function: { name, arguments: pieces.join('') },
            })),
          }),
    }
    return {
      whole: {
        ...about,
        object: 'chat.completion',
        choices: [{ index: 0, message, finish_reason: finish }],
        usage,
      },
      stream: [
        chunk({ role: 'assistant', content: '' }),
        ...thinking.map((piece) => chunk({ reasoning_content: piece })),
        ...text.map((piece) => chunk({ content: piece })),
        ...calls.flatMap(({ id, name, pieces }, index) => [
          chunk({
            tool_calls: [{ index, id, type: 'function', function: { name, arguments: '' } }],
          }),
          ...pieces.map((piece) =>
            chunk({ tool_calls: [{ index, function: { arguments: piece } }] }),
          ),
        ]),
        chunk({}, finish),
        { ...about, object: 'chat.completion.chunk', choices: [], usage },
      ],
    }
  })

const row = (status: number, type: string, code: string | null): fc.Arbitrary<WireFailure> =>
  object({
    message: sentence,
    type: one(type),
    param: nullable(one('messages[0].content')),
    code: fc.constant(code),
  }).map((error) => ({ status, body: { error } }))

export const openaiChatWire: WireGrammar = {
  requests: sprinkled(request),
  responses: sprinkled(response),
  streams: stream,
  pairs: pair,
  modelLists: object({
    object: one('list'),
    data: list(
      sprinkled(
        object(
          { id: one('a', 'b/c'), object: one('model'), created: count, owned_by: word },
          { shutdown_date: free },
        ),
      ),
    ),
  }),
  errors: fc.oneof(
    row(400, 'invalid_request_error', null),
    row(400, 'invalid_request_error', 'context_length_exceeded'),
    row(400, 'invalid_request_error', 'unsupported_parameter'),
    row(400, 'invalid_request_error', 'content_policy_violation'),
    row(404, 'invalid_request_error', 'model_not_found'),
    row(409, 'invalid_request_error', 'conflict'),
    row(429, 'requests', 'rate_limit_exceeded'),
    row(500, 'server_error', null),
    row(503, 'service_unavailable_error', 'server_is_overloaded'),
  ),
}
