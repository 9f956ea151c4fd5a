// What this wire's own providers and clients send comes back as it was, known or not, whole and streamed.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { explode } from '../../canonical/explode.ts'
import { responseArbitrary } from '../../canonical/response.arbitrary.ts'
import type { Frame } from '../../wire/frame.ts'
import type { Json, JsonObject } from '../../wire/json.ts'
import {
  collected,
  decodeFrames,
  emptyRequest,
  encodeStream,
  essence,
  jsonOf,
  plain,
} from '../dialect.contract.ts'
import { assembleResponse } from './assembled-response.contract.ts'
import { openaiResponses } from './dialect.ts'

const REQUEST = emptyRequest('openai-responses')
const DECODING = { request: REQUEST, profile: { provider: 'test', flags: {} } }
const ENCODING = { request: REQUEST, requestId: 'req_1', now: () => 1_700_000_000_000 }

const extra = fc.dictionary(fc.constantFrom('x_new', 'later', 'odd'), fc.jsonValue(), {
  maxKeys: 2,
})
const text = fc.string({ maxLength: 5, unit: 'grapheme' })

function withExtra(value: object): fc.Arbitrary<JsonObject> {
  return extra.map((more) => JSON.parse(JSON.stringify({ ...more, ...value })))
}

const annotation = fc.oneof(
  withExtra({ type: 'url_citation', url: 'u', title: 't', start_index: 0, end_index: 1 }),
  withExtra({ type: 'url_citation', url: 'u' }),
  withExtra({ type: 'file_citation', file_id: 'f', filename: 'n', index: 3 }),
  withExtra({ type: 'file_path', file_id: 'f', index: 3 }),
  withExtra({ type: 'cited_later' }),
)
const logprob = withExtra({ token: 'a', logprob: -0.5, bytes: [97], top_logprobs: [] })

const content = fc.oneof(
  fc
    .record({
      text,
      annotations: fc.array(annotation, { maxLength: 2 }),
      logprobs: fc.array(logprob, { maxLength: 2 }),
    })
    .chain((part) => withExtra({ type: 'output_text', ...part })),
  text.chain((value) => withExtra({ type: 'output_text', text: value })),
  text.chain((refusal) => withExtra({ type: 'refusal', refusal })),
  withExtra({ type: 'said_later', x: 1 }),
)
const summaries = fc.array(
  text.chain((value) => withExtra({ type: 'summary_text', text: value })),
  { maxLength: 3 },
)
const thoughts = fc.array(
  text.chain((value) => withExtra({ type: 'reasoning_text', text: value })),
  { maxLength: 2 },
)

const itemOf = (at: number): fc.Arbitrary<JsonObject> =>
  fc.oneof(
    fc
      .record({ content: fc.array(content, { maxLength: 3 }) })
      .chain((message) =>
        withExtra({ id: `m${at}`, type: 'message', role: 'assistant', ...message }),
      ),
    fc
      .record(
        { summary: summaries, content: thoughts, encrypted_content: fc.constant('gAAAA') },
        { requiredKeys: ['summary'] },
      )
      .chain((item) => withExtra({ id: `r${at}`, type: 'reasoning', ...item })),
    text.chain((input) =>
      withExtra({
        id: `f${at}`,
        type: 'function_call',
        call_id: `c${at}`,
        name: 'f',
        arguments: input,
      }),
    ),
    text.chain((input) =>
      withExtra({ id: `t${at}`, type: 'custom_tool_call', call_id: `c${at}`, name: 'f', input }),
    ),
    withExtra({ id: `w${at}`, type: 'web_search_call', status: 'completed' }),
    withExtra({ id: `n${at}`, type: 'made_later', content: null }),
  )

const output = fc
  .integer({ min: 0, max: 4 })
  .chain((count) => fc.tuple(...Array.from({ length: count }, (_, at) => itemOf(at))))

const ending = fc.constantFrom(
  { status: 'completed' },
  { status: 'completed', error: null, incomplete_details: null },
  { status: 'incomplete', incomplete_details: { reason: 'max_output_tokens', x: 1 } },
  { status: 'incomplete', incomplete_details: { reason: 'unheard_of' } },
)

const answer = fc.record({ output, ending }).chain((parts) =>
  withExtra({
    id: 'resp_1',
    object: 'response',
    created_at: 5,
    model: 'm',
    ...parts.ending,
    output: parts.output,
    usage: { input_tokens: 3, output_tokens: 5, total_tokens: 8, x: [1] },
  }),
)

