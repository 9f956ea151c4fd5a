// Streams that are written: the one sequence that every client gets.
import { describe, expect, it } from 'vitest'
import type { ChatEvent } from '../../canonical/event.ts'
import type { Part } from '../../canonical/part.ts'
import type { FinishReason } from '../../canonical/response.ts'
import { GatewayError } from '../../canonical/errors.ts'
import { type JsonObject, ObjectReader } from '../../wire/json.ts'
import { collected, decodeFrames, emptyRequest, encodeStream, jsonOf } from '../dialect.contract.ts'
import { openaiResponses } from './dialect.ts'

const REQUEST = emptyRequest('openai-responses')

const DECODING = { request: REQUEST, profile: { provider: 'host', flags: {} } }

const ENCODING = { request: REQUEST, requestId: 'req_1', now: () => 1_700_000_000_000 }

function decoded(events: readonly JsonObject[]): readonly ChatEvent[] {
  const frames = events.map((event) => ({ data: JSON.stringify(event) }))
  return decodeFrames(openaiResponses, frames, DECODING)
}

function partsOf(events: readonly JsonObject[]): readonly Part[] {
  return collected(openaiResponses, decoded(events)).candidates.flatMap(({ parts }) => parts)
}

function encoded(events: readonly ChatEvent[]): readonly JsonObject[] {
  return jsonOf(encodeStream(openaiResponses, events, ENCODING)).map(
    (value) => ObjectReader.of(value, '').source,
  )
}

function types(frames: readonly JsonObject[]): readonly unknown[] {
  return frames.map(({ type }) => type)
}

const CREATED = { type: 'response.created', response: { id: 'resp_1', model: 'm', output: [] } }

const completed = (output: readonly JsonObject[]) => ({
  type: 'response.completed',
  response: { id: 'resp_1', status: 'completed', output },
})

const START: ChatEvent = { type: 'response-start', origin: { dialect: 'elsewhere' }, model: 'm' }

const textStart = (index: number, text = ''): ChatEvent => ({
  type: 'part-start',
  index,
  candidate: 0,
  part: { type: 'text', text },
})

const delta = (index: number, text: string): ChatEvent => ({
  type: 'part-delta',
  index,
  delta: { kind: 'text', text },
})

const end = (index: number): ChatEvent => ({ type: 'part-end', index })

const callStart = (index: number): ChatEvent => ({
  type: 'part-start',
  index,
  candidate: 0,
  part: {
    type: 'tool-call',
    kind: 'function',
    callId: `c${index}`,
    name: 'f',
    arguments: { text: '' },
  },
})

const finished = (reason: FinishReason): readonly ChatEvent[] => [
  { type: 'candidate-end', candidate: 0, finish: { reason } },
  { type: 'response-end' },
]

