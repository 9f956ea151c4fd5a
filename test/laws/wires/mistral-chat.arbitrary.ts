// What is schema-valid on the wire of Mistral's chat completions.
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

const text = typed('text', { text: word })
const reference = typed('reference', { reference_ids: list(count) })
const thinking = typed(
  'thinking',
  { thinking: list(fc.oneof(text, reference)) },
  { closed: flag, signature: nullable(word) },
)
const heard = fc.oneof(
  text,
  typed('image_url', {
    image_url: fc.oneof(
      one('https://a.example/b.png', 'data:image/png;base64,AAAA'),
      object({ url: one('https://a.example/b.png') }, { detail: one('auto', 'low') }),
    ),
  }),
  typed(
    'document_url',
    { document_url: one('https://a.example/b.pdf') },
    { document_name: nullable(word) },
  ),
  typed('input_audio', { input_audio: one('AAAA', 'https://a.example/b.wav') }),
  typed('file', { file_id: one('f-1') }),
)
const spoken = fc.oneof(text, thinking, reference, typed('unheard_of_chunk', {}))

const call = (input: fc.Arbitrary<string>): fc.Arbitrary<JsonObject> =>
  object(
    {
      id: one('abcDEF123', 'xyzXYZ789'),
      function: object({ name: one('f', 'g'), arguments: fc.oneof(input, free) }),
    },
    { type: one('function'), index: fc.nat(3) },
  )

const message = fc.oneof(
  object({ role: one('system'), content: fc.oneof(word, list(fc.oneof(text, thinking))) }),
  object({ role: one('user'), content: fc.oneof(fc.constant(null), word, list(heard)) }),
  object(
    { role: one('assistant') },
    {
      content: fc.oneof(fc.constant(null), word, list(spoken)),
      tool_calls: nullable(list(call(argumentText))),
      prefix: flag,
    },
  ),
  object(
    {
      role: one('tool'),
      tool_call_id: one('abcDEF123'),
      content: fc.oneof(fc.constant(null), word, list(heard)),
    },
    { name: nullable(word) },
  ),
)

const request = object(
  { model: one('m'), messages: list(message, 4) },
  {
    frequency_penalty: nullable(one(0, 1)),
    guardrails: nullable(list(object({ block_on_error: flag }))),
    max_tokens: nullable(count),
    metadata: nullable(free),
    n: nullable(one(1, 2)),
    parallel_tool_calls: flag,
    prediction: typed('content', { content: word }),
    presence_penalty: nullable(one(0, 1)),
    prompt_cache_key: nullable(word),
    prompt_mode: nullable(one('reasoning')),
    random_seed: nullable(count),
    reasoning_effort: nullable(one('none', 'high', 'unheard_of')),
    response_format: fc.oneof(
      typed('text', {}),
      typed('json_object', {}),
      typed('json_schema', {
        json_schema: object(
          { name: one('answer'), schema },
          { description: nullable(word), strict: flag },
        ),
      }),
    ),
    safe_prompt: flag,
    stop: fc.oneof(fc.constant(null), word, list(word, 3)),
    stream: flag,
    temperature: nullable(fc.double({ min: 0, max: 1.5, noNaN: true })),
    tool_choice: fc.oneof(
      one('auto', 'none', 'any', 'required'),
      object({ function: object({ name: one('f') }) }, { type: one('function') }),
    ),
    tools: nullable(
      list(
        fc.oneof(
          object({
            type: one('function'),
            function: object(
              { name: one('f', 'g'), parameters: schema },
              { description: word, strict: flag },
            ),
          }),
          typed('web_search', {}),
        ),
      ),
    ),
    top_p: nullable(one(0, 1)),
  },
)

const usage = object(
  { prompt_tokens: count, completion_tokens: count, total_tokens: count },
  {
    num_cached_tokens: nullable(count),
    prompt_tokens_details: nullable(object({ cached_tokens: count })),
    prompt_audio_seconds: nullable(count),
  },
)

const head = { id: one('cmpl-1'), model: one('m-2026'), created: one(1_700_000_000) }
const content = fc.oneof(fc.constant(null), word, list(spoken))
const choice = fc.oneof(
  object({
    message: object(
      { role: one('assistant'), content },
      { tool_calls: fc.constant(null), prefix: flag },
    ),
    finish_reason: one('stop', 'length', 'model_length', 'error', 'unheard_of'),
  }),
  object({
    message: object({
      role: one('assistant'),
      content,
      tool_calls: fc.array(call(saidArguments), { minLength: 1, maxLength: 2 }),
    }),
    finish_reason: one('tool_calls', 'length'),
  }),
)
const response = object({
  ...head,
  object: one('chat.completion'),
  usage,
  choices: fc
    .array(choice, { minLength: 1, maxLength: 2 })
    .map((choices) => choices.map((entry, index) => ({ index, ...entry }))),
})

