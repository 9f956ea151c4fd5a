// What this wire's own providers send comes back to this wire's own clients as it was, known or not.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Json, type JsonObject, parseJson } from '../../wire/json.ts'
import {
  collected,
  decodeFrames,
  emptyRequest,
  encodeStream,
  essence,
  jsonOf,
  plain,
} from '../dialect.contract.ts'
import { anthropicMessages } from './dialect.ts'

const REQUEST = emptyRequest('anthropic-messages')
const DECODING = { request: REQUEST, profile: { provider: 'test', flags: {} } }
const ENCODING = { request: REQUEST, requestId: 'req_1', now: () => 0 }

const extra = fc.dictionary(fc.constantFrom('x_new', 'later', 'odd'), fc.jsonValue(), {
  maxKeys: 2,
})
const text = fc.string({ maxLength: 5, unit: 'grapheme' })

function withExtra(value: object): fc.Arbitrary<JsonObject> {
  return extra.map((more) => JSON.parse(JSON.stringify({ ...more, ...value })))
}

const citation = fc.oneof(
  withExtra({ type: 'char_location', cited_text: 'a', document_title: null, start_char_index: 1 }),
  withExtra({
    type: 'web_search_result_location',
    url: 'https://example.com',
    title: 't',
    cited_text: 'a',
    encrypted_index: 'e',
  }),
  withExtra({ type: 'new_location' }),
)

/** A block as a whole answer holds it. */
const block = fc.oneof(
  text.chain((value) => withExtra({ type: 'text', text: value })),
  fc
    .array(citation, { maxLength: 2 })
    .chain((citations) => withExtra({ type: 'text', text: 'a', citations })),
  text.chain((value) => withExtra({ type: 'thinking', thinking: value, signature: 'sig' })),
  withExtra({ type: 'redacted_thinking', data: 'ZW5j' }),
  fc
    .dictionary(text, fc.jsonValue(), { maxKeys: 2 })
    .chain((input) => withExtra({ type: 'tool_use', id: 't', name: 'f', input })),
  withExtra({ type: 'server_tool_use', id: 's', name: 'web_search', input: { q: 1 } }),
  withExtra({ type: 'web_search_tool_result', tool_use_id: 's', content: [{ url: 'u' }] }),
)

const usage = withExtra({ input_tokens: 3, cache_read_input_tokens: 2, output_tokens: 5 })

const ending = fc.record({
  stop_reason: fc.constantFrom('end_turn', 'tool_use', 'max_tokens', 'refusal', 'unheard_of'),
  stop_sequence: fc.constantFrom(null, 'X'),
  stop_details: fc.constantFrom(null, { type: 'refusal', category: null }),
})

const message = fc
  .record({ content: fc.array(block, { maxLength: 4 }), usage, ending })
  .chain(({ content, usage, ending }) =>
    withExtra({
      id: 'msg_1',
      type: 'message',
      role: 'assistant',
      model: 'm',
      content,
      ...ending,
      usage,
    }),
  )

function decodeWhole(body: Json) {
  return anthropicMessages.response.decode({ status: 200, headers: {}, body }, DECODING)
}

function decodeStream(events: readonly JsonObject[]) {
  const frames = events.map((event) => ({ data: JSON.stringify(event) }))
  return decodeFrames(anthropicMessages, frames, DECODING)
}

/** The deltas in which the vendor streams a block, each with something new on it. */
function deltasOf(block: JsonObject): readonly JsonObject[] {
  const { citations, input, signature, text, thinking } = block
  switch (block['type']) {
    case 'text': {
      const cited = Array.isArray(citations) ? citations : []
      return [
        ...cited.map((one: Json) => ({ type: 'citations_delta', citation: one })),
        { type: 'text_delta', text, x_new: 1 },
      ]
    }
    case 'thinking':
      return [
        { type: 'thinking_delta', thinking },
        { type: 'tone_delta', tone: 'calm' },
        { type: 'signature_delta', signature },
      ]
    case 'tool_use':
    case 'server_tool_use':
      return [
        { type: 'input_json_delta', partial_json: '' },
        { type: 'input_json_delta', partial_json: JSON.stringify(input) },
      ]
    default:
      return []
  }
}

const EMPTY: Readonly<Record<string, JsonObject>> = {
  text: { text: '' },
  thinking: { thinking: '', signature: '' },
  tool_use: { input: {} },
  server_tool_use: { input: {} },
}

/** The stream in which the vendor would say a whole answer. */
function streamOf(whole: JsonObject): readonly JsonObject[] {
  const { content, stop_details, stop_reason, stop_sequence, usage, ...head } = whole
  const blocks: readonly JsonObject[] = JSON.parse(JSON.stringify(content))
  const open = {
    content: [],
    stop_reason: null,
    stop_sequence: null,
    usage: { input_tokens: 1, output_tokens: 1 },
  }
  return [
    { type: 'message_start', message: { ...head, ...open } },
    ...blocks.flatMap((block, index) => [
      {
        type: 'content_block_start',
        index,
        content_block: { ...block, ...EMPTY[String(block['type'])], ...uncited(block) },
      },
      ...deltasOf(block).map((delta) => ({
        type: 'content_block_delta',
        index,
        delta,
        seen: true,
      })),
      { type: 'content_block_stop', index },
    ]),
    { type: 'progress_note', later: [1] },
    {
      type: 'message_delta',
      delta: { stop_reason, stop_sequence, stop_details, odd: 1 },
      usage,
      beside: 2,
    },
    { type: 'message_stop', metrics: { firstByte: 3 } },
  ]
}

function uncited(block: JsonObject): JsonObject {
  return block['citations'] === undefined ? {} : { citations: [] }
}

describe('an answer of the same protocol', () => {
  it('comes back as it was, with what is not known on every level', () => {
    fc.assert(
      fc.property(message, (body) => {
        const encoded = anthropicMessages.response.encode(decodeWhole(body), ENCODING)
        expect(plain(encoded.value.body)).toEqual(body)
      }),
      { numRuns: 300 },
    )
  })

  it('comes back frame by frame when it is streamed', () => {
    fc.assert(
      fc.property(message, (body) => {
        const events = streamOf(body)
        const again = jsonOf(encodeStream(anthropicMessages, decodeStream(events), ENCODING))
        expect(again).toEqual(parseJson(JSON.stringify(events)))
      }),
      { numRuns: 300 },
    )
  })

  it('says the same whole and streamed', () => {
    fc.assert(
      fc.property(message, (body) => {
        const streamed = collected(anthropicMessages, decodeStream(streamOf(body)))
        expect(essence(streamed)).toEqual(essence(decodeWhole(body)))
      }),
      { numRuns: 300 },
    )
  })
})