describe('writing', () => {
  it('gives the whole sequence, each event numbered and named, with one id an item', () => {
    const frames = encodeStream(
      openaiResponses,
      [
        START,
        textStart(0),
        delta(0, 'Hi'),
        end(0),
        callStart(1),
        end(1),
        ...finished('tool-calls'),
      ],
      ENCODING,
    )
    const events = jsonOf(frames).map((value) => ObjectReader.of(value, '').source)
    expect(types(events)).toEqual([
      'response.created',
      'response.in_progress',
      'response.output_item.added',
      'response.content_part.added',
      'response.output_text.delta',
      'response.output_text.done',
      'response.content_part.done',
      'response.output_item.done',
      'response.output_item.added',
      'response.function_call_arguments.delta',
      'response.function_call_arguments.done',
      'response.output_item.done',
      'response.completed',
    ])
    expect(events.map(({ sequence_number }) => sequence_number)).toEqual(events.map((_, at) => at))
    expect(frames.map(({ event }) => event)).toEqual(types(events))
    expect(events[9]).toMatchObject({ item_id: 'fc_req_1_1', delta: '{}' })
    expect(events.at(-1)).toMatchObject({
      response: {
        id: 'resp_req_1',
        object: 'response',
        created_at: 1_700_000_000,
        completed_at: 1_700_000_000,
        status: 'completed',
        output: [
          { id: 'msg_req_1_0', status: 'completed', content: [{ text: 'Hi' }] },
          { id: 'fc_req_1_1', status: 'completed', call_id: 'c1', arguments: '{}' },
        ],
      },
    })
  })

  it('holds back what belongs to later parts until the first has ended', () => {
    const events = encoded([
      START,
      callStart(0),
      callStart(1),
      delta(1, '{"b":2}'),
      delta(0, '{"a":1}'),
      end(1),
      end(0),
      ...finished('tool-calls'),
    ])
    const deltas = events.filter(({ delta: piece }) => piece !== undefined)
    expect(deltas).toMatchObject([
      { output_index: 0, delta: '{"a":1}' },
      { output_index: 1, delta: '{"b":2}' },
    ])
  })

  it('says adjacent texts as the parts of one message', () => {
    const events = encoded([
      START,
      textStart(0, 'One '),
      end(0),
      textStart(1, 'two'),
      end(1),
      ...finished('stop'),
    ])
    expect(events.filter(({ type }) => type === 'response.output_item.added')).toHaveLength(1)
    expect(events.at(-1)).toMatchObject({
      response: { output: [{ content: [{ text: 'One ' }, { text: 'two' }] }] },
    })
  })

  it.each([
    ['length', 'response.incomplete', { reason: 'max_output_tokens' }],
    ['context-length', 'response.incomplete', { reason: 'max_output_tokens' }],
    ['content-filter', 'response.incomplete', { reason: 'content_filter' }],
    ['stop-sequence', 'response.completed', null],
    ['pause', 'response.completed', null],
    ['other', 'response.completed', null],
  ] as const)('ends an answer that ended by %s with %s', (reason, type, why) => {
    const last = encoded([START, textStart(0, 'Hi'), end(0), ...finished(reason)]).at(-1)
    expect(last).toMatchObject({ type, response: { incomplete_details: why } })
    const status = why === null ? 'completed' : 'incomplete'
    expect(last).toMatchObject({ response: { status, output: [{ status }] } })
  })

  it.each(['error', 'malformed-tool-call'] as const)('ends in a failure after %s', (reason) => {
    const events = encoded([START, textStart(0, 'Hi'), end(0), ...finished(reason)])
    expect(types(events).slice(-2)).toEqual(['error', 'response.failed'])
  })

  it('says an error twice, flat and as a response that failed, and keeps what had been said', () => {
    const failure = new GatewayError('overloaded', 'Too busy.', { origin: 'upstream' })
    const events = encoded([
      START,
      textStart(0, 'Hi'),
      end(0),
      callStart(1),
      { type: 'usage-update', usage: { input: { total: 3 } } },
      { type: 'error', error: failure },
      ...finished('stop'),
    ])
    expect(events.slice(-2)).toMatchObject([
      { type: 'error', code: 'server_is_overloaded', message: 'Too busy.', param: null },
      {
        type: 'response.failed',
        response: {
          status: 'failed',
          error: { code: 'server_is_overloaded', message: 'Too busy.' },
          output: [{ content: [{ text: 'Hi' }] }],
          usage: { input_tokens: 3 },
        },
      },
    ])
  })

  it('begins with the response even where the first thing is an error', () => {
    const events = encoded([{ type: 'error', error: new GatewayError('internal', 'Broken.') }])
    expect(types(events)).toEqual([
      'response.created',
      'response.in_progress',
      'error',
      'response.failed',
    ])
  })

  it('places citations by their own text, and those of a whole text at its end', () => {
    const events = encoded([
      START,
      textStart(0, 'One '),
      end(0),
      textStart(1),
      delta(1, 'two'),
      {
        type: 'part-delta',
        index: 1,
        delta: { kind: 'citation', citation: { kind: 'url', url: 'u', start: 4, end: 7 } },
      },
      {
        type: 'part-delta',
        index: 1,
        delta: { kind: 'citation', citation: { kind: 'url', url: 'v', title: 'V' } },
      },
      {
        type: 'part-delta',
        index: 1,
        delta: { kind: 'citation', citation: { kind: 'document', quote: 'q' } },
      },
      end(1),
      ...finished('stop'),
    ])
    const place = { type: 'url_citation', start_index: 0, end_index: 3 }
    expect(
      events.filter(({ type }) => type === 'response.output_text.annotation.added'),
    ).toMatchObject([
      { annotation_index: 0, annotation: { ...place, url: 'u', title: '' } },
      { annotation_index: 1, annotation: { ...place, url: 'v', title: 'V' } },
    ])
  })

  it('tells probabilities with the text they belong to', () => {
    const token = { token: 'Hi', logprob: -0.5 }
    const events = encoded([
      START,
      textStart(0),
      { type: 'logprobs', candidate: 0, logprobs: [token] },
      delta(0, 'Hi'),
      end(0),
      ...finished('stop'),
    ])
    expect(events.find(({ type }) => type === 'response.output_text.delta')).toMatchObject({
      logprobs: [token],
    })
    expect(events.find(({ type }) => type === 'response.output_text.done')).toMatchObject({
      logprobs: [token],
    })
  })

  it('shows thinking of others as a summary, with an envelope that says whose it is', () => {
    const events = encoded([
      START,
      { type: 'part-start', index: 0, candidate: 0, part: { type: 'reasoning', text: 'Hm' } },
      end(0),
      ...finished('stop'),
    ])
    expect(types(events).slice(2, -1)).toEqual([
      'response.output_item.added',
      'response.reasoning_summary_part.added',
      'response.reasoning_summary_text.delta',
      'response.reasoning_summary_text.done',
      'response.reasoning_summary_part.done',
      'response.output_item.done',
    ])
    expect(events.at(-1)).toMatchObject({
      response: {
        output: [{ summary: [{ text: 'Hm' }], encrypted_content: expect.stringMatching(/^pb1\./) }],
      },
    })
  })

  it('notes what it has no place for: a second answer, media, and counts that nobody gave', () => {
    const encoder = openaiResponses.stream.encoder(ENCODING)
    for (const event of [
      START,
      textStart(0, 'Hi'),
      {
        type: 'part-start' as const,
        index: 1,
        candidate: 0,
        part: { type: 'image' as const, source: { kind: 'base64' as const, data: 'AA' } },
      },
      end(1),
      { ...textStart(2), candidate: 1 },
      { ...textStart(3), candidate: 1 },
      ...finished('stop'),
    ]) {
      encoder.write(event)
    }
    expect(encoder.notes.map(({ feature, weight }) => `${feature} ${weight}`)).toEqual([
      'image 3',
      'candidates 3',
      'usage 1',
      'usage 1',
    ])
  })

  it('breathes in comments, which no client counts', () => {
    const encoder = openaiResponses.stream.encoder(ENCODING)
    expect(encoder.keepAlive()).toEqual({ data: '', comment: 'ping', attached: true })
    expect(encoder.write({ type: 'ping' })).toEqual([{ data: '', comment: 'ping', attached: true }])
  })

  it('says the events of hosted tools again under the numbers of its own', () => {
    const items = [
      { id: 'a', type: 'mcp_list_tools', tools: [] },
      { id: 'b', type: 'mcp_list_tools', tools: [] },
    ]
    const added = (at: number) => ({
      type: 'response.output_item.added',
      output_index: at + 3,
      item: items[at],
    })
    const busy = (at: number) => ({
      type: 'response.mcp_list_tools.in_progress',
      output_index: at + 3,
      item_id: items[at]?.id,
    })
    const done = (at: number) => ({
      type: 'response.output_item.done',
      output_index: at + 3,
      item: items[at],
    })
    const events = encoded(
      decoded([CREATED, added(0), added(1), busy(1), busy(0), done(1), done(0), completed([])]),
    )
    expect(
      events.filter(({ type }) => type === 'response.mcp_list_tools.in_progress'),
    ).toMatchObject([
      { output_index: 0, item_id: 'a' },
      { output_index: 1, item_id: 'b' },
    ])
  })
})

