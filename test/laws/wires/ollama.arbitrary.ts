// What is schema-valid on Ollama's native wire.
import fc from 'fast-check'
import { type JsonObject, parseJson } from '../../../src/wire/json.ts'
import {
  type Pair,
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
  script,
  sentence,
  sprinkled,
  word,
} from './grammar.ts'

const call = object(
  { function: object({ name: one('f', 'g'), arguments: free }) },
  { id: one('call_abcdefgh') },
)
const bareCalls = fc.array(call, { minLength: 1, maxLength: 2 })
const calls = fc.tuple(flag, bareCalls).map(([counted, all]) => (counted ? numbered(all, 0) : all))

/** Servers that count calls begin with 0. */
function numbered(calls: readonly JsonObject[], first: number): JsonObject[] {
  return calls.map((one, at) => ({
    ...one,
    function: { ...Object(one['function']), index: first + at },
  }))
}

const message = fc.oneof(
  object({ role: one('system'), content: word }),
  object(
    { role: one('user'), content: word },
    { images: nullable(list(one('iVBORw0KGgo', 'AAAA'))) },
  ),
  object({ role: one('assistant'), content: word }, { thinking: word, tool_calls: calls }),
  object(
    { role: one('tool'), content: word },
    { tool_name: one('f'), tool_call_id: one('call_abcdefgh') },
  ),
)

const options = object(
  {},
  {
    frequency_penalty: one(0, 1),
    min_p: one(0, 0.1),
    mirostat: one(0, 1),
    num_ctx: count,
    num_predict: one(-1, -2, 0, 100),
    presence_penalty: one(0, 1),
    repeat_penalty: one(1.1),
    seed: fc.integer(),
    stop: list(word, 3),
    temperature: fc.double({ min: 0, max: 2, noNaN: true }),
    top_k: count,
    top_p: one(0, 1),
  },
)

const request = object(
  { model: one('m', 'ns/m:tag') },
  {
    format: fc.oneof(fc.constant(null), one('', 'json'), schema),
    keep_alive: fc.oneof(fc.constant(null), one<string | number>('5m', -1, 0)),
    logprobs: flag,
    messages: list(message, 4),
    options: nullable(options),
    shift: flag,
    stream: nullable(flag),
    think: fc.oneof(fc.constant(null), flag, one('low', 'high', 'max')),
    tools: nullable(
      list(
        object({
          type: one('function'),
          function: object({ name: one('f', 'g') }, { description: word, parameters: schema }),
        }),
      ),
    ),
    top_logprobs: fc.nat(20),
    truncate: flag,
  },
)

const counts = {
  total_duration: one(5_000_000_000),
  load_duration: one(1_000_000),
  prompt_eval_count: count,
  prompt_eval_duration: one(2_000_000),
  eval_count: count,
  eval_duration: one(3_000_000),
}
const head = {
  model: one('m'),
  created_at: one('2026-01-01T00:00:00.123456789Z', '2026-01-01T00:00:00Z'),
}
const said = { thinking: word, tool_calls: calls }
const logprob = object(
  { token: word, logprob: one(-0.5), bytes: list(fc.nat(255)) },
  {
    top_logprobs: list(object({ token: word, logprob: one(-1), bytes: list(fc.nat(255)) })),
  },
)
const response = object(
  {
    ...head,
    message: object({ role: one('assistant'), content: word }, said),
    done: fc.constant(true),
    done_reason: one('stop', 'length', 'unheard_of'),
  },
  { ...counts, logprobs: fc.array(logprob, { minLength: 1, maxLength: 2 }) },
)

const piece = fc.oneof(
  object({ role: one('assistant'), content: word }),
  object({ role: one('assistant'), content: one(''), thinking: word }),
  object({ role: one('assistant'), content: one(''), tool_calls: fc.tuple(call) }),
)
const stream = fc
  .record({
    head: object(head),
    counted: flag,
    pieces: list(piece, 4),
    end: object({ done_reason: one('stop', 'length') }, counts),
  })
  .map(({ head, counted, pieces, end }): readonly JsonObject[] => [
    ...(counted ? recounted(pieces) : pieces).map((message) => ({ ...head, message, done: false })),
    { ...head, message: { role: 'assistant', content: '' }, done: true, ...end },
  ])

function recounted(pieces: readonly JsonObject[]): readonly JsonObject[] {
  let count = 0
  return pieces.map((piece) => {
    const calls = piece['tool_calls']
    if (!Array.isArray(calls)) return piece
    count += 1
    return { ...piece, tool_calls: numbered(calls, count - 1) }
  })
}

const pair = fc
  .tuple(script, object(head), object(counts))
  .map(([{ thinking, text, calls }, about, counted]): Pair => {
    const line = (message: JsonObject): JsonObject => ({
      ...about,
      message: { role: 'assistant', ...message },
      done: false,
    })
    const called = calls.map(({ id, name, pieces }): JsonObject => ({
      id,
      function: { name, arguments: parseJson(pieces.join('')) },
    }))
    const end = { done: true, done_reason: 'stop', ...counted }
    const said = {
      content: text.join(''),
      ...(thinking.length === 0 ? {} : { thinking: thinking.join('') }),
      ...(calls.length === 0 ? {} : { tool_calls: called }),
    }
    return {
      whole: { ...about, message: { role: 'assistant', ...said }, ...end },
      stream: [
        ...thinking.map((piece) => line({ content: '', thinking: piece })),
        ...text.map((piece) => line({ content: piece })),
        ...called.map((call) => line({ content: '', tool_calls: [call] })),
        { ...line({ content: '' }), ...end },
      ],
    }
  })

const row = (status: number, error: fc.Arbitrary<string>): fc.Arbitrary<WireFailure> =>
  sprinkled(object({ error })).map((body) => ({ status, body }))

export const ollamaWire: WireGrammar = {
  requests: sprinkled(request),
  responses: sprinkled(response),
  streams: stream,
  pairs: pair,
  modelLists: object({
    models: list(
      sprinkled(
        object(
          {
            name: one('m:latest', 'ns/x:1b'),
            modified_at: one('2026-01-01T00:00:00Z'),
            size: count,
            digest: word,
            details: object({
              format: one('gguf'),
              family: word,
              families: nullable(list(word)),
              parameter_size: word,
              quantization_level: word,
              parent_model: word,
            }),
          },
          { capabilities: list(one('completion', 'tools')) },
        ),
      ).map((card) => ({ ...card, model: card['name'] ?? '' })),
    ),
  }),
  errors: fc.oneof(
    row(400, sentence),
    row(404, one("model 'm' not found")),
    row(500, sentence),
    row(503, one('server busy, please try again.  maximum pending requests exceeded')),
  ),
}