const FINISH = ['stop', 'length', 'tool_calls'] as const
const thought = typed('thinking', { thinking: fc.tuple(typed('text', { text: sentence })) })
const delta = fc.oneof(
  object({ content: fc.oneof(word, list(fc.oneof(text, thought))) }),
  object({ tool_calls: fc.tuple(call(saidArguments)) }),
)
const stream = fc
  .record({
    head: object({ ...head, object: one('chat.completion.chunk') }),
    deltas: list(delta, 4),
    finish: one(...FINISH),
    usage,
  })
  .map(({ head, deltas, finish, usage }): readonly JsonObject[] => {
    const chunk = (said: JsonObject, reason: string | null): JsonObject => ({
      ...head,
      choices: [{ index: 0, delta: said, finish_reason: reason }],
    })
    const called = callsIn(deltas) > 0
    const reason = called ? 'tool_calls' : finish === 'tool_calls' ? 'stop' : finish
    return [
      chunk({ role: 'assistant', content: '' }, null),
      ...deltas.map((said, at) => chunk(numbered(said, callsIn(deltas.slice(0, at))), null)),
      { ...chunk({ content: '' }, reason), usage },
    ]
  })

function callsIn(deltas: readonly JsonObject[]): number {
  return deltas.filter((said) => said['tool_calls'] !== undefined).length
}

/** Each call has an index and an id of its own. */
function numbered(said: JsonObject, index: number): JsonObject {
  const calls = said['tool_calls']
  if (!Array.isArray(calls)) return said
  return {
    ...said,
    tool_calls: calls.map((one: JsonObject) => ({ ...one, index, id: `abcDEF12${index}` })),
  }
}

function thoughtOf(said: string): JsonObject {
  return { type: 'thinking', thinking: [{ type: 'text', text: said }] }
}

const pair = fc
  .tuple(script, object(head), usage)
  .map(([{ thinking, text, calls }, about, usage]): Pair => {
    const chunk = (delta: JsonObject, reason: string | null = null): JsonObject => ({
      ...about,
      object: 'chat.completion.chunk',
      choices: [{ index: 0, delta, finish_reason: reason }],
    })
    const reason = calls.length === 0 ? 'stop' : 'tool_calls'
    const called = calls.map(({ id, name, pieces }, index) => ({
      id,
      index,
      function: { name, arguments: pieces.join('') },
    }))
    const said = text.join('')
    const content =
      thinking.length === 0
        ? said
        : [thoughtOf(thinking.join('')), ...(said === '' ? [] : [{ type: 'text', text: said }])]
    const message = { role: 'assistant', content, tool_calls: calls.length === 0 ? null : called }
    return {
      whole: {
        ...about,
        object: 'chat.completion',
        choices: [{ index: 0, message, finish_reason: reason }],
        usage,
      },
      stream: [
        chunk({ role: 'assistant', content: '' }),
        ...thinking.map((piece) => chunk({ content: [thoughtOf(piece)] })),
        ...text.map((piece) => chunk({ content: piece })),
        ...called.map((call) => chunk({ tool_calls: [call] })),
        { ...chunk({ content: '' }, reason), usage },
      ],
    }
  })

const row = (status: number, type: string, code: string | null): fc.Arbitrary<WireFailure> =>
  object({
    object: one('error'),
    message: sentence,
    type: one(type),
    param: nullable(one('messages')),
    code: fc.constant(code),
  }).map((body) => ({ status, body }))

export const mistralChatWire: WireGrammar = {
  requests: sprinkled(request),
  responses: sprinkled(response),
  streams: stream,
  pairs: pair,
  modelLists: object({
    object: one('list'),
    data: list(
      sprinkled(
        object(
          {
            id: one('a', 'b'),
            object: one('model'),
            created: count,
            owned_by: word,
            capabilities: object({ completion_chat: flag, function_calling: flag, vision: flag }),
            max_context_length: count,
            type: one('base', 'fine-tuned'),
          },
          {
            name: nullable(word),
            description: nullable(word),
            aliases: list(word),
            deprecation: nullable(word),
          },
        ),
      ),
    ),
  }),
  errors: fc.oneof(
    row(400, 'invalid_request_error', null),
    row(404, 'invalid_model', '1500'),
    row(429, 'rate_limit_exceeded', null),
    row(500, 'internal_server_error', null),
    row(503, 'service_tier_capacity_exceeded', '3505'),
  ),
}