describe('thinking', () => {
  it('announced with half of its encrypted form has the whole one', () => {
    const item = { id: 'rs_1', type: 'reasoning', summary: [] }
    const parts = partsOf([
      CREATED,
      {
        type: 'response.output_item.added',
        output_index: 0,
        item: { ...item, encrypted_content: 'half' },
      },
      {
        type: 'response.reasoning_summary_part.added',
        item_id: 'rs_1',
        output_index: 0,
        summary_index: 0,
      },
      {
        type: 'response.reasoning_summary_text.delta',
        item_id: 'rs_1',
        output_index: 0,
        summary_index: 0,
        delta: 'Hm.',
      },
      {
        type: 'response.output_item.done',
        output_index: 0,
        item: {
          ...item,
          summary: [{ type: 'summary_text', text: 'Hm.' }],
          encrypted_content: 'whole',
        },
      },
      { type: 'response.completed', response: { status: 'completed', output: [] } },
    ])
    expect(parts).toMatchObject([{ type: 'reasoning', text: 'Hm.', seal: { payload: 'whole' } }])
    expect(parts[0]).not.toHaveProperty('redacted')
  })
})

describe('an error event', () => {
  it('is flat, as documented, and holds the object that the vendor sends', () => {
    const error = new GatewayError('overloaded', 'Busy.', { origin: 'upstream' })
    const said = { code: 'server_is_overloaded', message: 'Busy.', param: null }
    expect(encoded([{ type: 'error', error }]).find(({ type }) => type === 'error')).toMatchObject({
      ...said,
      error: { ...said, type: 'service_unavailable_error' },
    })
  })
})