/** A whole answer's probabilities come after its texts, and are not told with each of them again. */
function withoutLogprobs(frames: readonly Frame[]): Json {
  const assembled = JSON.stringify(assembleResponse(jsonOf(frames)), (key, value: Json) =>
    key === 'logprobs' ? null : value,
  )
  return JSON.parse(assembled)
}

describe('an answer of this wire', () => {
  it('is the same JSON after it has been read', () => {
    fc.assert(
      fc.property(answer, (body) => {
        const decoded = openaiResponses.response.decode(
          { status: 200, headers: {}, body },
          DECODING,
        )
        const { value, notes } = openaiResponses.response.encode(decoded, ENCODING)
        expect(plain(value.body)).toEqual(plain(body))
        expect(notes).toEqual([])
      }),
      { numRuns: 500 },
    )
  })

  it('is the same response at the end of a stream, and said by its pieces too', () => {
    fc.assert(
      fc.property(answer, (body) => {
        const decoded = openaiResponses.response.decode(
          { status: 200, headers: {}, body },
          DECODING,
        )
        const frames = encodeStream(openaiResponses, [...explode(decoded)], ENCODING)
        const last = jsonOf(frames).at(-1)
        expect(plain(last)).toMatchObject({ response: plain(body) })
        const again = decodeFrames(openaiResponses, frames, DECODING)
        expect(essence(collected(openaiResponses, again))).toEqual(essence(decoded))
        const twice = encodeStream(openaiResponses, again, ENCODING)
        expect(withoutLogprobs(twice)).toEqual(withoutLogprobs(frames))
      }),
      { numRuns: 300 },
    )
  })
})

describe('an answer of any wire', () => {
  it('says the same as a stream as it does whole', () => {
    fc.assert(
      fc.property(responseArbitrary, (response) => {
        const single = { ...response, candidates: response.candidates.slice(0, 1) }
        const whole = openaiResponses.response.encode(single, ENCODING).value.body
        const frames = jsonOf(encodeStream(openaiResponses, [...explode(single)], ENCODING))
        expect(plain(frames.at(-1))).toMatchObject({ response: plain(whole) })
      }),
      { numRuns: 300 },
    )
  })
})

const inputItem = fc.oneof(
  fc
    .record({
      role: fc.constantFrom('user', 'assistant', 'system', 'developer'),
      content: fc.oneof(text, fc.array(content, { maxLength: 2 }), fc.constant(null)),
    })
    .chain((message) => withExtra(message)),
  itemOf(1),
  fc
    .oneof(text, fc.array(content, { maxLength: 2 }))
    .chain((said) => withExtra({ type: 'function_call_output', call_id: 'c', output: said })),
  withExtra({ id: 'x' }),
)

const setting = fc.oneof(
  withExtra({}),
  withExtra({ text: { format: { type: 'json_schema', name: 'n', schema: {}, x: 1 }, y: 2 } }),
  withExtra({ text: { format: { type: 'said_later' } } }),
  withExtra({ reasoning: { effort: 'low', summary: 'auto', x: 1 }, text: {} }),
  withExtra({ reasoning: { effort: 'unheard_of', summary: null } }),
  withExtra({ tool_choice: 'any', tools: [{ type: 'function', name: 'f', x: 1 }] }),
  withExtra({ tool_choice: { type: 'function', name: 'f', x: 1 } }),
  withExtra({ tool_choice: { type: 'allowed_tools', mode: 'required', tools: [{ type: 'x' }] } }),
  withExtra({ tools: [{ type: 'custom', name: 'c', format: { type: 'text', x: 1 }, y: 2 }] }),
  withExtra({ instructions: '', include: ['a'], store: true, user: null }),
)

describe('a request of this wire', () => {
  it('is the same JSON after it has been read', () => {
    fc.assert(
      fc.property(fc.array(inputItem, { maxLength: 3 }), setting, (input, settings) => {
        const body: JsonObject = { ...settings, model: 'm', input }
        const request = openaiResponses.request.decode({
          method: 'POST',
          path: '',
          headers: {},
          body,
        })
        const { body: again } = openaiResponses.request.encode(request, DECODING.profile)
        expect(plain(again)).toEqual(plain(body))
      }),
      { numRuns: 500 },
    )
  })
})
